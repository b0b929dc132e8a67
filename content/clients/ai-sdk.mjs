import { createAnthropic } from "@ai-sdk/anthropic";
import { streamText } from "ai";

const anthropic = createAnthropic({
  baseURL: "http://127.0.0.1:8000/simulator/hello/v1",
  apiKey: "any",
});
const result = streamText({
  model: anthropic("claude-opus-5-5"),
  prompt: "Hello",
  timeout: { chunkMs: 300_000 },
});
for await (const text of result.textStream) process.stdout.write(text);
