// Stop an answer when there is enough of it, and keep what has arrived.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  messages: [{ role: "user", content: "Tell me about lighthouses." }],
});
stream.on("text", (text, snapshot) => {
  process.stdout.write(text);
  if (snapshot.length >= 100) stream.abort();
});

try {
  await stream.finalMessage();
} catch (error) {
  if (!(error instanceof Anthropic.APIUserAbortError)) throw error;
  const partial = stream.currentMessage?.content.find((block) => block.type === "text");
  console.error(`\nstopped after ${partial?.text.length} characters`);
}
