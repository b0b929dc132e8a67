¶ What is asked | Model and limits are decided here, never by the page: whoever can open the page can send this relay anything.
%% include "_javascript/asked.mjs"
%% include "_javascript/retrying.mjs"
// The names of this relay; add that of your site.
const HOSTS = ["127.0.0.1", "localhost"];
const MOST_CHARACTERS = 20_000;
const MOST_BYTES = {{ "1024 * 1024" if many else "128 * 1024" }};
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // Nothing on the way may collect the stream, or compress it in blocks.
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

¶ The client | The SDK's `timeout` covers the head of a response only. {{ "A limit below covers the silence between two events, since an agent of Node.js would not run everywhere." if web else "This agent, of the library that Node's `fetch` is made of, also limits the silence between two bytes." }} Pings count, so hidden thinking may take its time. {{ "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence a loop below, and `maxRetries: 0`." if retry else "Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} A compressed stream may be held back until its end, so none is asked for. What fails is logged below: the SDK need not do it.
%% if web
// In milliseconds.
const SILENCE = {{ silence_ms }};
const client = new Anthropic({
  timeout: SILENCE,
%% else
%% include "_javascript/agent.mjs"
const client = new Anthropic({
%% endif
%% if retry
  maxRetries: 0,
%% endif
  logLevel: "off",
%% if not web
  fetchOptions: { dispatcher },
%% endif
  defaultHeaders: { "accept-encoding": "identity" },
});
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

¶ One request | What Claude refuses is thrown. The response is open then, and nothing of its body has been read.
{{ function("function ask", {"messages": messages_type, "left": "AbortSignal"}, "Sends a request to Claude.") }}
  const asked = client.messages.create(
    {
      model: MODEL,
      max_tokens: MAX_TOKENS,
%% if system
      system: SYSTEM,
%% endif
%% if stop_sequences
      stop_sequences: STOP_SEQUENCES,
%% endif
%% if display
      thinking: { type: "adaptive", display: {{ display }} },
%% endif
%% set at = "      "
%% include "_javascript/output_config.mjs"
%% if chat
      cache_control: { type: "ephemeral" },
%% endif
      messages,
      stream: true,
    },
    { signal: left },
  );
  return asked.asResponse();
}

¶ Its events | Each goes on as it came, pings and padding included, and as soon as it is whole: half an event cannot be followed by an error. Only `message_stop` says that an answer is whole. Another `message_start` is another answer, of a proxy that asked again. Pings extend neither the ten seconds after a `message_delta` nor the hour for all.
{{ function("function failure", {"value": "any", "words": "string"}, "An error in whatever form, in that of Claude.") }}
  const told = value?.error?.type ? value : problem("api_error", words.trim());
  return new Anthropic.APIError(undefined, told, undefined, new Headers());
}

%% include "_javascript/event_of.mjs"

{{ function("async function* eventsOf", {"answer": "Response", "limit": "AbortController"}, "The events up to `message_stop`. Throws whatever ends them sooner.") }}
  const type = String(answer.headers.get("content-type")).toLowerCase();
  if (!type.startsWith("text/event-stream")) {
    throw failure(null, `No event stream came, but ${type}.`);
  }
  let timer = setTimeout(() => limit.abort(), 3_600_000);
%% if web
  const silent = () => limit.abort(new DOMException("silent", "TimeoutError"));
  let silence = setTimeout(silent, SILENCE);
%% endif
%% if typed
  let message: any;
%% else
  /** @type {any} */
  let message;
%% endif
%% if usage
  let usage = {};
%% endif
  try {
    for await (const { event: name, data, raw } of Stream.rawEvents(answer)) {
%% if web
      clearTimeout(silence);
%% endif
      const event = data ? eventOf(name ?? "", data) : {};
      if (event.type === "message_start") {
        if (message && message.id !== event.message?.id) {
          throw failure(null, "Another answer began in this one.");
        }
        message ??= event.message;
      }
      if (event.type === "message_delta") {
        clearTimeout(timer);
        timer = setTimeout(() => limit.abort(), 10_000);
      }
%% if usage
      usage = newest(usage, event.message?.usage ?? event.usage);
      if (event.type === "message_stop") report(usage);
%% endif
      if (event.type === "message_stop" && !message) break;
      // What is no object is no event.
      if (/^\s*\{/.test(data)) yield [...raw, "", ""].join("\n");
      if (event.type === "message_stop") return;
%% if web
      // A page that reads slowly is no silence.
      silence = setTimeout(silent, SILENCE);
%% endif
    }
%% if web
  } catch (error) {
    // The SDK does not tell why the request was aborted.
    throw limit.signal.reason ?? error;
%% endif
  } finally {
    clearTimeout(timer);
%% if web
    clearTimeout(silence);
%% endif
  }
  throw failure(null, "The answer ended before it was complete.");
}
%% if usage

%% include "_javascript/usage.mjs"
%% endif
%% if temporary

%% include "_javascript/temporary.mjs"
%% endif
%% if retry

%% include "_javascript/pause.mjs"
%% endif

%% if retry
¶ The first event | As long as the page has got nothing, it need not know of a failure. Once it has left, nothing is tried again.
%% else
¶ The first event | Until it comes every failure is an HTTP error with a status of its own.
%% endif
{{ function("async function begin", {"messages": messages_type, "left": "AbortSignal"}, "A response, its events and the first of them" ~ (", tried again until it comes." if retry else ".")) }}
%% if retry
  for (let tried = 1; ; tried += 1) {
    try {
%% endif
{{ deeper }}  const limit = new AbortController();
{{ deeper }}  const signal = AbortSignal.any([left, limit.signal]);
{{ deeper }}  const answer = await ask(messages, signal);
{{ deeper }}  const events = eventsOf(answer, limit);
{{ deeper }}  const { value: first = "" } = await events.next();
{{ deeper }}  return { answer, events, first };
%% if retry
    } catch (error) {
      const wait = pause(error, tried);
      if (left.aborted || wait === undefined) throw error;
      console.error(`${causeOf(error)}; again in ${wait.toFixed(1)} s`);
      await sleep(1000 * wait, undefined, { signal: left });
    }
  }
%% endif
}
%% if resume

¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes the received text. Expect a word or two to differ at the join." }} The page asks for the rest, because it also notices when its connection to this relay breaks.
%% set parameters = {"question": "string", "text": "string"}
%% if chat
%% set parameters = {"history": "any[]", "question": "string", "text": "string"}
%% endif
{{ function("function conversation", parameters, "The question, and after a break the received part of the answer.", messages_type) }}
%% if typed
  const messages: {{ messages_type }} = [
%% if chat
    ...history,
%% endif
    { role: "user", content: question },
  ];
%% else
  /** @type {Anthropic.MessageParam[]} */
  const messages = [{{ "...history, " if chat }}{ role: "user", content: question }];
%% endif
  if (!text.trim()) return messages;
%% include "_javascript/recipe.mjs"
}
%% endif
