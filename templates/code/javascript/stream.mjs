%% set sdk = true
%% set relay = false
%% set asking = "askAgain" if retry else "askGuarded" if breaker else "ask"
%% set messages_type = "Anthropic.MessageParam[]"
%% set event_type = "Anthropic.RawMessageStreamEvent"
%% set message_type = "Anthropic.Message"
%% set limit = "stream.controller"
%% set events = "stream"
%% set inside = "  " if stop else ""
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none.
// Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short{{ "," if breaker else "." }}
%% if breaker
// 6 fallback.
%% endif

%% include "_javascript/imports.mjs"
import Anthropic from "@anthropic-ai/sdk";
import { Agent } from "undici";

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
%% include "_javascript/asked.mjs"
%% include "_javascript/constants.mjs"
%% if tool

%% include "_javascript/tool.mjs"
%% endif
%% if breaker

%% include "_javascript/breaker.mjs"
%% endif

%% if save
¶ The raw stream | Every byte of a stream goes into a file on its way to the SDK, pings and padding included.
%% if typed
/** Copies the bytes of a stream to the file as they come. */
const copyingFetch: typeof fetch = async (url, init) => {
%% else
/** @type {typeof fetch} Copies the bytes of a stream to the file as they come. */
const copyingFetch = async (url, init) => {
%% endif
  const response = await fetch(url, init);
  const type = response.headers.get("content-type") ?? "";
  if (!type.toLowerCase().startsWith("text/event-stream")) return response;
%% if typed
  const copy = new TransformStream<Uint8Array, Uint8Array>({
%% else
  const copy = new TransformStream({
%% endif
    transform(chunk, controller) {
      appendFileSync(RAW, chunk);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body?.pipeThrough(copy), response);
};

%% endif
¶ The client | The SDK's `timeout` covers the head of a response only. This agent, of the library that Node's `fetch` is made of, also limits the silence between two bytes, pings included. {{ "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence a loop below, and `maxRetries: 0`." if retry else "Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} A compressed stream may be held back until its end, so none is asked for. The SDK's log is off: it would print an unreadable event beside the message that tells of it.
%% include "_javascript/agent.mjs"
const client = new Anthropic({
%% if retry
  maxRetries: 0,
%% endif
  logLevel: "off",
  fetchOptions: { dispatcher },
%% if save
  fetch: copyingFetch,
%% endif
  defaultHeaders: { "accept-encoding": "identity" },
});

%% include "_javascript/why.mjs"

%% if stream
%% include "_javascript/events.mjs"

¶ One request | Only `message_stop` says that an answer is whole: a stream may end early in good order. Another `message_start` is another answer, of a proxy that asked again. Pings extend neither the ten seconds after a `message_delta` nor the hour for all. A loop over `create()` gets every event as it is. The helper `stream()` breaks off on some that it does not expect, such as an answer without usage. A 200 may also be the page of a proxy.
%% else
¶ One request | Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way.{{ notes_why }}
%% endif
{{ function("async function ask", {"messages": messages_type}, "Prints the answer as it comes." if stream else "Prints the answer once it is there.") }}
%% if stop
  const asked = client.messages.create(
    {
%% else
  const asked = client.messages.create({
%% endif
{{ inside }}    model: MODEL,
{{ inside }}    max_tokens: MAX_TOKENS,
%% if stream
{{ inside }}    stream: true,
%% endif
%% if system
{{ inside }}    system: SYSTEM,
%% endif
%% if stop_sequences
{{ inside }}    stop_sequences: STOP_SEQUENCES,
%% endif
%% if display
{{ inside }}    thinking: { type: "adaptive", display: {{ display }} },
%% endif
%% set at = inside ~ "    "
%% include "_javascript/output_config.mjs"
%% if tool
{{ inside }}    tools: [TOOL],
%% endif
{{ inside }}    messages,
%% if stop
    },
    { signal: stopped.signal },
  );
%% else
  });
%% endif
%% if stream
  const { data: stream, response } = await asked.withResponse();
  const type = String(response.headers.get("content-type")).toLowerCase();
  if (!type.startsWith("text/event-stream")) {
    throw new Error(`no event stream, but ${type}: ${await response.text()}`);
  }
%% if request_id
  console.error(`[request ${response.headers.get("request-id")}]`);
%% endif
%% include "_javascript/read.mjs"
}
%% else
  const message = await asked;
  if (!Array.isArray(message.content)) {
    throw new Error(`no message, but ${JSON.stringify(message)}`);
  }
%% if request_id
  console.error(`[request ${message._request_id}]`);
%% endif
%% include "_javascript/at_once.mjs"
}
%% endif
%% if temporary

%% include "_javascript/temporary.mjs"
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
  try {
%% if stop
    const counted = await client.messages.countTokens(
      {
%% else
    const counted = await client.messages.countTokens({
%% endif
{{ inside }}      model: MODEL,
%% if system
{{ inside }}      system: SYSTEM,
%% endif
%% if tool
{{ inside }}      tools: [TOOL],
%% endif
{{ inside }}      messages,
%% if stop
      },
      { signal: stopped.signal },
    );
%% else
    });
%% endif
    console.error(`[about ${counted.input_tokens} tokens in]`);
  } catch (error) {
    console.error(`[not counted: ${why(error)}]`);
  }
}
%% endif

%% include "_javascript/ending.mjs"
