// A tool call, typed. Events are a union: testing `type` narrows them.
import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic();

const forecast: Anthropic.Tool = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" }, days: { type: "integer" } },
    required: ["location"],
  },
};

function show(event: Anthropic.MessageStreamEvent): void {
  switch (event.type) {
    case "content_block_delta":
      if (event.delta.type === "text_delta") process.stdout.write(event.delta.text);
      break;
    case "message_delta":
      console.error(`\n${event.delta.stop_reason}`);
      break;
    // No `default` that throws: the API may send events that this union does not list.
  }
}

async function ask(question: string): Promise<Anthropic.ToolUseBlock[]> {
  const stream = client.messages.stream({
    model: "claude-opus-5-5",
    max_tokens: 16_000,
    tools: [forecast],
    messages: [{ role: "user", content: question }],
  });
  for await (const event of stream) show(event);
  const message = await stream.finalMessage();
  // With any other stop reason the input may be cut, and still look complete.
  if (message.stop_reason !== "tool_use") return [];
  return message.content.filter((block) => block.type === "tool_use");
}

for (const call of await ask("Do I need a raincoat in Bergen tomorrow?")) {
  console.error(`call ${call.name} with`, call.input);
}
