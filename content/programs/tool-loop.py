"""Ask a question that needs a tool, run the tool, and go on: for a few turns at most.

The exit status is 0 only if Claude finished its answer.
"""

import json
import sys

import anthropic
import httpx2
from anthropic.types import Message, MessageParam, ToolParam, ToolResultBlockParam, ToolUseBlock

TURNS = 3
FORECAST: ToolParam = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


# region tool
def forecast(location: str) -> str:
    """Stands for your tool."""
    return json.dumps({"location": location, "rain_mm": 11, "high_celsius": 7})


def run(call: ToolUseBlock) -> ToolResultBlockParam:
    """The result of one call. A failure is a result too: Claude reads it, and can try again."""
    result: ToolResultBlockParam = {"type": "tool_result", "tool_use_id": call.id}
    match call.name, call.input:
        case "get_forecast", {"location": str(location)}:
            return {**result, "content": forecast(location)}
        case name, given:
            return {**result, "content": f"{name} cannot take {given}", "is_error": True}


# endregion


# region loop
def ask(client: anthropic.Anthropic, messages: list[MessageParam]) -> Message:
    """One turn, shown as it comes. Its stop_reason is None if the stream ended early."""
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        # What Claude says between calls comes as thinking, which is empty by default.
        thinking={"type": "adaptive", "display": "summarized"},
        tools=[FORECAST],
        messages=messages,
    ) as stream:
        for event in stream:
            if event.type == "text":
                print(event.text, end="", flush=True)
            elif event.type == "thinking":
                print(event.thinking, end="", file=sys.stderr, flush=True)
            elif event.type == "signature":
                print(file=sys.stderr)
        return stream.get_final_message()


def converse(client: anthropic.Anthropic, messages: list[MessageParam]) -> str | None:
    """None once Claude has finished, else why it has not."""
    for turn in range(1, TURNS + 1):
        message = ask(client, messages)
        if message.stop_reason in ("end_turn", "stop_sequence"):
            return None
        if message.stop_reason != "tool_use":
            return f"not finished: {message.stop_reason or 'the stream ended early'}"
        if turn == TURNS:
            break
        calls = [block for block in message.content if block.type == "tool_use"]
        print(f"\n[turn {turn}: {[call.name for call in calls]}]", file=sys.stderr)
        # Every block goes back as it is, thinking and its signature included.
        messages.append({"role": "assistant", "content": message.content})
        messages.append({"role": "user", "content": [run(call) for call in calls]})
    return f"stopped after {TURNS} turns; the last calls were not run"


# endregion


def main() -> str | None:
    client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))
    try:
        why = converse(client, [{"role": "user", "content": "Do I need a raincoat in Bergen?"}])
    except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
        why = f"failed: {error!r}"
    return why and f"\n{why}"


if __name__ == "__main__":
    sys.exit(main())
