import { ChatAnthropic } from "@langchain/anthropic";

const model = new ChatAnthropic({
  model: "claude-opus-5-5",
  anthropicApiUrl: "http://127.0.0.1:8000/simulator/hello",
  apiKey: "any",
});
let answer;
for await (const chunk of await model.stream("Hello", { timeout: 300_000 })) {
  process.stdout.write(chunk.text);
  answer = answer ? answer.concat(chunk) : chunk;
}
