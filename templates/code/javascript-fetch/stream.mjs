%% set simple = not (retry or tool or count)
%% set asking = "askAgain" if retry else "askGuarded" if breaker else "ask"
%% set hasty = connect_timeout < 10
%% set deeper = "  " if stop or breaker else ""
%% set patience = " `fetch` tries to connect for 10 s; Node's diagnostics tell when it has." if hasty else " `fetch` gives up connecting after 10 s by itself, and has no setting for it."
%% if silence_timeout > 300
%% set patience = patience ~ " In Node it also gives up after 300 s of silence."
%% endif
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
%% set expected = "expected" if stream and count else '"text/event-stream"' if stream else '"application/json"'
%% set path = '"/v1/messages", ' if count else ""
¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none.
// Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short{{ ", 6 fallback" if breaker else "" }}.

%% if hasty
import { subscribe } from "node:diagnostics_channel";
%% endif
%% if save and keep
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
%% elif save
import { appendFileSync, rmSync } from "node:fs";
%% elif keep
import { writeFileSync } from "node:fs";
%% endif
%% if retry
import { setTimeout as sleep } from "node:timers/promises";
%% endif

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
const KEY = process.env.ANTHROPIC_API_KEY;
const BASE = process.env.ANTHROPIC_BASE_URL || "https://api.anthropic.com";
%% if ends
// Deprecated: its end of life is {{ ends }}.
%% endif
const MODEL = {{ model }};
const MAX_TOKENS = {{ max_tokens }};
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
%% if hasty
const CONNECT_TIMEOUT = {{ connect_timeout }};
%% endif
const SILENCE_TIMEOUT = {{ silence_timeout }};
%% include "_javascript/exit_status.mjs"
%% if temporary
// An error inside a stream comes with status 200. These are worth another try.
const TEMPORARY = [
  "overloaded_error",
  "api_error",
  "rate_limit_error",
  "timeout_error",
];
// No retry gets past a spend limit.
{{ constant_list("NEVER_RETRIED", never_retried) }}
%% endif
%% if retry
const ATTEMPTS = 3;
const LONGEST_WAIT = 60;
%% endif
%% if keep
const PARTIAL = "partial-answer.txt";
%% endif
%% if save
const RAW = "stream.sse";
%% endif
%% if stop
const stopped = new AbortController();
process.once("SIGINT", () => stopped.abort());
%% endif
let shown = "";
%% if tool or usage
/** @typedef {Record<string, any>} Json */
%% endif
%% if tool

¶ The tool | Stands for yours. A call that cannot be done is answered too: Claude reads why, and can try again.
const TURNS = 5;
const TOOL = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  },
};

/** @param {Json} call @returns {Json} The result of a call. */
function run(call) {
  const location = call.input?.location;
  const isKnown = call.name === "get_forecast" && typeof location === "string";
  const content = isKnown
    ? JSON.stringify({ location, rain_mm: 11, high_celsius: 7 })
    : `${call.name} cannot take ${JSON.stringify(call.input)}`;
  return {
    type: "tool_result",
    tool_use_id: call.id,
    content,
    is_error: !isKnown,
  };
}
%% endif
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

%% if simple
¶ What went wrong | What `fetch` throws wraps what went wrong; where it tried several addresses, the first has to do.
%% else
¶ What went wrong | An HTTP error and an `error` event have the same shape. What is no JSON was sent by something in between, such as a proxy: then the content type has to do.
/** @param {any} told An error as the API tells it, or what came instead. */
function explain(told) {
  const { error, request_id: id = "unknown" } = Object(told);
  if (error?.type) return `${error.type}: ${error.message} (request ${id})`;
  return `no {{ "event stream" if stream else "message" }}, but ${JSON.stringify(told).slice(0, 200)}`;
}

%% endif
/** @param {any} error What `fetch` throws wraps what went wrong. */
function why(error) {
  return String(error.cause?.errors?.[0] ?? error.cause ?? error);
}
%% if temporary

/** An answer that is none, and what it says; status 200 inside a stream. */
class ApiError extends Error {
  name = "ApiError";

  /** @param {any} told @param {number} status @param {Headers} headers */
  constructor(told, status, headers) {
    super(`HTTP ${status}: ${explain(told)}`);
    this.told = told;
    this.status = status;
    this.headers = headers;
  }
}
%% endif

