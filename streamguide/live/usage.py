"""The usage of a relayed message: whether it can be settled, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeGuard

from streamguide.models import Model
from streamguide.reading.outline import Outline

# More than any context; a larger number is no count of tokens.
_MOST_TOKENS = 100_000_000
COUNTS = (
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
)


def is_final(message: Outline) -> bool:
    """Whether the usage is of the whole message and plausible. Only then it can be settled."""
    usage = message.usage
    told = [usage.get(name) for name in COUNTS] + [_written_for_an_hour(usage)]
    return (
        message.is_stopped
        and message.stop_reason is not None
        and _is_count(usage.get("output_tokens"))
        and all(value is None or _is_count(value) for value in told)
    )


def tokens(usage: Mapping[str, Any], name: str) -> int:
    """A count of the usage; 0 without one."""
    return _count(usage.get(name))


def cost(usage: Mapping[str, Any], model: Model) -> float:
    """US dollars for the usage."""
    hour = _count(_written_for_an_hour(usage))
    return model.price.of(
        input=tokens(usage, "input_tokens"),
        output=tokens(usage, "output_tokens"),
        cache_write_5m=max(0, tokens(usage, "cache_creation_input_tokens") - hour),
        cache_write_1h=hour,
        cache_read=tokens(usage, "cache_read_input_tokens"),
    )


def _written_for_an_hour(usage: Mapping[str, Any]) -> Any:
    created = usage.get("cache_creation")
    return created.get("ephemeral_1h_input_tokens") if isinstance(created, dict) else None


def _count(value: Any) -> int:
    return value if _is_count(value) else 0


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _MOST_TOKENS
