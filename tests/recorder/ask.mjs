/**
 * Asks with the JavaScript SDK: a stream, a message, a count of tokens, and what cannot be had.
 *
 * Takes a base URL and a key; writes what each gave, in JSON.
 */

import Anthropic from "@anthropic-ai/sdk";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new Anthropic({ apiKey, baseURL, maxRetries: 0 });
const messages = [{ role: /** @type {const} */ ("user"), content: "Hello" }];
const request = { model: "claude-haiku-5-5", max_tokens: 500, messages };

let text = "";
for await (const event of client.messages.stream(request)) {
  if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
    text += event.delta.text;
  }
}
const message = await client.messages.create(request);
const { input_tokens: counted } = await client.messages.countTokens({
  model: request.model,
  messages,
});
let status = 0;
try {
  await client.messages.create({ ...request, model: "claude-none" });
} catch (error) {
  status = /** @type {any} */ (error).status;
}
process.stdout.write(JSON.stringify({ text, stop: message.stop_reason, counted, status }));
