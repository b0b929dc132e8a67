// Stream an answer, keep what arrives, and exit with a status that says how it ended:
// 0 complete, 1 failed before any text, 3 broken off in the middle, 4 ended for another reason.

import Anthropic from "@anthropic-ai/sdk";

// #region ask
const client = new Anthropic();
const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 4096,
  messages: [{ role: "user", content: "Why is the night sky dark?" }],
});

let text = "";
stream.on("text", (delta) => {
  text += delta;
  process.stdout.write(delta);
});

try {
  // Rejects for every fault, and also if the stream ends without message_stop.
  const { stop_reason: reason } = await stream.finalMessage();
  console.error(`\n[${reason}]`);
  process.exitCode = reason === "end_turn" || reason === "stop_sequence" ? 0 : 4;
} catch (error) {
  console.error(`\n[${describe(error)}; kept ${text.length} characters]`);
  process.exitCode = text ? 3 : 1;
}

/** @param {unknown} error */
function describe(error) {
  if (!(error instanceof Anthropic.APIError)) return String(error);
  return `${error.type ?? error}, request ${error.requestID}`;
}
// #endregion
