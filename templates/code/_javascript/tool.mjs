¶ The tool | Stands for yours. A call that cannot be done is answered too: Claude reads why, and can try again.
const TURNS = 5;
%% if sdk and not typed
/** @type {Anthropic.Tool} */
%% endif
const TOOL{{ ": Anthropic.Tool" if typed }} = {
  name: "get_forecast",
  description: "The weather forecast for a place.",
  input_schema: {
    type: "object",
    properties: { location: { type: "string" } },
    required: ["location"],
  },
};

{{ function("function run", {"call": "Anthropic.ToolUseBlock" if sdk else "any"}, "The result of a call.", "Anthropic.ToolResultBlockParam" if sdk else "") }}
  // Whatever the schema says, it may be anything.
  const { location } = Object(call.input);
  const isKnown = call.name === "get_forecast" && typeof location === "string";
  const content = isKnown
    ? JSON.stringify({ location, rain_mm: 11, high_celsius: 7 })
    : `${call.name} cannot take ${JSON.stringify(call.input)}`;
  if (!isKnown) console.error(`\n[${content}]`);
  return {
    type: "tool_result",
    tool_use_id: call.id,
    content,
    is_error: !isKnown,
  };
}
