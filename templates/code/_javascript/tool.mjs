%% set stands = "The program checks that all required properties are there, and sends Claude its own input back: put in what your tool does." if own_tool else "Stands for yours."
¶ The tool | {{ stands }} A call that cannot be done is answered too: Claude reads why, and can try again.
const TURNS = 5;
%% if sdk and not typed
/** @type {Anthropic.Tool} */
%% endif
const TOOL{{ ": Anthropic.Tool" if typed }} = {
  name: {{ tool_name }},
{{ value("  description: ", tool_description) }},
{{ value("  input_schema: ", tool_schema) }},
};
%% if own_tool and tool_required
{{ constant_list("REQUIRED", tool_required) }}
%% endif

{{ function("function run", {"call": "Anthropic.ToolUseBlock" if sdk else "any"}, "The result of a call.", "Anthropic.ToolResultBlockParam" if sdk else "") }}
  // Whatever the schema says, it may be anything.
%% if own_tool
  const given = Object(call.input);
%% if tool_required
  const isKnown =
    call.name === TOOL.name &&
    REQUIRED.every((name) => Object.hasOwn(given, name));
%% else
  const isKnown = call.name === TOOL.name;
%% endif
  // Here goes what the tool does. Until then, Claude gets its own input back.
  const content = isKnown
    ? JSON.stringify(given)
%% else
  const { location } = Object(call.input);
  const isKnown = call.name === "get_forecast" && typeof location === "string";
  const content = isKnown
    ? JSON.stringify({ location, rain_mm: 11, high_celsius: 7 })
%% endif
    : `${call.name} cannot take ${JSON.stringify(call.input)}`;
  if (!isKnown) console.error(`\n[${content}]`);
  return {
    type: "tool_result",
    tool_use_id: call.id,
    content,
    is_error: !isKnown,
  };
}
