%% set sdk = false
%% set relay = false
%% set asking = "askAgain" if retry else "askGuarded" if breaker else "ask"
%% set messages_type = "object[]"
%% set event_type = "any"
%% set message_type = "Message" if tool or not stream else "any"
%% set expected = "expected" if stream and count else '"text/event-stream"' if stream else '"application/json"'
%% set limit = "limit"
%% set events = 'receive("/v1/messages", body, limit)'
%% set event_error = "new ApiError(data.trim(), value, new Response())" if temporary else "new Error(data.trim())"
%% set hasty = connect_timeout < 10
%% set patience = " `fetch` tries to connect for 10 s; Node's diagnostics tell when it has." if hasty else " `fetch` gives up connecting after 10 s by itself, and has no setting for it."
%% if silence_timeout > 300
%% set patience = patience ~ " In Node it also gives up after 300 s of silence."
%% endif
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none.
// Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short{{ ", 6 fallback" if breaker else "" }}.

%% if hasty
import { subscribe } from "node:diagnostics_channel";
%% endif
%% include "_javascript/imports.mjs"

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
const KEY = process.env.ANTHROPIC_API_KEY;
const BASE = process.env.ANTHROPIC_BASE_URL || "https://api.anthropic.com";
%% include "_javascript/asked.mjs"
%% if hasty
const CONNECT_TIMEOUT = {{ connect_timeout }};
%% endif
const SILENCE_TIMEOUT = {{ silence_timeout }}; // seconds
%% include "_javascript/constants.mjs"
%% if tool or not stream
/** @typedef {{ "{{" }} id: any, content: any[], stop_reason: any, usage: any }} Message */
%% endif
%% if tool

%% include "_javascript/tool.mjs"
%% endif
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

¶ What went wrong | What `fetch` throws wraps what went wrong; where it tried several addresses, the first has to do.
{{ function("function why", {"error": "any"}, "What went wrong, in one line.") }}
  const cause = error.cause?.errors?.[0] ?? error.cause ?? error;
  return String(cause).slice(0, 300);
}
%% if temporary

/** An answer that is none, and what it says; status 200 inside a stream. */
class ApiError extends Error {
  name = "ApiError";

  /** @param {string} words @param {any} told @param {Response} response */
  constructor(words, told, { status, headers }) {
    super(words);
    this.told = told;
    this.status = status;
    this.headers = headers;
  }
}
%% endif

%% if stream
¶ The events | A chunk may end inside a line or a character, or between CR and LF. Comments, ids and frames without data are passed over, and events of unknown names, whatever their data is. What comes as `error` is thrown, whatever it is. The timer starts anew with every chunk: pings count, so hidden thinking may take its time.{{ patience }} A compressed stream may be held back until its end, so none is asked for.{{ " The file gets every chunk before it is read." if save }}
%% include "_javascript/event_of.mjs"

%% else
¶ A request | The timer covers the wait for the answer, which is sent in one piece.{{ patience }}
%% endif
{{ function("async function* receive", {"path": "string", "body": "any", "limit": "AbortController"}, "Yields the events of an answer" ~ (", or the JSON of another." if stream and count else "." if stream else ": here it is one JSON.")) }}
  const timer = setTimeout(() => {
    limit.abort(new Error(`no byte for ${SILENCE_TIMEOUT} s`));
  }, 1000 * SILENCE_TIMEOUT);
%% if hasty
  const connecting = setTimeout(() => {
    limit.abort(new Error(`not connected after ${CONNECT_TIMEOUT} s`));
  }, 1000 * CONNECT_TIMEOUT);
  subscribe("undici:client:sendHeaders", () => clearTimeout(connecting));
