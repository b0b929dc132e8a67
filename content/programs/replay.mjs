// Read a recorded stream as if it came from the API. Argument: the file. No server is needed.
import { readFile } from "node:fs/promises";
import Anthropic from "@anthropic-ai/sdk";

// #region client
/**
 * A client whose every request is answered with the recording.
 * @param {string} file
 */
function replaying(file) {
  const headers = { "content-type": "text/event-stream; charset=utf-8" };
  const answer = async () => new Response(await readFile(file), { headers });
  return new Anthropic({ apiKey: "any", fetch: answer });
}
// #endregion

const stream = replaying(process.argv[2] ?? "answer.sse").messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Hello" }],
});
stream.on("text", (text) => process.stdout.write(text));
console.error(`\n${(await stream.finalMessage()).stop_reason}`);
