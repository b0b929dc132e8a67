// The events as the API sends them, with nothing accumulated.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const stream = await client.messages.create({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Why is the sky blue?" }],
  stream: true,
});

let finished = false;
for await (const event of stream) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
    process.stdout.write(event.delta.text);
  } else if (event.type === "message_delta") {
    console.error(`\n${event.delta.stop_reason}, ${event.usage.output_tokens} output tokens`);
  } else if (event.type === "message_stop") {
    finished = true;
  }
}
if (!finished) throw new Error("the stream ended early");
