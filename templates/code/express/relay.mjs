%% set sdk = true
%% set relay = true
%% set web = false
%% set event_error = "failure(value, data)"
%% set deeper = "    " if retry else ""
%% set messages_type = "Anthropic.MessageParam[]"
%% set many = resume or chat
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

%% include "_javascript/relay.mjs"

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

%% include "_javascript/relay_errors.mjs"

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
%% set source = "request.body ?? {}"
%% include "_javascript/question.mjs"
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
%% include "_javascript/messages.mjs"
    const {{ "{ answer, events, first }" if request_id else "{ events, first }" }} = await begin(messages, left);
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
