"""The keywords that SDKs move into a schema's description, since the API does not take them.

The official SDKs do so for structured output: `{minimum: 1, maximum: 10}` at the end of the
description. A model reads it there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
from pydantic_core import from_json

from streamguide.simulator.schema.merging import Schema
from streamguide.turns import Pause

# Of the characters with keywords: of one description, and of all together.
_LONGEST = 2000
_MOST_READ = 50_000
_KEYWORD = re.compile(
    r"(?:^|, )(minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf|minLength|maxLength"
    r"|pattern|format|minItems|maxItems|uniqueItems|prefixItems): "
)
# What stands in these is no schema.
_VALUES = frozenset(("const", "default", "enum", "examples"))


def with_described(schema: Schema, pause: Pause) -> Schema:
    """A copy of the schema that has the keywords of its descriptions, in every part."""
    whole: Schema = _Copier(pause).copied(schema)
    return whole


class _Copier:
    def __init__(self, pause: Pause) -> None:
        self._pause = pause
        self._left = _MOST_READ

    def copied(self, value: Any) -> Any:
        self._pause()
        if isinstance(value, list):
            return [self.copied(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        parts = {
            name: part if name in _VALUES else self.copied(part) for name, part in value.items()
        }
        return {**dict(self._described(value.get("description"))), **parts}

    def _described(self, text: Any) -> Iterator[tuple[str, Any]]:
        """The keywords at the end of a description, each with a value that it takes."""
        if not isinstance(text, str) or not text.endswith("}"):
            return
        start = text.rfind("\n\n{") + 2 if "\n\n{" in text else 0
        length = len(text) - start
        if text[start] != "{" or length > min(_LONGEST, self._left):
            return
        self._left -= length
        names_and_values = _KEYWORD.split(text[start + 1 : -1])[1:]
        for name, written in zip(names_and_values[::2], names_and_values[1::2], strict=True):
            for value in _read(written):
                if jsonschema_rs.meta.is_valid({name: value}):
                    yield name, value
                    break


def _read(written: str) -> Iterator[Any]:
    """What a value can mean: in JavaScript's SDK it is JSON, in Python's what `str()` gives."""
    for text in (written, written.replace("'", '"'), written.lower()):
        try:
            yield from_json(text, allow_inf_nan=False)
        except ValueError:
            continue
    yield written
