"""An input that fits a tool's schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# Deeper schemas than this do not end: they refer to themselves.
_DEEPEST = 12
# A few references can stand for billions of values, and a short number for a long text.
_MOST_VALUES = 2000
_LARGEST = 10_000
_KNOWN_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
# What a value must satisfy that this module does not try to.
_TOO_HARD = ("pattern", "allOf", "not", "if", "multipleOf", "patternProperties")


class SchemaError(ValueError):
    """A schema that no input is made for: says the place and what there is."""


def example(schema: Schema) -> Any:
    """A value that fits: every named property is there, each with the first value that it allows.

    Objects, arrays, strings, numbers, booleans, null, `enum`, `const`, `default`, `anyOf` and
    `oneOf` (the first that can be made), `$ref` into the schema itself, and limits of length
    and size. Raises SchemaError for the rest. The same schema always gives the same value.
    """
    return _Example(schema).of(schema, "input_schema", "value", 0)


class _Example:
    def __init__(self, root: Schema) -> None:
        self._root = root
        self._values = 0

    def of(self, schema: Any, place: str, name: str, depth: int) -> Any:
        if not isinstance(schema, Mapping):
            raise SchemaError(f"{place} is not an object")
        if depth > _DEEPEST:
            raise SchemaError(f"{place} nests deeper than {_DEEPEST}")
        self._values += 1
        if self._values > _MOST_VALUES:
            raise SchemaError(f"{place} asks for more than {_MOST_VALUES} values")
        hard = next((key for key in _TOO_HARD if key in schema), None)
        if hard:
            raise SchemaError(
                f"{place}.{hard} is more than the simulator makes inputs for: it knows objects, "
                "arrays, simple types and enums"
            )
        for key in ("const", "default"):
            if key in schema:
                return schema[key]
        if "enum" in schema:
            return _first(schema["enum"], f"{place}.enum")
        if "$ref" in schema:
            return self.of(self._target(schema["$ref"], place), place, name, depth + 1)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                branch = _first(schema[key], f"{place}.{key}")
                return self.of(branch, f"{place}.{key}.0", name, depth + 1)
        return self._of_type(schema, place, name, depth)

    def _of_type(self, schema: Schema, place: str, name: str, depth: int) -> Any:
        type_ = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(type_, list):
            type_ = _first(type_, f"{place}.type")
        match type_:
            case "object":
                return self._object(schema, place, depth)
            case "array":
                count = max(1, _number(schema, "minItems", 1, place))
                if _number(schema, "maxItems", count, place) < count:
                    return []
                items = schema.get("items", {})
                return [
                    self.of(items, f"{place}.items", name, depth + 1) for _ in range(int(count))
                ]
            case "string":
                return _string(schema, place, name)
            case "integer" | "number":
                return _between(schema, place)
            case "boolean":
                return True
            case "null":
                return None
        known = ", ".join(_KNOWN_TYPES)
        raise SchemaError(f"{place}.type: {type_!r} is not a type; there are {known}")

    def _object(self, schema: Schema, place: str, depth: int) -> dict[str, Any]:
        properties = schema.get("properties") or {}
        required = schema.get("required") or []
        if not isinstance(properties, Mapping) or not _are_strings(required):
            raise SchemaError(f"{place}: properties is an object, and required an array of names")
        every = {**properties, **{name: {} for name in required if name not in properties}}
        return {
            str(name): self.of(part, f"{place}.properties.{name}", str(name), depth + 1)
            for name, part in every.items()
        }

    def _target(self, reference: Any, place: str) -> Any:
        if not isinstance(reference, str) or not reference.startswith("#/"):
            raise SchemaError(f"{place}.$ref: only references into the schema itself are followed")
        target: Any = self._root
        for part in reference[2:].split("/"):
            if not isinstance(target, Mapping) or part not in target:
                raise SchemaError(f"{place}.$ref: there is no {reference}")
            target = target[part]
        return target


def _are_strings(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _first(values: Any, place: str) -> Any:
    if not isinstance(values, list) or not values:
        raise SchemaError(f"{place} is not an array with something in it")
    return values[0]


def _number(schema: Schema, key: str, default: float, place: str) -> float:
    value = schema.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _LARGEST:
        raise SchemaError(f"{place}.{key} is not a number up to {_LARGEST}")
    return value


def _string(schema: Schema, place: str, name: str) -> str:
    formats = {"date": "2026-11-22", "time": "09:30:00Z", "date-time": "2026-11-22T09:30:00Z"}
    formats |= {"email": "ada@example.org", "uri": "https://example.org/"}
    text = formats.get(str(schema.get("format")), f"example {name}".replace("_", " "))
    longest = int(_number(schema, "maxLength", len(text), place))
    return text.ljust(int(_number(schema, "minLength", 0, place)), ".")[: max(longest, 0)]


def _between(schema: Schema, place: str) -> float:
    step = 1
    low = _number(schema, "minimum", 1, place)
    low = max(low, _number(schema, "exclusiveMinimum", low - step, place) + step)
    high = _number(schema, "maximum", max(low, 1), place)
    high = min(high, _number(schema, "exclusiveMaximum", high + step, place) - step)
    value = min(low, high)
    return int(value) if schema.get("type") != "number" or value == int(value) else value