%% endif
  try {
    const response = await fetch(BASE.replace(/\/$/, "") + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${KEY}`,
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
        "accept-encoding": "identity",
      },
      body: JSON.stringify(body),
      signal: {{ "AbortSignal.any([limit.signal, stopped.signal])" if stop else "limit.signal" }},
    });
    const type = String(response.headers.get("content-type")).toLowerCase();
%% if stream and count
    const expected = body.stream ? "text/event-stream" : "application/json";
%% endif
    if (!response.ok || !type.startsWith({{ expected }})) {
      const told = await response.json().catch(() => "no JSON");
      const words = `HTTP ${response.status}, ${type}: ${JSON.stringify(told)}`;
      throw new {{ "ApiError(words, told, response)" if temporary else "Error(words)" }};
    }
%% if request_id
    console.error(`[request ${response.headers.get("request-id")}]`);
%% endif
%% if not stream
    yield await response.json();
%% else
%% if count
    if (!body.stream) {
      yield await response.json();
      return;
    }
%% endif
    const decoder = new TextDecoder();
    let [rest, name, data] = ["", "", ""];
    for await (const chunk of response.body ?? []) {
      timer.refresh();
%% if save
      appendFileSync(RAW, chunk);
%% endif
      const text = rest + decoder.decode(chunk, { stream: true });
      if (text.length + data.length > 32_000_000) {
        throw new Error("an event of more than 32 million characters");
      }
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [field] = line.split(":", 1);
        const value = line.slice(field.length + 1).replace(/^ /, "");
        if (field === "event") name = value;
        if (field === "data") data += `${value}\n`;
        if (line) continue;
        if (data) yield eventOf(name, data);
        [name, data] = ["", ""];
      }
    }
    // The last line end, and the blank line after it, may be missing.
    if (rest.startsWith("data:")) data += rest.slice(5);
    if (data) yield eventOf(name, data);
%% endif
  } finally {
    clearTimeout(timer);
%% if hasty
    clearTimeout(connecting);
%% endif
    limit.abort();
  }
}

%% if stream
%% include "_javascript/events.mjs"

¶ One request | Only `message_stop` says that an answer is whole: a stream may end early in good order, and an `error` event comes after status 200. Another `message_start` is another answer, of a proxy that asked again. Pings extend neither the ten seconds after a `message_delta` nor the hour for all.
%% else
¶ One request | Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way.{{ notes_why }}
%% endif
{{ function("async function ask", {"messages": messages_type}, "Prints the answer as it comes." if stream else "Prints the answer once it is there.", "" if stream else "Promise<Message>") }}
  const body = {
    model: MODEL,
    max_tokens: MAX_TOKENS,
%% if stream
    stream: true,
%% endif
%% if system
    system: SYSTEM,
%% endif
%% if stop_sequences
    stop_sequences: STOP_SEQUENCES,
%% endif
%% if display
    thinking: { type: "adaptive", display: {{ display }} },
%% endif
%% set at = "    "
%% include "_javascript/output_config.mjs"
%% if tool
    tools: [TOOL],
%% endif
    messages,
  };
  const limit = new AbortController();
%% if stream
%% include "_javascript/read.mjs"
}
%% else
  const answer = receive("/v1/messages", body, limit);
  const { value: message } = await answer.next();
  // Its timer would keep the program alive.
  await answer.return();
%% include "_javascript/at_once.mjs"
}
%% endif
%% if temporary

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
{{ function("function isTemporary", {"error": "unknown"}, "Whether another request may do better.") }}
%% if stop
  if (stopped.signal.aborted) return false;
%% endif
  // Without a key nothing is sent, now or later.
  if (!KEY) return false;
  if (!(error instanceof ApiError)) return true;
  const { type, details } = Object(error.told?.error);
  if (NEVER_RETRIED.includes(details?.error_code)) return false;
  if (error.status === 200 && type) return TEMPORARY.includes(type);
  const told = error.headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  // What comes with status 200 and is no stream may be the page of a proxy.
  return [200, 408, 409, 429].includes(error.status) || error.status >= 500;
}
%% endif
%% include "_javascript/trying.mjs"
%% if tool

%% include "_javascript/loop.mjs"
%% endif
%% if usage

%% include "_javascript/usage.mjs"
%% endif
%% if count

¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
{{ function("async function count", {"messages": messages_type}, "Tells how many tokens the request has.") }}
  const body = {
    model: MODEL,
%% if system
    system: SYSTEM,
%% endif
%% if tool
    tools: [TOOL],
%% endif
    messages,
  };
  try {
    const path = "/v1/messages/count_tokens";
    for await (const counted of receive(path, body, new AbortController())) {
      console.error(`[about ${counted.input_tokens} tokens in]`);
    }
  } catch (error) {
    console.error(`[not counted: ${why(error)}]`);
  }
}
%% endif

%% include "_javascript/ending.mjs"