%% if stream
¶ The events | A chunk may end inside a line or a character: what is left waits for the next one, also a CR that may be half of a CR LF. The timer starts anew with every chunk: pings count, so hidden thinking may take its time.{{ patience }}{{ " The file gets every chunk before it is read, decompressed by `fetch`." if save else "" }}
/** Yields the events of an answer. {{ "@param {string} path " if count else "" }}@param {any} body */
async function* receive({{ "path, " if count else "" }}body) {
%% else
¶ A request | The timer starts anew with every chunk, and covers the wait before the first.{{ patience }}
/** The answer to a request. {{ "@param {string} path " if count else "" }}@param {any} body */
async function post({{ "path, " if count else "" }}body) {
%% endif
%% if stop
  stopped.signal.throwIfAborted();
%% endif
  const limit = new AbortController();
%% if stop
  const { signal } = limit;
  // It listens no longer than the request lasts.
  stopped.signal.addEventListener("abort", () => limit.abort(), { signal });
%% endif
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
    const response = await fetch({{ 'BASE.replace(/\\/$/, "") + path' if count else '`${BASE.replace(/\\/$/, "")}/v1/messages`' }}, {
      method: "POST",
      headers: {
        authorization: `Bearer ${KEY}`,
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      signal: limit.signal,
    });
    timer.refresh();
    const type = response.headers.get("content-type") ?? "";
%% if stream and count
    const expected = body.stream ? "text/event-stream" : "application/json";
%% endif
    if (!response.ok || !type.startsWith({{ expected }})) {
%% if simple
      const told = (await response.text().catch(String)).slice(0, 1000);
      throw new Error(`HTTP ${response.status}, ${type}: ${told}`);
%% else
      const told = await response.json().catch(() => type);
%% if temporary
      throw new ApiError(told, response.status, response.headers);
%% else
      throw new Error(`HTTP ${response.status}: ${explain(told)}`);
%% endif
%% endif
    }
%% if request_id
    console.error(`[request ${response.headers.get("request-id")}]`);
%% endif
%% if stream and count
    if (!body.stream) {
      yield await response.json();
      return;
    }
%% endif
%% if stream
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let rest = "";
    let data = "";
    for await (const chunk of response.body ?? []) {
      timer.refresh();
%% if save
      appendFileSync(RAW, chunk);
%% endif
      const text = rest + decoder.decode(chunk, { stream: true });
      const lines = text.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line.startsWith("data:")) data += `${line.slice(5)}\n`;
        if (line === "" && data) {
          yield JSON.parse(data);
          data = "";
        }
      }
    }
    // The last line end, and the blank line after it, may be missing.
    if (rest.startsWith("data:")) data += rest.slice(5);
    if (data) yield JSON.parse(data);
%% else
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.body ?? []) {
      timer.refresh();
      text += decoder.decode(chunk, { stream: true });
    }
    return JSON.parse(text);
%% endif
  } finally {
    clearTimeout(timer);
%% if hasty
    clearTimeout(connecting);
%% endif
    limit.abort();
  }
}
%% if stream and tool

¶ Putting it together | The tool's loop needs the whole message. A block counts once it is closed: a call that was cut is never run. Blocks of unknown types are kept as they came.
/**
 * Puts what an event brings into the content of the message.
 * @param {Json} event
 * @param {Map<number, Json>} opened
 * @param {Json[]} content
 */
function collect({ type, index, content_block, delta }, opened, content) {
  if (index === undefined) return;
  if (type === "content_block_start") opened.set(index, content_block);
  const block = opened.get(index);
  if (!block) throw new Error(`block ${index} was never opened`);
  if (type === "content_block_delta") add(delta, block);
  if (type === "content_block_stop") {
    const { partial_json: input, ...rest } = block;
    const isCall = input !== undefined;
    content.push(isCall ? { ...rest, input: JSON.parse(input || "{}") } : rest);
    opened.delete(index);
  }
}

/**
 * Puts a delta into its block. Those of unknown types are passed over.
 * @param {Json} delta
 * @param {Json} block
 */
function add(delta, block) {
  switch (delta.type) {
    case "text_delta":
      block.text += delta.text;
      break;
    case "input_json_delta":
      block.partial_json = (block.partial_json ?? "") + delta.partial_json;
      break;
    case "thinking_delta":
      block.thinking += delta.thinking;
      break;
    case "signature_delta":
      block.signature = delta.signature;
      break;
    case "citations_delta":
      block.citations = [...(block.citations ?? []), delta.citation];
      break;
  }
}
%% endif
%% if stream and all_events

¶ Every event | What is not text goes to stderr. Events, blocks and deltas of unknown types are passed over.
/** @param {any} event Shown is what comes beside the text. */
function tell({ type, content_block: block, delta }) {
  if (type === "ping") console.error("[ping]");
  if (type === "content_block_start") console.error(`\n[${block?.type}]`);
  switch (delta?.type) {
    case "thinking_delta":
      process.stderr.write(delta.thinking);
      break;
    case "input_json_delta":
      process.stderr.write(delta.partial_json);
      break;
    case "citations_delta":
      console.error(`[cited: ${delta.citation?.cited_text}]`);
      break;
  }
}
%% endif

