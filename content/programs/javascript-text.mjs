// Ask Claude, and print the answer while it arrives.
// The exit status is 0 only if the answer is whole.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

/** @param {string} question */
async function ask(question) {
  const stream = client.messages.stream({
    model: "claude-opus-5-5",
    max_tokens: 16_000,
    messages: [{ role: "user", content: question }],
  });
  stream.on("connect", () => console.error(`request ${stream.request_id}`));
  stream.on("text", (text) => process.stdout.write(text));
  return await stream.finalMessage(); // rejects if anything went wrong
}

try {
  const message = await ask("Why is the sky blue?");
  console.error(`\n${message.stop_reason}, ${message.usage.output_tokens} output tokens`);
  const isWhole = message.stop_reason === "end_turn" || message.stop_reason === "stop_sequence";
  process.exitCode = isWhole ? 0 : 1;
} catch (error) {
  console.error(`\nfailed: ${error}`);
  process.exitCode = 1;
}
