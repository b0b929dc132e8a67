"""Judges what was made for a schema, as long as that takes little."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from streamguide.simulator.schema.merging import (
    MOST_OPEN,
    Exhausted,
    Schema,
    names_of,
    referenced,
    size_of,
)
from streamguide.simulator.schema.scalars import PATTERNS, Path
from streamguide.turns import Pause

# Of a schema that is compiled, which takes 3 microseconds per part, and up to 1 ms per pattern.
_MOST_PARTS = 4000
_PARTS_OF_PATTERN = 100
# The path to each part is kept, too.
_MOST_CHARACTERS_OF_PATHS = 5_000_000
# Of a validator for one value, and for all values of a schema.
_MOST_STEPS = 20_000
_MOST_STEPS_TOGETHER = 100_000
# What takes 10 ms of copying. Errors inside of a choice are all kept, each with its value, with what
# the keyword says, and with two paths through the schema and one through the value.
_MOST_COPIED = 30_000
_COPIED_PER_ERROR = 40
# Keywords that read a whole text.
_READING = frozenset(("pattern", "format", "contentEncoding", "contentMediaType"))
_STEPS_OF_READING = 20
_SAYING_NOTHING = frozenset(
    ("title", "description", "default", "examples", "$defs", "definitions", "$schema", "$comment")
)
_APPLYING = frozenset(
    ("properties", "items", "prefixItems", "additionalProperties", "$ref", "allOf", "if", "then")
)
_CHOICES = ("anyOf", "oneOf")
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
        self._steps = self._earlier_steps = self._copied = self._names = 0
        self._sizes: dict[int, int] = {}
        self._sizes_in_schema: dict[int, int] = {}
        self._longest_name = max(map(len, names_of(schema)), default=0)
        self._validator = _validator(schema)

    def misfit(self, value: Any) -> Path | None:
        """Where the value does not fit, or None if it fits. Raises Exhausted if that takes long."""
        if self._validator is None or self._earlier_steps > _MOST_STEPS_TOGETHER:
            raise Exhausted
        self._sizes.clear()
        self._steps, self._names = 0, sum(map(len, names_of(value))) // 100
        # The value is converted, and copied at least into the first error, which ends it.
        self._copied = self._size_of(value) + self._names
        self._charge(self._copied)
        self._count(self._schema, value, 0)
        self._earlier_steps += self._steps
        if self._copied > _MOST_COPIED:
            return None if self._validator.is_valid(value) else ()
        self._earlier_steps += self._copied
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
        if in_branch and schema is False:
            self._keep_errors(1, schema, value, depth)
        for keyword, given in schema.items() if isinstance(schema, Mapping) else ():
            if keyword in _SAYING_NOTHING:
                continue
            inside = in_branch or keyword in _CHOICES
            errors = _most_errors(keyword, given)
            self._charge(errors)
            if inside and (keyword not in _APPLYING or given is False):
                self._keep_errors(errors, None if keyword in _CHOICES else given, value, depth)
            for part, inner in self._applied(keyword, given, value):
                self._count(part, inner, depth + 1, in_branch=inside)

    def _keep_errors(self, number: int, given: Any, value: Any, depth: int) -> None:
        paths = self._names + self._longest_name * depth // 50
        self._copied += number * (_COPIED_PER_ERROR + self._size_of(value) + paths)
        self._copied += _looked_up(given, self._sizes_in_schema)

    def _size_of(self, value: Any) -> int:
        return _looked_up(value, self._sizes)

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
            case _ if isinstance(value, str):
                reads = keyword in _READING
                self._charge(_STEPS_OF_READING + len(value) if reads else len(value) // 100)
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
                        self._charge(_STEPS_OF_READING + len(name))
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


def _looked_up(value: Any, sizes: dict[int, int]) -> int:
    """The size of a value that lives as long as `sizes`."""
    if id(value) not in sizes:
        sizes[id(value)] = size_of(value)
    return sizes[id(value)]


def _most_errors(keyword: str, given: Any) -> int:
    """The number of errors that a keyword may have about one value."""
    if keyword == "required":
        return len(given)
    return size_of(given) if keyword in ("dependentRequired", "dependencies") else 1


def _validator(schema: Schema) -> jsonschema_rs.Validator | None:
    parts = characters = 0
    for part, path in _parts_with_paths(schema):
        parts += 1
        characters += path
        if isinstance(part, Mapping):
            if any(name in part for name in _NOT_COUNTED) or any(
                isinstance(part.get(name), str) for name in _RENAMING
            ):
                return None
            parts += _PARTS_OF_PATTERN * isinstance(part.get("pattern"), str)
            # The validator keeps a reference as a path.
            reference = part.get("$ref")
            characters += len(reference) if isinstance(reference, str) else 0
            patterns = part.get("patternProperties")
            parts += _PARTS_OF_PATTERN * len(patterns if isinstance(patterns, Mapping) else ())
        if parts > _MOST_PARTS or characters > _MOST_CHARACTERS_OF_PATHS:
            return None
    try:
        # Only the place of an error is of interest: with a mask its message does not repeat the value.
        return jsonschema_rs.validator_for(
            dict(schema), pattern_options=PATTERNS, offline=True, mask=""
        )
    except ValueError:
        # A pattern or a reference that it does not take.
        return None


def _parts_with_paths(schema: Schema) -> Iterator[tuple[Any, int]]:
    """All parts, each with the number of characters in the names that lead to it."""
    parts: list[tuple[Any, int]] = [(schema, 0)]
    for part, path in parts:
        yield part, path
        if isinstance(part, Mapping):
            parts += ((inner, path + len(name)) for name, inner in part.items())
        elif isinstance(part, list):
            parts += ((inner, path) for inner in part)


def _place_of(error: jsonschema_rs.ValidationError) -> Path:
    """Where the value does not fit: of the branches of a choice, the one that fits furthest in."""
    branches = getattr(error.kind, "context", [])
    inner = [_place_of(one) for branch in branches for one in branch]
    return max([tuple(error.instance_path), *inner], key=len)
