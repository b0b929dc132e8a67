%% set sdk = true
%% set relay = true
%% set event_error = "failure(value, data)"
%% set deeper = "    " if retry else ""
%% set messages_type = "Anthropic.MessageParam[]"
%% set question = "messages" if resume else "question"
%% set question_type = "Anthropic.MessageParam[]" if resume else "string"
¶ What it does | Whatever is shipped to a page can be read by its visitors: so the key stays here, and the page asks this relay.
// A relay: its page asks it, it asks Claude, and passes the stream on.
// Start it with `node relay.mjs`, and open http://127.0.0.1:5000.
// Whoever can reach it spends your key: add sign-in and limits per visitor
// before others can.

import { once } from "node:events";
%% if retry
import { setTimeout as sleep } from "node:timers/promises";
%% endif
import Anthropic from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/streaming";
import express from "express";
import { Agent } from "undici";

¶ What is asked | Model and limits are decided here, never by the page: whoever can open the page can send this relay anything.
%% include "_javascript/asked.mjs"
%% include "_javascript/retrying.mjs"
// The names of this relay; add that of your site.
const HOSTS = ["127.0.0.1", "localhost"];
const MOST_CHARACTERS = 20_000;
const MOST_BYTES = {{ "1024 * 1024" if resume else "128 * 1024" }};
const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // Nothing on the way may collect the stream, or compress it in blocks.
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

