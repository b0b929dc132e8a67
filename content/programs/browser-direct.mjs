import Anthropic from "@anthropic-ai/sdk";

// #region ask
/**
 * Asks the API from the page itself, with a key that the visitor brought.
 * @param {string} apiKey
 * @param {string} question
 * @param {(text: string) => void} show
 */
export async function ask(apiKey, question, show) {
  const client = new Anthropic({ apiKey, dangerouslyAllowBrowser: true });
  const stream = client.messages.stream({
    model: "claude-opus-5-5",
    max_tokens: 2048,
    messages: [{ role: "user", content: question }],
  });
  stream.on("text", show);
  const message = await stream.finalMessage();
  return message.stop_reason;
}
// #endregion

if (typeof document === "undefined") {
  const key = process.env.ANTHROPIC_API_KEY ?? "";
  const question = "Why is the sky dark at night?";
  const stopReason = await ask(key, question, (text) => process.stdout.write(text));
  console.error(`\n[${stopReason}]`);
}
