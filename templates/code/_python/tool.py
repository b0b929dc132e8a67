

¶ The tool | Stands for yours. A call that cannot be done is answered too: Claude reads why, and can try again.
TURNS = 5
TOOL: {{ Tool }} = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


def run(call: Json) -> {{ Result }}:
    """The result of a call."""
    result: {{ Result }} = {"type": "tool_result", "tool_use_id": call["id"]}
    match call["name"], call["input"]:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}
