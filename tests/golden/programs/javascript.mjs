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

const dispatcher = new Agent({
  connect: { timeout: 10_000 },
  headersTimeout: 120_000,
  bodyTimeout: 120_000,
});
const client = new Anthropic({
  logLevel: "off",
  fetchOptions: { dispatcher },
});
// Nobody reads any more, as after `| head`.
process.stdout.on("error", () => process.exit(3));
let shown = "";

/** @param {unknown} error The SDK's, which may only wrap what went wrong. */
function why(error) {
  let cause = error;
  while (cause instanceof Error && cause.cause) cause = cause.cause;
  if (cause instanceof AggregateError) return cause.errors.join(", ");
  return String(cause);
}

try {
  const stream = client.messages.stream({
    model: MODEL,
    max_tokens: MAX_TOKENS,
    messages: [{ role: "user", content: PROMPT }],
  });
  stream.on("text", (text) => {
    shown += text;
    process.stdout.write(text);
  });
  // The first resolves at `message_stop`, whatever the connection does later;
  // the second rejects if that never comes.
  const ends = [stream.emitted("message"), stream.finalMessage()];
  const message = await Promise.race(ends);
  console.error(`\n[${message.stop_reason}]`);
  process.exitCode = EXIT_STATUS.get(String(message.stop_reason)) ?? 3;
} catch (error) {
  console.error(`\n${shown ? "Incomplete" : "Failed"}: ${why(error)}`);
  process.exitCode = shown ? 3 : 1;
}

// Once all is written, whatever connection may still be open.
process.stdout.write("", () => process.exit());
