"""Judges what was made for a schema, as long as that takes little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from streamguide.simulator.schema.merging import (
    MOST_OPEN,
    Exhausted,
    Schema,
    parts_of,
    referenced,
    size_of,
)
from streamguide.simulator.schema.scalars import PATTERNS, Path
from streamguide.turns import Pause

# Of a schema that is compiled, which takes 3 microseconds per part, and up to 1 ms per pattern.
_MOST_PARTS = 4000
_PARTS_OF_PATTERN = 100
# Of a validator for one value, and for all values of a schema.
_MOST_STEPS = 20_000
_MOST_STEPS_TOGETHER = 100_000
# What takes 10 ms of copying. Errors inside of a choice are all kept, each with its value.
_MOST_COPIED = 30_000
_STEPS_OF_PATTERN = 20
_COPIED_PER_ERROR = 40
_SAYING_NOTHING = frozenset(
    ("title", "description", "default", "examples", "$defs", "definitions", "$schema", "$comment")
)
_APPLYING = frozenset(
    ("properties", "items", "prefixItems", "additionalProperties", "$ref", "allOf", "if", "then")
)
# With these a validator follows other ways than the steps that are counted here.
_NOT_COUNTED = ("unevaluatedProperties", "unevaluatedItems")
_RENAMING = ("$id", "id", "$anchor", "$dynamicRef", "$recursiveRef")


class Judge:
    """A validator that is asked only while its steps are few.

    It holds the interpreter while it works, and takes a schema's branches in turn: with references
    in them, twenty values in each other can cost a million steps. So the steps that it would take
    without short cuts are counted first, in pieces.
    """

    def __init__(self, schema: Schema, pause: Pause) -> None:
        self._schema = schema
        self._pause = pause
        self._steps = self._earlier_steps = self._copied = 0
        self._sizes: dict[int, int] = {}
        self._validator = _validator(schema)

    def misfit(self, value: Any) -> Path | None:
        """Where the value does not fit, or None if it fits. Raises Exhausted if that takes long."""
        if self._validator is None or self._earlier_steps > _MOST_STEPS_TOGETHER:
            raise Exhausted
        self._steps = self._copied = 0
        self._sizes.clear()
        self._count(self._schema, value, 0)
        self._earlier_steps += self._steps
        if self._copied > _MOST_COPIED:
            return None if self._validator.is_valid(value) else ()
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            return _place_of(error)
        return None

    def _charge(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise Exhausted

    def _count(self, schema: Any, value: Any, depth: int, *, in_branch: bool = False) -> None:
        """Charge for each step, as if every keyword were looked at, and for each error kept."""
        self._pause()
        self._charge(1)
        if depth > MOST_OPEN:
            raise Exhausted
        for keyword, given in schema.items() if isinstance(schema, Mapping) else ():
            if keyword in _SAYING_NOTHING:
                continue
            inside = in_branch or keyword in ("anyOf", "oneOf")
            errors = len(given) if keyword == "required" else 1
            self._charge(errors)
            if inside and keyword not in _APPLYING:
                self._copied += errors * (_COPIED_PER_ERROR + self._size_of(value))
            for part, inner in self._applied(keyword, given, value):
                self._count(part, inner, depth + 1, in_branch=inside)

    def _size_of(self, value: Any) -> int:
        if id(value) not in self._sizes:
            self._sizes[id(value)] = size_of(value)
        return self._sizes[id(value)]

    def _applied(self, keyword: str, given: Any, value: Any) -> Iterator[tuple[Any, Any]]:
        """The schemas that a keyword applies, each with the part of the value that it is for."""
        match keyword:
            case "$ref":
                yield referenced(self._schema, given), value
            case "allOf" | "anyOf" | "oneOf":
                yield from ((part, value) for part in given)
            case "not" | "if" | "then" | "else":
                yield given, value
            case "dependentSchemas" | "dependencies":
                yield from ((part, value) for part in given.values())
            case "enum" | "const":
                self._charge(size_of(given))
            case "pattern" if isinstance(value, str):
                self._charge(_STEPS_OF_PATTERN + len(value))
            case _ if isinstance(value, Mapping):
                yield from self._applied_to_members(keyword, given, value)
            case _ if isinstance(value, list):
                yield from self._applied_to_items(keyword, given, value)

    def _applied_to_members(
        self, keyword: str, given: Any, value: Mapping[str, Any]
    ) -> Iterator[tuple[Any, Any]]:
        match keyword:
            case "properties":
                self._charge(len(given))
                yield from ((part, value[name]) for name, part in given.items() if name in value)
            case "patternProperties":
                for part in given.values():
                    for name, inner in value.items():
                        self._charge(_STEPS_OF_PATTERN + len(name))
                        yield part, inner
            case "additionalProperties":
                yield from ((given, inner) for inner in value.values())
            case "propertyNames":
                yield from ((given, name) for name in value)

    def _applied_to_items(
        self, keyword: str, given: Any, value: list[Any]
    ) -> Iterator[tuple[Any, Any]]:
        match keyword:
            case "items" | "prefixItems" if isinstance(given, list):
                yield from zip(given, value, strict=False)
            case "items" | "additionalItems" | "contains":
                yield from ((given, inner) for inner in value)
            case "uniqueItems":
                self._charge(size_of(value))


def _validator(schema: Schema) -> jsonschema_rs.Validator | None:
    parts = 0
    for part in parts_of(schema):
        parts += 1
        if isinstance(part, Mapping):
            if any(name in part for name in _NOT_COUNTED) or any(
                isinstance(part.get(name), str) for name in _RENAMING
            ):
                return None
            parts += _PARTS_OF_PATTERN * isinstance(part.get("pattern"), str)
            patterns = part.get("patternProperties")
            parts += _PARTS_OF_PATTERN * len(patterns if isinstance(patterns, Mapping) else ())
        if parts > _MOST_PARTS:
            return None
    try:
        return jsonschema_rs.validator_for(dict(schema), pattern_options=PATTERNS, offline=True)
    except ValueError:
        # A pattern or a reference that it does not take.
        return None


def _place_of(error: jsonschema_rs.ValidationError) -> Path:
    """Where the value does not fit: of the branches of a choice, the one that fits furthest in."""
    branches = getattr(error.kind, "context", [])
    inner = [_place_of(one) for branch in branches for one in branch]
    return max([tuple(error.instance_path), *inner], key=len)
