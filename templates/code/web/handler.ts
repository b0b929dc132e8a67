%% set sdk = true
%% set relay = true
%% set web = true
%% set event_error = "failure(value, data)"
%% set deeper = "    " if retry else ""
%% set messages_type = "Anthropic.MessageParam[]"
%% set many = resume or chat
¶ What it does | Whatever is shipped to a page can be read by its visitors: so the key stays here, and the page asks this handler. It uses only what browsers, Node.js, Deno and edge platforms have in common.
// A relay as a web-standard handler: a Request in, a Response out.
// Node.js, as serve.ts:
//   import { serve } from "@hono/node-server";
//   import { handler } from "./handler.ts";
//   serve({ fetch: handler, hostname: "127.0.0.1", port: 5000 });
// Next.js, as app/[[...path]]/route.ts:
//   import { handler } from "./handler";
//   export { handler as GET, handler as POST };
// Hono:
//   import { handler } from "./handler.ts";
//   app.all("*", (context) => handler(context.req.raw));
// Deno:
//   import { handler } from "./handler.ts";
//   Deno.serve({ hostname: "127.0.0.1", port: 5000 }, handler);
// Whoever can reach it spends your key: add sign-in and limits per visitor
// before others can.

%% if retry
import { setTimeout as sleep } from "node:timers/promises";
%% endif
import Anthropic from "@anthropic-ai/sdk";
import { Stream } from "@anthropic-ai/sdk/streaming";

%% include "_javascript/relay.mjs"

¶ Who may ask | Any page in a browser can send requests to this server, so this relay looks at who asks. Programs send no `Origin`, and browsers do with every question.
/**
 * Whether a request comes from this relay's own page. Another site can make its
 * own name point here (DNS rebinding), but not have one of these; and from under
 * its own address it may not spend the key.
 */
function isOwn(request: Request) {
  // Next.js has a name of its own in the address.
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const origin = request.headers.get("origin") ?? `http://${host}`;
  const ownPage = [`http://${host}`, `https://${host}`].includes(origin);
  return ownPage && HOSTS.includes(host.replace(/:\d+$/, ""));
}

%% include "_javascript/relay_errors.mjs"

{{ function("function refuse", {"status": "number", "message": "string"}, "A response to a request that cannot be answered.") }}
  const body = problem("invalid_request_error", message);
  return Response.json(body, { status });
}

¶ The question | Nobody else limits the body of a request: what is longer than a question is not read to its end.
{{ function("async function textOf", {"request": "Request"}, "The body of a request; undefined if it is too long.") }}
  const decoder = new TextDecoder();
  const reader = request.body?.getReader();
  let text = "";
  while (reader) {
    const { done, value } = await reader.read();
    text += decoder.decode(value, { stream: !done });
    if (text.length > MOST_BYTES) {
      await reader.cancel();
      return undefined;
    }
    if (done) break;
  }
  return text;
}

{{ function("function objectOf", {"text": "string"}, "The object that a text of JSON is, or an empty one.") }}
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

¶ Passing it on | The status 200 is out by now, so a failure must travel inside the stream: an end without a word would look like a whole answer. An event is read when the page has read the one before it.
{{ function("function passOn", {"first": "string", "events": "AsyncGenerator<string>", "left": "AbortController"}, "A body of these events; if they break off, one `error` event says so.") }}
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start(body) {
      body.enqueue(encoder.encode(first));
    },
    async pull(body) {
      try {
        const { done, value } = await events.next();
        if (!done) return body.enqueue(encoder.encode(value));
%% if breaker
        breaker.failures = 0;
%% endif
      } catch (error) {
        if (left.signal.aborted) return;
        const told = JSON.stringify(explain(error).body);
        body.enqueue(encoder.encode(`event: error\ndata: ${told}\n\n`));
      }
      body.close();
    },
    cancel() {
      left.abort();
    },
  });
}

¶ The page | It shows the text as text, never as HTML, and says how the answer ended. A screen reader announces the state at once and the answer when it is done, not piece by piece.
const PAGE = String.raw`
%% include "_page.html"
`;

/** The page, with the prompt in its field. */
function page() {
  const prompt = PROMPT.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const html = PAGE.trim().replace("{PROMPT}", () => prompt);
  const headers = { "content-type": "text/html; charset=utf-8" };
  return new Response(html, { headers });
}

¶ The answer | When the page leaves, `left` closes the request to Claude at once, also while it is silent: nobody would read the rest.
/** Answers a question with a stream of events, and any other request with the page. */
export async function handler(request: Request): Promise<Response> {
  if (request.method !== "POST") return page();
  if (!isOwn(request)) {
    return refuse(403, "Only this relay's own page may ask.");
  }
  const text = await textOf(request);
  if (text === undefined) {
    return refuse(413, `A request has up to ${MOST_BYTES} characters.`);
  }
  // A foreign page may send other types without asking.
  const type = request.headers.get("content-type") ?? "";
  const isJson = type.startsWith("application/json");
%% set source = 'objectOf(isJson ? text : "")'
%% include "_javascript/question.mjs"
    return refuse(400, needed);
  }
%% if breaker
  if (!breaker.letsThrough()) {
    const { error } = problem("overloaded_error", FALLBACK);
    const details = { error_code: "circuit_open" };
    const open = { type: "error", error: { ...error, details } };
    return Response.json(open, { status: 503 });
  }
%% endif
  const left = new AbortController();
  request.signal.addEventListener("abort", () => left.abort());
  try {
%% include "_javascript/messages.mjs"
    const started = await begin(messages, left.signal);
    const body = passOn(started.first, started.events, left);
%% if request_id
    const requestId = started.answer.headers.get("request-id") ?? "";
    console.log(`request-id ${requestId}`);
    const headers = { ...HEADERS, "request-id": requestId };
    return new Response(body, { headers });
%% else
    return new Response(body, { headers: HEADERS });
%% endif
  } catch (error) {
    const { status, body } = explain(error);
    return Response.json(body, { status });
  }
}
