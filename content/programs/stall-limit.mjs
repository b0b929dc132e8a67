// A limit on the silence between two bytes. Argument: the limit in seconds.
// The exit status is 0 if the answer is complete, 3 if the stream failed.

// #region agent
import Anthropic from "@anthropic-ai/sdk";
import { Agent } from "undici";

const limit = 1000 * Number(process.argv[2] ?? 120);
const dispatcher = new Agent({ headersTimeout: limit, bodyTimeout: limit });
const client = new Anthropic({ fetchOptions: { dispatcher } });
// #endregion

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 4096,
  messages: [{ role: "user", content: "Why is the night sky dark?" }],
});
stream.on("text", (delta) => process.stdout.write(delta));
try {
  await stream.finalMessage();
} catch (error) {
  console.error(`\n[${error}]`);
  process.exitCode = 3;
}