%% if stream
¶ One answer | Only `message_stop` says that it is whole: a stream may end early in good order, and an `error` event comes after status 200.{{ " The usage of `message_delta` replaces that of `message_start`: nothing is added up." if usage else "" }}{{ notes_why }}
%% else
¶ One answer | Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way.{{ notes_why }}
%% endif
%% set what = "Prints the answer as it comes." if stream else "Prints the answer once it is there."
/** {{ what }} @param {object[]} messages */
async function ask(messages) {
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
%% if effort
    output_config: { effort: {{ effort }} },
%% endif
%% if tool
    tools: [TOOL],
%% endif
    messages,
  };
%% if stream
  /** @type {any} */
  let message = {};
%% if tool
  const opened = new Map();
%% endif
  for await (const event of receive({{ path }}body)) {
    const { type, delta } = event;
%% if all_events
    tell(event);
%% endif
%% if tool
    message.content ??= [];
    collect(event, opened, message.content);
%% endif
%% if tool or usage
    if (type === "message_start") message = event.message;
%% endif
%% if usage
    if (type === "message_delta") {
      const usage = newest(message.usage, event.usage);
      Object.assign(message, delta, { usage });
    }
%% else
    if (type === "message_delta") Object.assign(message, delta);
%% endif
    if (type === "message_stop") return message;
%% if temporary
    if (type === "error") throw new ApiError(event, 200, new Headers());
%% else
    if (type === "error") throw new Error({{ "JSON.stringify" if simple else "explain" }}(event));
%% endif
    if (delta?.type === "text_delta") {
      process.stdout.write(delta.text);
      shown += delta.text;
    }
%% if notes and not all_events
    if (delta?.type === "thinking_delta") process.stderr.write(delta.thinking);
    if (delta?.type === "signature_delta") console.error();
%% endif
  }
  throw new Error("the stream ended before message_stop");
%% else
  const message = await post({{ path }}body);
  for (const block of message.content) {
    if (block.type === "text") {
      process.stdout.write(block.text);
      shown += block.text;
    }
%% if notes
    if (block.type === "thinking") console.error(block.thinking);
%% endif
  }
  return message;
%% endif
}
%% if temporary

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
/** @param {unknown} error Whether another request may do better. */
function isTemporary(error) {
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
%% if retry

¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
/**
 * Seconds until the next try, or undefined if there should be none.
 * @param {unknown} error
 * @param {number} tried
 */
function pause(error, tried) {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const headers = error instanceof ApiError ? error.headers : null;
  const told = Number(headers?.get("retry-after") ?? 0);
  // A date would need a parser, and hours are no wait for a program.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}
%% endif
%% if resume

¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }}
/**
 * The messages of a request that goes on after the text that came.
 * @param {object[]} messages
 * @param {string} text
 */
function askForTheRest(messages, text) {
%% if prefill
  return [...messages, { role: "assistant", content: text.trimEnd() }];
%% else
%% include "_javascript/recipe.mjs"
%% endif
}
%% endif
%% if keep

%% include "_javascript/keep.mjs"
%% endif
%% if retry

%% if resume
¶ Trying again | What has been shown stays, and the next request asks for the rest.
/**
 * `ask`, tried again after temporary failures, for what has not come yet.
%% else
¶ Trying again | Once text has been shown, a new answer would only repeat it.
/**
 * `ask`, tried again after temporary failures while nothing has been shown.
%% endif
 * @param {object[]} messages
 */
async function askAgain(messages) {
  const before = shown.length;
%% if resume
  let wanted = messages;
%% endif
  for (let tried = 1; ; tried += 1) {
%% if breaker
    breaker.check();
%% endif
    try {
%% if breaker
      const message = await ask({{ "wanted" if resume else "messages" }});
      breaker.failures = 0;
      return message;
%% else
      return await ask({{ "wanted" if resume else "messages" }});
%% endif
    } catch (error) {
%% if breaker
      if (isTemporary(error)) breaker.failed();
%% endif
      const wait = pause(error, tried);
%% if resume
      if (wait === undefined) throw error;
      const came = shown.slice(before);
      if (came) wanted = askForTheRest(messages, came);
      const next = `${came.length} characters came, going on`;
      console.error(`\n[${why(error)}; ${next} in ${wait.toFixed(1)} s]`);
%% else
      if (wait === undefined || shown.length > before) throw error;
      console.error(`[${why(error)}; again in ${wait.toFixed(1)} s]`);
%% endif
%% if stop
      await sleep(1000 * wait, undefined, { signal: stopped.signal });
%% else
      await sleep(1000 * wait);
%% endif
    }
  }
}
%% elif breaker

¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it.
/** `ask`, unless the circuit is open. @param {object[]} messages */
async function askGuarded(messages) {
  breaker.check();
  try {
    const message = await ask(messages);
    breaker.failures = 0;
    return message;
  } catch (error) {
    if (isTemporary(error)) breaker.failed();
    throw error;
  }
}
%% endif
%% if tool

¶ The loop | Every block goes back as it came, thinking and its signature included.{{ "" if stream else " Nothing is run on a call that was cut: its stop reason is another one." }}
/**
 * Asks, runs the tools that Claude calls, and asks again until it has answered.
 * @param {object[]} messages
 */
async function converse(messages) {
  const history = [...messages];
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const message = await {{ asking }}(history);
%% if usage
    report(message.usage ?? {});
%% endif
    if (message.stop_reason !== "tool_use") return message;
    /** @type {Json[]} */
    const content = message.content;
    const calls = content.filter((block) => block.type === "tool_use");
    const names = calls.map((call) => call.name).join(", ");
    console.error(`\n[turn ${turn}: ${names}]`);
    history.push({ role: "assistant", content });
    history.push({ role: "user", content: calls.map(run) });
  }
  throw new Error(`no answer after ${TURNS} turns`);
}
%% endif
%% if usage

¶ Usage and cost | The usage of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_javascript/prices.mjs"

/** Prints tokens and cost, without surcharges. @param {Json} usage */
function report(usage) {
  const { input_tokens: input = 0, output_tokens: output = 0 } = usage;
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const thinking = usage.output_tokens_details?.thinking_tokens ?? 0;
  const cost =
    input * PRICE.input +
    (written - written1h) * PRICE.write5m +
    written1h * PRICE.write1h +
    read * PRICE.read +
    output * PRICE.output;
  console.error(
    `\n[${input + written + read} tokens in, ${output} out, ` +
      `${thinking} of them thinking: $${(cost / 1_000_000).toFixed(6)}]`,
  );
}
%% if stream

/**
 * The usage as of now: later numbers replace earlier ones, null says nothing.
 * @param {Json} before
 * @param {Json} after
 */
function newest(before, after) {
  const told = Object.entries(after ?? {}).filter(([, value]) => value != null);
  return { ...before, ...Object.fromEntries(told) };
}
%% endif
%% endif
%% if count

¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
/** Tells how many tokens the request has. @param {object[]} messages */
async function count(messages) {
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
%% if stream
    for await (const counted of receive("/v1/messages/count_tokens", body)) {
      console.error(`[about ${counted.input_tokens} tokens in]`);
    }
%% else
    const counted = await post("/v1/messages/count_tokens", body);
    console.error(`[about ${counted.input_tokens} tokens in]`);
%% endif
  } catch (error) {
    console.error(`[not counted: ${why(error)}]`);
  }
}
%% endif

¶ From start to end | Every failure ends here, with a message and a status of its own. A pipe that nobody reads any more, as after `| head`, ends the program.
%% if save
rmSync(RAW, { force: true });
%% endif
process.stdout.on("error", () => process.exit(3));
try {
  if (!KEY) throw new Error("no ANTHROPIC_API_KEY");
%% if count
  const messages = [{ role: "user", content: PROMPT }];
  await count(messages);
%% endif
  const message = await {{ "converse" if tool else asking }}({{ "messages" if count else '[{ role: "user", content: PROMPT }]' }});
%% if usage and not tool
  report(message.usage ?? {});
%% endif
  const reason = String(message.stop_reason);
  console.error(`\n[${reason}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
%% if stop
  if (stopped.signal.aborted) {
    console.error("\nStopped.");
%% if keep
    keep();
%% endif
    process.exitCode = 130;
%% endif
%% if breaker
  {{ "} else if" if stop else "if" }} (!shown && isTemporary(error)) {
    console.error(`Fallback shown: ${why(error)}`);
    console.log(FALLBACK);
    process.exitCode = 6;
%% endif
%% if stop or breaker
  } else {
%% endif
{{ deeper }}  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
%% if keep
{{ deeper }}  keep();
%% endif
{{ deeper }}  process.exitCode = shown ? 3 : 1;
%% if stop or breaker
  }
%% endif
}

// Once all is written, whatever connection may still be open.
process.stdout.write("", () => process.exit());
