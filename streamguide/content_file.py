"""Files of `content/`: TOML or JSON that is validated with dataclasses or TypedDicts.

>>> with inside(path.name):
...     front = checked(TypeAdapter(FrontMatter), parse(path.read_text()))
"""

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

# pydantic calls the values of a dataclass arguments.
_WORDS = {
    "unexpected_keyword_argument": "is not known",
    "extra_forbidden": "is not known",
    "missing_argument": "is missing",
    "missing_keyword_only_argument": "is missing",
    "missing": "is missing",
}


class ContentError(ValueError):
    """A file is invalid: the message names the file, the place in it, and the valid values."""


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Put the name of a file, or of a place in it, before the message of a ContentError."""
    try:
        yield
    except ContentError as error:
        raise ContentError(f"{name}: {error}") from None


def parse(text: str) -> dict[str, Any]:
    """Parse TOML. Raises ContentError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"not valid TOML: {error}") from None
    except RecursionError:
        raise ContentError("not valid TOML: nested too deeply") from None


def checked(kind: TypeAdapter[T], values: Mapping[str, Any]) -> T:
    """Validate values as the dataclass or the TypedDict of the adapter. Raises ContentError.

    The error names the first invalid place as a path such as `events.ping.fields.0.type`.
    """
    # In JSON, strict mode accepts arrays as tuples, and strings as dates.
    return checked_json(kind, json.dumps(values, default=str))


def checked_json(kind: TypeAdapter[T], text: str | bytes) -> T:
    """Parse and validate JSON in the same way. Raises ContentError."""
    try:
        return kind.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ContentError(f"{place}: {_WORDS.get(first['type'], first['msg'])}") from None
