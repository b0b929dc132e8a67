// Ask Claude, and print the answer as it comes.
// Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

import Anthropic from "@anthropic-ai/sdk";
import { Agent } from "undici";

const MODEL = "claude-opus-5-5";
const MAX_TOKENS = 1024;
const PROMPT = "Explain in three sentences why the sky is blue.";
const EXIT_STATUS = new Map([
  ["end_turn", 0],
  ["stop_sequence", 0],
  ["tool_use", 0],
  ["refusal", 4],
  ["max_tokens", 5],
  ["model_context_window_exceeded", 5],
]);
let shown = "";

const dispatcher = new Agent({
  connect: { timeout: 10_000 },
  headersTimeout: 120_000,
  bodyTimeout: 120_000,
});
const client = new Anthropic({
  logLevel: "off",
  fetchOptions: { dispatcher },
  defaultHeaders: { "accept-encoding": "identity" },
});

/** What went wrong, in one line. @param {any} error */
function why(error) {
  let cause = error;
  while (cause?.cause) cause = cause.cause;
  const line = String(cause?.errors ?? cause).replace(/\s+/g, " ");
  return line.replace(/<(!doctype|html).*/i, "a web page").slice(0, 300);
}

/** Prints the text of a block or a delta, if it has one. @param {any} piece */
function show(piece) {
  const isText = /^text(_delta)?$/.test(piece?.type);
  const text = isText && typeof piece.text === "string" ? piece.text : "";
  shown += text;
  process.stdout.write(text);
}

/** Prints the answer as it comes. @param {Anthropic.MessageParam[]} messages */
async function ask(messages) {
  const asked = client.messages.create({
    model: MODEL,
    max_tokens: MAX_TOKENS,
    stream: true,
    messages,
  });
  const { data: stream, response } = await asked.withResponse();
  const type = String(response.headers.get("content-type")).toLowerCase();
  if (!type.startsWith("text/event-stream")) {
    throw new Error(`no event stream, but ${type}: ${await response.text()}`);
  }
  const late = () => stream.controller.abort(new Error("no message_stop came"));
  setTimeout(late, 3_600_000).unref();
  /** @type {Anthropic.Message | undefined} */
  let message;
  let current = -1;
  for await (const event of stream) {
    if (event.type === "message_start" && !message) {
      message = event.message;
      message?.content?.forEach(show);
    }
    if (event.type === "message_start" && message?.id !== event.message?.id) {
      throw new Error("another answer began before this one was complete");
    }
    if (event.type === "content_block_start") current = event.index;
    if (event.type === "content_block_start") show(event.content_block);
    if (event.type === "content_block_delta") {
      if (event.index !== current) console.error("[out of order]");
      current = event.index;
      show(event.delta);
    }
    if (event.type === "message_delta" && message) {
      message.stop_reason = event.delta?.stop_reason ?? message.stop_reason;
      setTimeout(late, 10_000).unref();
    }
    if (event.type === "message_stop" && message) return message;
  }
  throw new Error("the stream ended before message_stop");
}

process.stdout.on("error", () => process.exit(3));
try {
  const message = await ask([{ role: "user", content: PROMPT }]);
  const reason = String(message.stop_reason);
  const isUsedUp = reason === "max_tokens" && !shown;
  console.error(`\n[${reason}${isUsedUp ? ": thinking used it up" : ""}]`);
  process.exitCode = EXIT_STATUS.get(reason) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  process.exitCode = shown ? 3 : 1;
}
