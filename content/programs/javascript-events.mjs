// Every event in a loop. The line after the loop is what finds a failure.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  thinking: { type: "adaptive", display: "summarized" },
  messages: [{ role: "user", content: "Is 2,147,483,647 prime?" }],
});

// #region loop
for await (const event of stream) {
  if (event.type === "content_block_start") {
    console.error(`\n[${event.content_block.type}]`);
  } else if (event.type === "content_block_delta") {
    if (event.delta.type === "text_delta") process.stdout.write(event.delta.text);
    else if (event.delta.type === "thinking_delta") process.stderr.write(event.delta.thinking);
  }
}
const message = await stream.finalMessage(); // the loop can end without the error; this rejects
// #endregion

console.error(`\n${message.stop_reason}`);
