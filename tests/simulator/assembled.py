"""A message put together from raw events by the documented rules, and comparing messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json

Json = dict[str, Any]

# Deltas that add to a string, by what they carry; a signature comes whole.
_STRINGS = {
    "text_delta": "text",
    "thinking_delta": "thinking",
    "signature_delta": "signature",
}


def assembled(events: Iterable[Json]) -> Json:
    """The message that the events make."""
    message: Json = {}
    inputs: dict[int, str] = {}
    for event in events:
        match event["type"]:
            case "message_start":
                message = event["message"]
            case "content_block_start":
                _start(message, event["content_block"])
            case "content_block_delta":
                _add(message["content"][event["index"]], event, inputs)
            case "message_delta":
                _end(message, event)
    for index, text in inputs.items():
        # A call that max_tokens cut is never closed, and its JSON has no end.
        message["content"][index]["input"] = from_json(text or "{}", allow_partial=True)
    return message


def _start(message: Json, block: Json) -> None:
    message["content"].append(block)
    if block["type"] == "fallback":
        message["model"] = block["to"]["model"]


def _add(block: Json, event: Json, inputs: dict[int, str]) -> None:
    delta, index = event["delta"], event["index"]
    name = _STRINGS.get(delta["type"])
    if name is not None:
        block[name] = (block.get(name) or "") + delta[name]
    elif delta["type"] == "input_json_delta":
        inputs[index] = inputs.get(index, "") + delta["partial_json"]
    elif delta["type"] == "citations_delta":
        block["citations"] = [*(block.get("citations") or []), delta["citation"]]
    else:
        block |= {name: value for name, value in delta.items() if name != "type"}


def _end(message: Json, event: Json) -> None:
    message |= event["delta"]
    # Totals, not differences; a field that is missing keeps its value from the start.
    message["usage"] |= {name: value for name, value in event["usage"].items() if value is not None}
    message |= {name: event[name] for name in event.keys() - {"type", "delta", "usage"}}


def without_nulls(value: Any) -> Any:
    """The value without its null members, and without what the SDKs add to a message."""
    if isinstance(value, dict):
        kept = {k: without_nulls(v) for k, v in value.items() if v is not None}
        return {k: v for k, v in kept.items() if k not in ("parsed_output",)}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
