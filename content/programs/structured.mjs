// An answer of a type of your own, shown while it grows, checked by Zod at the end.
import Anthropic from "@anthropic-ai/sdk";
import { zodOutputFormat } from "@anthropic-ai/sdk/helpers/zod";
import { z } from "zod";
import { parsePartial } from "./partial-json.mjs";

const client = new Anthropic();

// #region ask
const Recipe = z.object({
  title: z.string(),
  ingredients: z.array(z.object({ name: z.string(), grams: z.int().min(1) })),
  steps: z.array(z.string()),
});

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: Number(process.argv[2] ?? 16_000),
  output_config: { format: zodOutputFormat(Recipe) },
  messages: [{ role: "user", content: "A recipe for pancakes, please." }],
});
stream.on("text", (_, text) => console.error(parsePartial(text)?.title));

try {
  const { parsed_output: recipe } = await stream.finalMessage();
  console.log(recipe?.title, recipe?.steps);
} catch (error) {
  console.error(stream.currentMessage?.stop_reason, error);
  process.exitCode = 1;
}
// #endregion
