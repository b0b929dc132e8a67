"""What several schemas say together, and what is asked of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

Schema = Mapping[str, Any]

# A few references can stand for billions of values, and a short number for a long text.
MOST_VALUES = 2000
# Of references and parts in each other.
MOST_OPEN = 200
MOST_CHOICES = 4
# The characters of two patterns, which become one of up to four times as many.
_LONGEST_MERGED = 200


class Unmakeable(Exception):
    """No value is made here: another branch is tried, or an optional property left out."""


class Exhausted(Unmakeable):
    """The schema asks for more than is made: no other branch is tried."""


def parts_of(value: Any) -> Iterator[Any]:
    """A JSON value, and all values in it."""
    parts = [value]
    for part in parts:
        yield part
        if isinstance(part, Mapping):
            parts += part.values()
        elif isinstance(part, list):
            parts += part


def names_of(value: Any) -> Iterator[str]:
    """The names of all members in a JSON value."""
    return (name for part in parts_of(value) if isinstance(part, Mapping) for name in part)


def size_of(value: Any) -> int:
    """The parts of a JSON value, and by the hundred characters of texts and names, bits of numbers."""
    return sum(1 + _length_of(part) // 100 for part in parts_of(value))


def _length_of(part: Any) -> int:
    match part:
        case str():
            return len(part)
        case dict():
            return sum(map(len, part))
        case float():
            return max(0, math.frexp(part)[1])
        case int():
            return part.bit_length()
    return 0


def all_of(one: Any, other: Any) -> Any:
    """A schema for what fits both."""
    if one is False or other is False:
        return False
    parts = [part for part in (one, other) if part is not True]
    return parts[0] if len(parts) == 1 else {"allOf": parts} if parts else True


def merged_keyword(key: str, one: Any, other: Any) -> Any:
    """What holds two values of a keyword."""
    match key:
        case "properties" | "$defs" | "definitions" | "patternProperties":
            both = {name: all_of(one[name], other[name]) for name in one if name in other}
            return {**one, **other, **both}
        case "required" | "allOf":
            return [*one, *other]
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties":
            return max(one, other)
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties":
            return min(one, other)
        case "multipleOf" if isinstance(one, int) and isinstance(other, int):
            return math.lcm(one, other)
        case "pattern" if one != other and len(one) + len(other) <= _LONGEST_MERGED:
            return _both_patterns(one, other)
        case "const" if one != other:
            raise Unmakeable
        case "enum" if len(other) <= MOST_CHOICES or len(one) * len(other) <= MOST_VALUES:
            return [value for value in one if value in other] or one
        case "type":
            both_types = [name for name in types_of(one) if name in types_of(other)]
            return both_types or ("integer" if "integer" in (one, other) else other)
        case "items" | "additionalProperties" | "propertyNames" | "contains" | "not":
            return all_of(one, other)
    return other


def _both_patterns(one: str, other: str) -> str:
    """A pattern for what both match. Its last group, which always matches, says what to try."""
    texts = f"{one}|{other}|(?:{one})(?:{other})|"
    return rf"^(?=[\s\S]*(?:{one}))(?=[\s\S]*(?:{other}))(?:{texts})"


def types_of(value: Any) -> list[str]:
    """The types that `type` names; null is the last."""
    if isinstance(value, list):
        return sorted(value, key=lambda name: name == "null")
    return [] if value is None else [value]


# In characters. A name may have megabytes; a pointer of slashes alone would be long to follow.
_MOST_OF_POINTER = 3_000_000


def referenced(root: Schema, reference: str) -> Any:
    """What a JSON pointer in the schema itself leads to."""
    is_pointer = reference.startswith("#") and reference[1:2] in ("", "/")
    if not is_pointer or len(reference) > _MOST_OF_POINTER:
        raise Unmakeable
    target: Any = root
    for part in unquote(reference[1:]).split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        elif isinstance(target, Mapping) and name in target:
            target = target[name]
        else:
            raise Unmakeable
    if not isinstance(target, Mapping | bool):
        raise Unmakeable
    return target
