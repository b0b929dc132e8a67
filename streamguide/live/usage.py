"""What the events of a stream say about it: model, usage, and whether it is complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from streamguide.models import Model

# More than any context; a larger number is no count of tokens.
_MOST_TOKENS = 100_000_000
_MOST_NAME = 200
COUNTS = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
)
_HOUR = "ephemeral_1h_input_tokens"


class UsageTracker:
    """Reads the events of one stream.

    `usage` is that of the last event with usage, by the API's rule: values are cumulative, and a
    field that `message_delta` omits or sets to null keeps its value of `message_start`.
    """

    def __init__(self) -> None:
        self.model = ""
        self.usage: dict[str, Any] = {}
        self.stop_reason: str | None = None
        self.is_whole = False
        self.error: dict[str, Any] | None = None

    def read(self, event: Mapping[str, Any]) -> None:
        """Read an event. Missing fields, and those of another type, are ignored."""
        match event.get("type"):
            case "message_start":
                message = _mapping(event.get("message"))
                self.model = _name(message.get("model")) or ""
                self._overwrite(message)
                self.stop_reason = _name(message.get("stop_reason"))
            case "message_delta":
                self._overwrite(event)
                self.stop_reason = _name(_mapping(event.get("delta")).get("stop_reason"))
            case "message_stop":
                self.is_whole = True
            case "error":
                self.error = dict(_mapping(event.get("error")))

    def _overwrite(self, holder: Mapping[str, Any]) -> None:
        usage = _mapping(holder.get("usage"))
        self.usage |= {name: value for name, value in usage.items() if value is not None}

    @property
    def is_final(self) -> bool:
        """Whether the usage is of the whole message and plausible. Only then it can be settled."""
        told = [self.usage.get(name, 0) for name in COUNTS]
        told.append(_mapping(self.usage.get("cache_creation")).get(_HOUR) or 0)
        return (
            self.is_whole
            and self.stop_reason is not None
            and "output_tokens" in self.usage
            and all(map(_is_count, told))
        )

    def tokens(self, name: str) -> int:
        """A count of the usage; 0 without one."""
        value = self.usage.get(name)
        return value if _is_count(value) else 0


def cost(tracker: UsageTracker, model: Model) -> float:
    """US dollars for the usage."""
    hour = _mapping(tracker.usage.get("cache_creation")).get(_HOUR)
    hour = hour if _is_count(hour) else 0
    read = tracker.tokens("cache_read_input_tokens")
    write = tracker.tokens("cache_creation_input_tokens")
    return model.price.of(
        input=tracker.tokens("input_tokens"),
        output=tracker.tokens("output_tokens"),
        cache_write_5m=max(0, write - hour),
        cache_write_1h=hour,
        cache_read=read,
    )


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MOST_TOKENS


def _name(value: Any) -> str | None:
    return value[:_MOST_NAME] if isinstance(value, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
