// The request id and the rate limits of a stream, before its first event.

import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
// #region headers
const {
  data: stream,
  response,
  request_id,
} = await client.messages
  .create({
    model: "claude-opus-5-5",
    max_tokens: 16_000,
    messages: [{ role: "user", content: "Why is the sky blue?" }],
    stream: true,
  })
  .withResponse();
console.error(request_id);
for (const [name, value] of response.headers) {
  if (name.startsWith("anthropic-ratelimit-")) console.error(name, value);
}
// #endregion
for await (const event of stream) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
    process.stdout.write(event.delta.text);
  }
}
