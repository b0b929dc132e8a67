"""Files of `content/`: TOML that is checked against the dataclasses which say what it takes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

T = TypeVar("T")

# For `__pydantic_config__` of a dataclass or a TypedDict.
STRICT = ConfigDict(extra="forbid", strict=True)

# pydantic speaks of arguments where a dataclass takes the values.
_WORDS = {
    "unexpected_keyword_argument": "is not known",
    "extra_forbidden": "is not known",
    "missing_argument": "is missing",
    "missing_keyword_only_argument": "is missing",
    "missing": "is missing",
}


class ContentError(ValueError):
    """A file that cannot be used: names the file, the place in it, and what it takes."""


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Put the name of a file, or of a place in it, before what a ContentError says."""
    try:
        yield
    except ContentError as error:
        raise ContentError(f"{name}: {error}") from None


def parse(text: str) -> dict[str, Any]:
    """The values of TOML. Raises ContentError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"not valid TOML: {error}") from None


def checked(kind: TypeAdapter[T], values: Mapping[str, Any]) -> T:
    """These values as the dataclass or the TypedDict of the adapter. Raises ContentError.

    The annotations say what is allowed. The error names the first place that is wrong, with dots
    between its parts: `events.ping.fields.0.type`.
    """
    try:
        # As JSON, of which strict mode takes arrays for tuples, and text for a date.
        return kind.validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ContentError(f"{place}: {_WORDS.get(first['type'], first['msg'])}") from None
