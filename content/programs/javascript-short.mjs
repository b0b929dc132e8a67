// The shortest program that streams.

// #region short
import Anthropic from "@anthropic-ai/sdk";

const stream = new Anthropic().messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Why is the sky blue?" }],
});
stream.on("text", (text) => process.stdout.write(text));
const message = await stream.finalMessage();
// #endregion
console.error(message.stop_reason);
