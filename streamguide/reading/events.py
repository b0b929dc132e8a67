"""The event that a frame carries."""

from __future__ import annotations

import json
from typing import Any

from streamguide.reading.frames import Frame

# An event's JSON object.
Event = dict[str, Any]


def event_of(frame: Frame) -> Event | None:
    """The event of a frame; None if its data is no JSON object.

    Data without a type has that of its event line. An `error` event is one whatever its data is.
    """
    value = parse_json(frame.data)
    if frame.name == "error":
        return {"type": "error", "error": frame.data if value is None else value}
    if not isinstance(value, dict):
        return None
    if not isinstance(value.get("type"), str) and frame.name:
        return value | {"type": frame.name}
    return value


def parse_json(text: str) -> Any:
    """The value of a JSON text; None if it is not JSON. Halves of surrogate pairs are kept."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def words_of(value: Any) -> str:
    """What an error says, whatever it is: an object of the API, of a gateway, or plain text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return json.dumps(value)
    inner = value.get("error")
    if isinstance(inner, dict | str):
        return words_of(inner)
    told = [value[name] for name in ("type", "message") if isinstance(value.get(name), str)]
    return ": ".join(told) if "message" in value and told else json.dumps(value, ensure_ascii=False)


def well_formed(text: str) -> str:
    """The text with pairs of surrogates joined, and every other half replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