¶ The client | The SDK's `timeout` covers the head of a response only. This agent, of the library that Node's `fetch` is made of, also limits the silence between two bytes. Pings count, so hidden thinking may take its time. {{ "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence a loop below, and `maxRetries: 0`." if retry else "Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} A compressed stream may be held back until its end, so none is asked for. What fails is logged below: the SDK need not do it.
%% include "_javascript/agent.mjs"
const client = new Anthropic({
%% if retry
  maxRetries: 0,
%% endif
  logLevel: "off",
  fetchOptions: { dispatcher },
  defaultHeaders: { "accept-encoding": "identity" },
});
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

¶ One request | What Claude refuses is thrown. The response is open then, and nothing of its body has been read.
{{ function("function ask", {question: question_type, "left": "AbortSignal"}, "Sends a request to Claude.") }}
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
%% if effort
      output_config: { effort: {{ effort }} },
%% endif
      {{ "messages" if resume else 'messages: [{ role: "user", content: question }]' }},
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
  /** @type {any} */
  let message;
%% if usage
  let usage = {};
%% endif
  try {
    for await (const { event: name, data, raw } of Stream.rawEvents(answer)) {
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
    }
  } finally {
    clearTimeout(timer);
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
{{ function("async function begin", {question: question_type, "left": "AbortSignal"}, "A response, its events and the first of them" ~ (", tried again until it comes." if retry else ".")) }}
%% if retry
  for (let tried = 1; ; tried += 1) {
    try {
%% endif
{{ deeper }}  const limit = new AbortController();
{{ deeper }}  const signal = AbortSignal.any([left, limit.signal]);
{{ deeper }}  const answer = await ask({{ question }}, signal);
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
{{ function("function conversation", {"question": "string", "text": "string"}, "The question, and after a break the received part of the answer.", messages_type) }}
  /** @type {Anthropic.MessageParam[]} */
  const messages = [{ role: "user", content: question }];
  if (!text.trim()) return messages;
%% include "_javascript/recipe.mjs"
}
%% endif

¶ Who may ask | Any page in a browser can send requests to this machine, so this relay looks at who asks. Programs send no `Origin`, and browsers do with every question.
/**
 * Whether a request comes from this relay's own page. Another site can make its
 * own name point here (DNS rebinding), but not have one of these; and from under
 * its own address it may not spend the key.
 * @param {import("node:http").IncomingHttpHeaders} headers
 */
function isOwn({ host = "", origin = `http://${host}` }) {
  const ownPage = [`http://${host}`, `https://${host}`].includes(origin);
  return ownPage && HOSTS.includes(host.replace(/:\d+$/, ""));
}

¶ Errors | All have the shape that Claude gives its own, so that the page needs to know only one. What Claude says is passed on; what this machine says goes into the log.
/** @param {unknown} error The SDK's, which may only wrap what went wrong. */
function causeOf(error) {
  let cause = error;
  while (cause instanceof Error && cause.cause) cause = cause.cause;
  return cause instanceof AggregateError ? cause.errors[0] : cause;
}

{{ function("function problem", {"type": "string", "message": "string"}, "An error of the relay's own.") }}
  return { type: "error", error: { type, message } };
}

{{ function("function explain", {"error": "unknown"}, "An HTTP status and an error for the page; the log gets all of it.") }}
  const cause = causeOf(error);
  console.error(String(cause));
%% if breaker
  if (isTemporary(error)) breaker.failed();
%% endif
  if (error instanceof Anthropic.APIError && (error.type || error.status)) {
    // An error inside a stream has no status.
    const status = error.status ?? 502;
    const unknown = `Claude was not reached: status ${status}.`;
    const body = error.type ? error.error : problem("api_error", unknown);
    return { status, body };
  }
  // The SDK's own name for a late head, and that of the agent for a silent body.
  const isLate =
    error instanceof Anthropic.APIConnectionTimeoutError ||
    Object(cause).code === "UND_ERR_BODY_TIMEOUT";
  if (isLate) {
    const message = "Claude was silent for too long.";
    return { status: 504, body: problem("timeout_error", message) };
  }
  const message = "The connection to Claude broke off.";
  return { status: 502, body: problem("api_error", message) };
}

¶ Passing it on | The status 200 is out by now, so a failure must travel inside the stream: an end without a word would look like a whole answer. A page that reads slowly is waited for.
{{ function("async function passOn", {"response": "express.Response", "first": "string", "events": "AsyncGenerator<string>", "left": "AbortSignal"}, "Passes events on; if they break off, one `error` event says so.") }}
  response.write(first);
  try {
    for await (const event of events) {
      if (response.write(event)) continue;
      await once(response, "drain", { signal: left });
    }
%% if breaker
    breaker.failures = 0;
%% endif
  } catch (error) {
    if (left.aborted) return;
    const { body } = explain(error);
    response.write(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
  }
  response.end();
}

¶ The answer | When the page leaves, `left` closes the request to Claude at once, also while it is silent: nobody would read the rest.
const app = express();
app.use(express.json({ limit: MOST_BYTES }));

app.post("/answer", async (request, response) => {
  if (!isOwn(request.headers)) {
    const refused = "Only this relay's own page may ask.";
    response.status(403).json(problem("invalid_request_error", refused));
    return;
  }
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  const left = leaving.signal;
%% if resume
  const { question, partial = "" } = request.body ?? {};
%% else
  const { question } = request.body ?? {};
%% endif
  const isText = typeof question === "string" && question.trim() !== "";
  if (!isText || question.length > MOST_CHARACTERS) {
    const needed = `Send a question as JSON, of 1 to ${MOST_CHARACTERS} characters.`;
    response.status(400).json(problem("invalid_request_error", needed));
    return;
  }
%% if breaker
  if (!breaker.letsThrough()) {
    const { error } = problem("overloaded_error", FALLBACK);
    const details = { error_code: "circuit_open" };
    response.status(503).json({ type: "error", error: { ...error, details } });
    return;
  }
%% endif
  try {
%% if resume
    const messages = conversation(question, String(partial));
%% endif
    const {{ "{ answer, events, first }" if request_id else "{ events, first }" }} = await begin({{ question }}, left);
%% if request_id
    const requestId = answer.headers.get("request-id") ?? "";
    console.log(`request-id ${requestId}`);
    response.set({ ...HEADERS, "request-id": requestId });
%% else
    response.set(HEADERS);
%% endif
    await passOn(response, first, events, left);
  } catch (error) {
    if (left.aborted) return;
    const { status, body } = explain(error);
    response.status(status).json(body);
  }
});

/** @type {express.ErrorRequestHandler} What is wrong with a request. */
const refuse = (error, _request, response, _next) => {
  const body = problem("invalid_request_error", error.message);
  response.status(error.status ?? 500).json(body);
};
app.use(refuse);

¶ The page | It shows the text as text, never as HTML, and says how the answer ended. A screen reader announces the state at once and the answer when it is done, not piece by piece.
const PAGE = String.raw`
%% include "_page.html"
`;

app.get("/", (_request, response) => {
  const prompt = PROMPT.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  response.type("html").send(PAGE.replace("{PROMPT}", () => prompt));
});

¶ Start | It listens on this machine only. For others, put a proxy with TLS, sign-in and limits per visitor in front of it.
if (!process.env.ANTHROPIC_API_KEY) {
  console.error("Failed: ANTHROPIC_API_KEY is not set.");
  process.exit(1);
}
const port = Number(process.env.PORT ?? 5000);
const server = app.listen(port, "127.0.0.1", (error) => {
  if (error) throw error;
  const address = server.address();
  const bound = typeof address === "object" ? address?.port : port;
  console.log(`The relay is at http://127.0.0.1:${bound}`);
});
