// One stream, two consumers: one shows the text, the other counts events.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const stream = await client.messages.create({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Why is the sky blue?" }],
  stream: true,
});

// #region tee
const [first, second] = stream.tee();

async function show() {
  for await (const event of first) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
      process.stdout.write(event.delta.text);
    }
  }
}

async function count() {
  let events = 0;
  for await (const _ of second) events += 1;
  return events;
}

const [, events] = await Promise.all([show(), count()]);
// #endregion

console.error(`\n${events} events`);
