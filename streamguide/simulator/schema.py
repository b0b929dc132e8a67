"""An input that fits a tool's schema."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# Deeper schemas than this do not end: they refer to themselves.
_DEEPEST = 12
# A few references can stand for billions of values, and a short number for a long text.
_MOST_VALUES = 2000
_MOST_CHARACTERS = 50_000
# Of branches joined with what stands beside them, all together.
_MOST_MEMBERS = 50_000
_LONGEST_REFERENCE = 1000
_LARGEST = 10_000
# A place holds the names of properties, which can be long.
_MOST_ECHOED = 300
_KNOWN_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
# What a value must satisfy that this module does not try to.
_TOO_HARD = (
    *("allOf", "contains", "dependentRequired", "dependentSchemas", "if", "minProperties"),
    *("multipleOf", "not", "pattern", "patternProperties", "propertyNames", "uniqueItems"),
)


class SchemaError(ValueError):
    """A schema that no input is made for: says the place and what there is."""


def example(schema: Schema) -> Any:
    """A value that fits: every named property is there, each with the first value that it allows.

    Objects, arrays, strings, numbers, booleans, null, `enum`, `const`, `default`, `anyOf` and
    `oneOf` (the first that can be made), `$ref` into the schema itself, and limits of length
    and size. Raises SchemaError for the rest. The same schema always gives the same value.
    """
    return _Example(schema).of(schema, "input_schema", "value", 0)


class Exhausted(SchemaError):
    """The schema asks for more than is made: no other branch is tried."""


class _Example:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._values = 0
        self._characters = 0
        self._members = 0

    def of(self, schema: Any, place: str, name: str, depth: int) -> Any:
        """The value for a part of the schema, which stands at `place` and is called `name`."""
        if schema is True:
            schema = {}
        if not isinstance(schema, Mapping):
            raise SchemaError(f"{place} is not an object")
        if depth > _DEEPEST:
            raise SchemaError(f"{place} nests deeper than {_DEEPEST}")
        self._charge_values(1, place)
        hard = next((key for key in _TOO_HARD if key in schema), None)
        if hard:
            raise SchemaError(
                f"{place}.{hard} is more than the simulator makes inputs for: it knows objects, "
                "arrays, simple types and enums"
            )
        for key in ("const", "default"):
            if key in schema:
                return self._given(schema[key], f"{place}.{key}")
        if "enum" in schema:
            return self._given(_first(schema["enum"], f"{place}.enum"), f"{place}.enum")
        if "$ref" in schema:
            return self.of(self._target(schema["$ref"], place), place, name, depth + 1)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._of_branch(schema, key, place, name, depth)
        return self._of_type(schema, place, name, depth)

    def _of_branch(self, schema: Schema, key: str, place: str, name: str, depth: int) -> Any:
        """The value of the first branch that one can be made for, with what stands beside it."""
        _first(schema[key], f"{place}.{key}")
        refused: SchemaError | None = None
        for number, branch in enumerate(schema[key]):
            try:
                joined = self._joined(schema, key, branch, place)
                return self.of(joined, f"{place}.{key}.{number}", name, depth + 1)
            except Exhausted:
                raise
            except SchemaError as error:
                refused = refused or error
        assert refused is not None
        raise refused

    def _joined(self, schema: Schema, key: str, branch: Any, place: str) -> Any:
        """A branch with what stands beside `key`. Charged before it is made."""
        if not isinstance(branch, Mapping):
            return branch
        self._members += len(schema) + len(branch)
        if self._members > _MOST_MEMBERS:
            raise Exhausted(f"{place}.{key} has more than {_MOST_MEMBERS} members to join")
        beside = {other: value for other, value in schema.items() if other != key}
        return {**beside, **branch}

    def _given(self, value: Any, place: str) -> Any:
        """A value that the schema itself holds. Charged part by part, and never written whole."""
        parts = [value]
        while parts:
            part = parts.pop()
            if isinstance(part, float) and not math.isfinite(part):
                raise SchemaError(f"{place} is not a value that JSON knows")
            if isinstance(part, str):
                self._charge_text(part, place)
            elif isinstance(part, Mapping):
                self._charge(2 + 4 * len(part), place)
                for name in part:
                    self._charge_text(str(name), place)
                parts += part.values()
            elif isinstance(part, list):
                self._charge(2 + 2 * len(part), place)
                parts += part
            else:
                # A number of at most 4,300 digits, by Python's own limit, or a word.
                self._charge(len(json.dumps(part)), place)
        return value

    def _charge_text(self, text: str, place: str) -> None:
        # At first for its length, because writing it takes as long as it is.
        self._charge(len(text), place)
        self._charge(len(json.dumps(text)) - len(text), place)

    def _charge(self, characters: int, place: str) -> None:
        self._characters += characters
        if self._characters > _MOST_CHARACTERS:
            raise Exhausted(f"{_short(place)} asks for more than {_MOST_CHARACTERS} characters")

    def _charge_values(self, values: int, place: str) -> None:
        self._values += values
        if self._values > _MOST_VALUES:
            raise Exhausted(f"{_short(place)} asks for more than {_MOST_VALUES} values")

    def _of_type(self, schema: Schema, place: str, name: str, depth: int) -> Any:
        type_ = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(type_, list):
            type_ = _first(type_, f"{place}.type")
        match type_:
            case "object":
                return self._object(schema, place, depth)
            case "array":
                count = max(1, _count(schema, "minItems", 1, place))
                if _count(schema, "maxItems", count, place) < count:
                    return []
                items = schema.get("items", {})
                return [self.of(items, f"{place}.items", name, depth + 1) for _ in range(count)]
            case "string":
                text = _string(schema, place, name)
                self._charge(len(text), place)
                return text
            case "integer" | "number":
                return _between(schema, place)
            case "boolean":
                return True
            case "null":
                return None
        known = ", ".join(_KNOWN_TYPES)
        # What is no text could be of any size.
        shown = repr(_short(type_)) if isinstance(type_, str) else "what is given"
        raise SchemaError(f"{place}.type: {shown} is not a type; there are {known}")

    def _object(self, schema: Schema, place: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = schema.get("required") or []
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            raise SchemaError(f"{place}: properties is an object, and required an array of names")
        # More of them than values are refused before one is looked at.
        for names in (properties, required):
            if len(names) > _MOST_VALUES:
                self._charge_values(len(names), place)
        if not all(isinstance(name, str) for name in required):
            raise SchemaError(f"{place}: properties is an object, and required an array of names")
        every = {**properties, **{name: {} for name in required if name not in properties}}
        made: dict[str, Any] = {}
        for name, part in every.items():
            self._charge_text(str(name), place)
            made[str(name)] = self.of(part, f"{place}.properties.{name}", str(name), depth + 1)
        return made

    def _target(self, reference: Any, place: str) -> Any:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise SchemaError(f"{place}.$ref: only references into the schema itself are followed")
        if len(reference) > _LONGEST_REFERENCE:
            raise SchemaError(f"{place}.$ref is longer than {_LONGEST_REFERENCE} characters")
        target: Any = self._root
        for part in reference[2:].split("/"):
            if not isinstance(target, Mapping) or part not in target:
                raise SchemaError(f"{place}.$ref: there is no {reference}")
            target = target[part]
        return target


def _short(text: str) -> str:
    return text if len(text) <= _MOST_ECHOED else text[:_MOST_ECHOED] + "…"


def _first(values: Any, place: str) -> Any:
    if not isinstance(values, list) or not values:
        raise SchemaError(f"{place} is not an array with something in it")
    return values[0]


def _number(schema: Schema, key: str, default: float, place: str) -> float:
    value = schema.get(key, default)
    # Written so that it refuses NaN too.
    small = isinstance(value, int | float) and -_LARGEST <= value <= _LARGEST
    if isinstance(value, bool) or not small:
        raise SchemaError(f"{place}.{key} is not a number up to {_LARGEST}")
    return float(value)


def _count(schema: Schema, key: str, default: int, place: str) -> int:
    value = _number(schema, key, default, place)
    if value < 0 or value % 1:
        raise SchemaError(f"{place}.{key} is not a whole number")
    return int(value)


_FORMATS = {
    "date": "2026-11-22",
    "time": "09:30:00Z",
    "date-time": "2026-11-22T09:30:00Z",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}


def _string(schema: Schema, place: str, name: str) -> str:
    text = f"example {name}".replace("_", " ")
    format_ = schema.get("format")
    if isinstance(format_, str):
        text = _FORMATS.get(format_, text)
    least = _count(schema, "minLength", 0, place)
    text = text.ljust(least, ".")
    return text[: _count(schema, "maxLength", len(text), place)]


def _between(schema: Schema, place: str) -> float:
    """1 if it fits, else the nearest whole number that does, else one between two whole ones."""
    lows = [_number(schema, key, 0, place) for key in _LOWEST if key in schema]
    highs = [_number(schema, key, 0, place) for key in _HIGHEST if key in schema]
    low, high = max(lows, default=-_LARGEST), min(highs, default=_LARGEST)
    first, last = math.ceil(low), math.floor(high)
    first += "exclusiveMinimum" in schema and first == schema["exclusiveMinimum"]
    last -= "exclusiveMaximum" in schema and last == schema["exclusiveMaximum"]
    if first <= last:
        return min(max(1, first), last)
    if schema.get("type") != "number" or low > high:
        raise SchemaError(f"{place}: no number fits its bounds")
    return (low + high) / 2


_LOWEST = ("minimum", "exclusiveMinimum")
_HIGHEST = ("maximum", "exclusiveMaximum")
