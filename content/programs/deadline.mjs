// An answer with a deadline for the whole of it. Argument: the milliseconds.
// The exit status is 0 for a whole answer, 3 if the deadline ended it.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();
const milliseconds = Number(process.argv[2] ?? 120_000);

// #region deadline
const stream = client.messages.stream(
  {
    model: "claude-opus-5-5",
    max_tokens: 16_000,
    messages: [{ role: "user", content: "Why is the night sky dark?" }],
  },
  { signal: AbortSignal.timeout(milliseconds) },
);
stream.on("text", (text) => process.stdout.write(text));

try {
  await stream.finalMessage();
} catch (error) {
  if (!(error instanceof Anthropic.APIUserAbortError)) throw error;
  console.error(`\n[stopped after ${milliseconds} ms]`);
  process.exitCode = 3;
}
// #endregion
