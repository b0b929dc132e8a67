"""Show a tool's input while it is written, then answer the call. Argument: the model.

The exit status is 0 if the call came whole and its input is JSON.
"""

import json
import sys
from dataclasses import dataclass

import anthropic
import httpx2
import jiter
from anthropic.types import ToolParam, ToolResultBlockParam

MODEL = sys.argv[1] if len(sys.argv) > 1 else "claude-opus-5-5"

# region tool
NOTE: ToolParam = {
    "name": "create_note",
    "description": "Saves a note.",
    "input_schema": {
        "type": "object",
        "properties": {"title": {"type": "string"}, "body": {"type": "string"}},
        "required": ["title", "body"],
    },
    "eager_input_streaming": True,
}
# endregion


@dataclass
class Call:
    """A call while it is written: the text of its input, and how much of the note is on screen."""

    id: str
    text: str = ""
    shown: int = 0

    # region show
    def add(self, piece: str) -> None:
        """Add a piece of JSON, and print what the note has gained."""
        self.text += piece
        if not self.text:
            return  # the first piece is empty
        try:
            given = jiter.from_json(self.text.encode(), partial_mode="trailing-strings")
        except ValueError:
            return  # no JSON: the end of the call will tell
        body = given.get("body", "") if isinstance(given, dict) else ""
        if isinstance(body, str):
            print(body[self.shown :], end="", flush=True)
            self.shown = len(body)

    # endregion

    # region result
    def result(self) -> ToolResultBlockParam:
        """The answer to the finished call. Text that is no JSON goes back as it came."""
        answer: ToolResultBlockParam = {"type": "tool_result", "tool_use_id": self.id}
        try:
            given = json.loads(self.text or "{}")
        except ValueError:
            invalid = json.dumps({"INVALID_JSON": self.text})
            return {**answer, "content": invalid, "is_error": True}
        return {**answer, "content": f"saved {given['title']!r}"}

    # endregion


def read(client: anthropic.Anthropic) -> tuple[list[Call], str | None]:
    """The calls of one answer, and its stop reason: None if it broke off."""
    calls: dict[int, Call] = {}
    stop_reason = None
    # region stream
    with client.messages.create(
        model=MODEL,
        max_tokens=16_000,
        tools=[NOTE],
        messages=[{"role": "user", "content": "Save a packing list for winter hiking."}],
        stream=True,
    ) as stream:
        for event in stream:
            match event.type:
                case "content_block_start" if event.content_block.type == "tool_use":
                    calls[event.index] = Call(event.content_block.id)
                case "content_block_delta" if event.delta.type == "input_json_delta":
                    calls[event.index].add(event.delta.partial_json)
                case "message_delta":
                    stop_reason = event.delta.stop_reason or stop_reason
                case "message_stop":
                    return list(calls.values()), stop_reason
    # endregion
    return [], None


def main() -> int:
    calls, stop_reason = read(anthropic.Anthropic(timeout=httpx2.Timeout(600, read=120)))
    print(f"\n[{stop_reason}]", file=sys.stderr)
    if stop_reason != "tool_use":
        return 1
    results = [call.result() for call in calls]
    print(json.dumps(results, indent=2), file=sys.stderr)
    return 1 if any(result.get("is_error") for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
