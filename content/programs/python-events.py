"""Show every kind of output: thinking, text, and the call of a tool."""

import sys

import anthropic
from anthropic.types import ToolParam

client = anthropic.Anthropic()

FORECAST: ToolParam = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["location"],
    },
}

with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    thinking={"type": "adaptive", "display": "summarized"},
    tools=[FORECAST],
    messages=[{"role": "user", "content": "Do I need a raincoat in Bergen tomorrow?"}],
) as stream:
    # region events
    for event in stream:
        match event.type:
            case "content_block_start":
                print(f"\n[{event.content_block.type}]", file=sys.stderr)
            case "thinking":
                print(event.thinking, end="", file=sys.stderr, flush=True)
            case "text":
                print(event.text, end="", flush=True)
            case "input_json":
                print(event.partial_json, end="", file=sys.stderr, flush=True)
            # No `case _`: what is not known is ignored.
    # endregion
    # region tools
    message = stream.get_final_message()
    if message.stop_reason == "tool_use":
        for block in message.content:
            if block.type == "tool_use":
                print(f"\ncall {block.name} with {block.input}", file=sys.stderr)
    # endregion
