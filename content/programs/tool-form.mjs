// Show a tool's input while it is written. The exit status is 0 if the call came whole.
import Anthropic from "@anthropic-ai/sdk";
import { parsePartial } from "./partial-json.mjs";

const client = new Anthropic();

const stream = client.messages.stream({
  model: "claude-opus-5-5",
  max_tokens: 16_000,
  tools: [
    {
      name: "create_note",
      description: "Saves a note.",
      input_schema: {
        type: "object",
        properties: { title: { type: "string" }, body: { type: "string" } },
        required: ["title", "body"],
      },
      eager_input_streaming: true,
    },
  ],
  messages: [{ role: "user", content: "Save a packing list for winter hiking." }],
});

// #region show
let json = "";
let shown = 0;
stream.on("inputJson", (piece) => {
  json += piece;
  const body = parsePartial(json)?.body;
  if (typeof body !== "string") return;
  process.stdout.write(body.slice(shown));
  shown = body.length;
});
stream.on("contentBlock", () => {
  json = "";
  shown = 0;
});
// #endregion

const message = await stream.finalMessage();
console.error(`\n[${message.stop_reason}]`);
process.exitCode = message.stop_reason === "tool_use" ? 0 : 1;
