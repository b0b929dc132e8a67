

%% set stands = "The program checks that all required properties are there, and sends Claude its own input back: put in what your tool does." if own_tool else "Stands for yours."
¶ The tool | {{ stands }} A call that cannot be done is answered too: Claude reads why, and can try again.
TURNS = 5
TOOL: {{ Tool }} = {
    "name": {{ tool_name }},
{{ value('    "description": ', tool_description) }},
{{ value('    "input_schema": ', tool_schema) }},
}
%% if own_tool and tool_required
{{ constant_list("REQUIRED", tool_required) }}
%% endif


def run(call: Json) -> {{ Result }}:
    """The result of a call."""
    result: {{ Result }} = {"type": "tool_result", "tool_use_id": call["id"]}
%% if own_tool
    given = call["input"]
%% if tool_required
    fits = isinstance(given, dict) and all(name in given for name in REQUIRED)
%% else
    fits = isinstance(given, dict)
%% endif
    if call["name"] != TOOL["name"] or not fits:
        content = f"{call['name']} cannot take {given}"
        return {**result, "content": content, "is_error": True}
    # Here goes what the tool does. Until then, Claude gets its own input back.
    return {**result, "content": json.dumps(given)}
%% else
    match call["name"], call["input"]:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}
%% endif
