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

¶ The client | The SDK's `timeout` covers the head of a response only. This agent, of the library that Node's `fetch` is made of, also limits the silence between two bytes. Pings count, so hidden thinking may take its time. {{ "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence a loop below, and `maxRetries: 0`." if retry else "Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} What fails is logged below: the SDK need not do it.
%% include "_javascript/agent.mjs"
const client = new Anthropic({
%% if retry
  maxRetries: 0,
%% endif
  logLevel: "off",
  fetchOptions: { dispatcher },
});
%% if breaker

¶ The circuit breaker | After failures in a row nothing is sent for a while: the fallback answers at once, and the service can recover. A visitor who leaves is no failure.{{ "" if retry else " A failure counts once the SDK's own retries are used up." }}
/** Open after some failures in a row; after a pause one try is let through. */
class Breaker {
  limit = 3;
  pause = 30_000;
  failures = 0;
  nextTry = 0;

  /** Whether a request may be sent now. */
  letsThrough() {
    if (this.failures < this.limit) return true;
    if (performance.now() < this.nextTry) return false;
    this.nextTry = performance.now() + this.pause;
    return true;
  }

  /** Counts a failure of the service. */
  failed() {
    this.failures += 1;
    this.nextTry = performance.now() + this.pause;
  }
}

const breaker = new Breaker();
%% endif

¶ One request | What Claude refuses is thrown. The response is open then, and nothing of its body has been read.
/**
 * Sends a request to Claude.
 * @param {{ "{" ~ question_type ~ "}" }} {{ question }}
 * @param {AbortSignal} left
 */
function ask({{ question }}, left) {
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

¶ Its events | Each goes on as it came, pings and padding included, and as soon as it is whole: half an event cannot be followed by an error. Only `message_stop` says that an answer is whole.
/**
 * The events up to `message_stop`. Throws whatever ends them sooner.
 * @param {Response} answer
 */
async function* eventsOf(answer) {
%% if usage
  let usage = {};
%% endif
  for await (const event of Stream.rawEvents(answer)) {
    const data = JSON.parse(event.data);
    if (data.type === "error") {
      throw new Anthropic.APIError(undefined, data, undefined, answer.headers);
    }
%% if usage
    if (data.type === "message_start") usage = data.message.usage;
    if (data.type === "message_delta") {
      const known = Object.entries(data.usage).filter(([, n]) => n !== null);
      usage = { ...usage, ...Object.fromEntries(known) };
    }
%% endif
    yield [...event.raw, "", ""].join("\n");
%% if usage
    if (data.type === "message_stop") {
      report(usage);
      return;
    }
%% else
    if (data.type === "message_stop") return;
%% endif
  }
  throw new Error("the stream ended before message_stop");
}
%% if usage

¶ Usage and cost | The last numbers of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_javascript/prices.mjs"

/**
 * Logs tokens and cost, without surcharges for speed or region.
 * @param {Partial<Anthropic.Usage>} usage
 */
function report(usage) {
  const { input_tokens: input = 0, output_tokens: output = 0 } = usage;
  const written = usage.cache_creation_input_tokens ?? 0;
  const written1h = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const read = usage.cache_read_input_tokens ?? 0;
  const cost =
    input * PRICE.input +
    (written - written1h) * PRICE.write5m +
    written1h * PRICE.write1h +
    read * PRICE.read +
    output * PRICE.output;
  const dollars = (cost / 1_000_000).toFixed(6);
  const all = input + written + read;
  console.log(`${all} tokens in, ${output} out: $${dollars}`);
}
%% endif
%% if temporary

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
/**
 * Whether another request may do better.
 * @param {unknown} error
 */
function isTemporary(error) {
  if (!(error instanceof Anthropic.APIError)) return true;
  if (NEVER_RETRIED.includes(String(error.errorCode))) return false;
  if (error.status === undefined) {
    return error.type === null || TEMPORARY.includes(error.type);
  }
  const told = error.headers.get("x-should-retry");
  if (told === "true" || told === "false") return told === "true";
  return [408, 409, 429].includes(error.status) || error.status >= 500;
}
%% endif
%% if retry

¶ The pause | Twice as long each time, with chance in it, so that many relays do not come back at the same moment. What the server says counts more.
/**
 * Seconds until the next try, or undefined if there should be none.
 * @param {unknown} error
 * @param {number} tried
 */
function pause(error, tried) {
  if (tried === ATTEMPTS || !isTemporary(error)) return undefined;
  const wait = 0.5 * 2 ** (tried - 1) * (0.75 + Math.random() / 4);
  const headers = error instanceof Anthropic.APIError ? error.headers : null;
  const told = Number(headers?.get("retry-after") ?? 0);
  // A date would need a parser, and a visitor does not wait for hours.
  return told <= LONGEST_WAIT ? Math.max(wait, told) : undefined;
}
%% endif

%% if retry
¶ The first event | As long as the page has got nothing, it need not know of a failure. Once it has left, nothing is tried again.
%% else
¶ The first event | Until it comes every failure is an HTTP error with a status of its own.
%% endif
/**
%% if retry
 * A response, its events and the first of them, tried again until it comes.
%% else
 * A response, its events and the first of them.
%% endif
 * @param {{ "{" ~ question_type ~ "}" }} {{ question }}
 * @param {AbortSignal} left
 */
async function begin({{ question }}, left) {
%% if retry
  for (let tried = 1; ; tried += 1) {
    try {
      const answer = await ask({{ question }}, left);
      const events = eventsOf(answer);
      const { value: first = "" } = await events.next();
      return { answer, events, first };
    } catch (error) {
      const wait = pause(error, tried);
      if (left.aborted || wait === undefined) throw error;
      console.error(`${causeOf(error)}; again in ${wait.toFixed(1)} s`);
      await sleep(1000 * wait, undefined, { signal: left });
    }
  }
%% else
  const answer = await ask({{ question }}, left);
  const events = eventsOf(answer);
  const { value: first = "" } = await events.next();
  return { answer, events, first };
%% endif
}
%% if resume

¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }} The page asks for the rest, because it also notices when its connection to this relay breaks.
/**
 * The question, and after a break what has come of the answer.
 * @param {string} question
 * @param {string} partial
 * @returns {Anthropic.MessageParam[]}
 */
function conversation(question, partial) {
%% if prefill
  /** @type {Anthropic.MessageParam} */
  const asked = { role: "user", content: question };
  if (!partial.trim()) return [asked];
  return [asked, { role: "assistant", content: partial.trimEnd() }];
%% else
  /** @type {Anthropic.MessageParam} */
  const asked = { role: "user", content: question };
  if (!partial.trim()) return [asked];
  const rest = `Your answer was interrupted. This much arrived:

<partial_answer>
${partial}
</partial_answer>

Continue exactly where it stops. Repeat nothing.`;
  return [asked, { role: "user", content: rest }];
%% endif
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

/**
 * An error of the relay's own.
 * @param {string} type
 * @param {string} message
%% if breaker
 * @param {object} details
%% endif
 */
function problem(type, message{{ ", details = {}" if breaker else "" }}) {
  return { type: "error", error: { type, message{{ ", details" if breaker else "" }} } };
}

/**
 * An HTTP status and an error for the page; the log gets all of it.
 * @param {unknown} error
 */
function explain(error) {
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
/**
 * Passes events on; if they break off, one `error` event says so.
 * @param {express.Response} response
 * @param {string} first
 * @param {AsyncGenerator<string>} events
 * @param {AbortSignal} left
 */
async function passOn(response, first, events, left) {
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
    const details = { error_code: "circuit_open" };
    const body = problem("overloaded_error", FALLBACK, details);
    response.status(503).json(body);
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
