/** A program with the JavaScript SDK, as its documentation has it: `sdk.mjs stream` or `create`. */

import Anthropic from "@anthropic-ai/sdk";

/** @type {Anthropic.MessageCreateParamsNonStreaming} */
const REQUEST = {
  model: "claude-opus-5-5",
  max_tokens: 1000,
  messages: [{ role: "user", content: "Hello" }],
};

const client = new Anthropic();
if (process.argv[2] === "stream") {
  const stream = client.messages.stream(REQUEST);
  stream.on("text", (text) => process.stdout.write(text));
  await stream.finalMessage();
} else {
  for await (const event of await client.messages.create({ ...REQUEST, stream: true })) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
      process.stdout.write(event.delta.text);
    }
  }
}
