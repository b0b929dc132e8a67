"""Bodies of requests, checked against pydantic's models, in the words of the API's refusals."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from streamguide.protocol.refusal import invalid
from streamguide.turns import Pause, no_pause

Body = TypeVar("Body", bound=BaseModel)

# Ours: a value costs up to a hundred times its bytes in memory, and microseconds to check. The
# 100,000 messages that the API documents are 300,000 values.
MOST_VALUES = 320_000
_REST = bytes(set(range(256)) - set(b',[{"'))
_CHUNK = 1_000_000


def validate(
    kind: type[Body], body: bytes, most_values: int = MOST_VALUES, pause: Pause = no_pause
) -> Body:
    """The request that a body of JSON holds. Raises Refusal, with the place of the first error.

    Lists of the models have to be `fail_fast`: pydantic would collect an error for each item.
    """
    if _has_more_values(body, most_values, pause):
        raise invalid(f"The request body has more than {most_values:,} values")
    try:
        # In two steps, because only `from_json` refuses NaN everywhere, which is not JSON.
        # Where names do not repeat, looking each one up costs half as much again.
        value = from_json(body, allow_inf_nan=False, cache_strings="none")
    except ValueError as error:
        raise invalid(f"The request body is not valid JSON: {error}") from None
    pause()
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise invalid(_first_error(error)) from None


def _has_more_values(body: bytes, most: int, pause: Pause) -> bool:
    """Whether the JSON has more values than `most`, told without reading it.

    It counts commas and opening brackets outside strings, which is at most one value less. It works
    in chunks, so that the beginning of a body of nothing else is enough.
    """
    if len(body) <= most:
        return False
    # Without escaped characters every quote begins or ends a string.
    body = body.replace(b"\\\\", b"")
    pause()
    body = body.replace(b'\\"', b"")
    values, inside = 0, False
    for start in range(0, len(body), _CHUNK):
        pieces = body[start : start + _CHUNK].translate(None, _REST).split(b'"')
        values += sum(map(len, pieces[inside::2]))
        if values > most:
            return True
        inside ^= len(pieces) % 2 == 0
        pause()
    return False


def _first_error(error: ValidationError) -> str:
    # Each branch of a union has errors. The one with the longest path was meant, and of several,
    # one whose type was given.
    first = max(
        error.errors(include_url=False, include_context=False, include_input=False),
        key=lambda one: (len(_place(one["loc"])), not one["type"].endswith("_type")),
    )
    place = ".".join(_place(first["loc"]))
    # Pydantic adds the name of a class of ours.
    message = str(first["msg"]).partition(" or instance of ")[0]
    return f"{place}: {message}" if place else message


def _place(loc: tuple[int | str, ...]) -> list[str]:
    """The path without the names that pydantic gives to the branches of a union."""
    return [str(part) for part in loc if not _is_branch(part)]


def _is_branch(part: Any) -> bool:
    return part in ("str", "constrained-str") or str(part).startswith("list[")
