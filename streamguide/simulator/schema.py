"""An input that fits a tool's schema, or a schema of structured output."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from fractions import Fraction
from itertools import chain
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from streamguide.simulator.pattern import PatternError, matching
from streamguide.turns import Pause, no_pause

Schema = Mapping[str, Any]
# Where a value stands in the input: names of properties, and indices of items.
_Path = tuple[str | int, ...]

# The parts of a schema. Ours, and generous.
_MOST_PARTS = 20_000
# A few references can stand for billions of values, and a short number for a long text.
_MOST_VALUES = 2000
_MOST_CHARACTERS = 50_000
# Of parts that are merged, all together.
_MOST_MEMBERS = 50_000
_MOST_OPEN = 200
# Of values in each other. Each takes four frames of Python's stack.
_DEEPEST = 60
_LONGEST_PATTERN = 1000
# A schema that stands for more, references followed, is not judged: a judge follows all of them.
_MOST_JUDGED = 4000
# How often the input is made again, because the judge found a part that does not fit.
_ROUNDS = 24
_MOST_VARIANTS = 6
_MOST_CHOICES = 4
_MOST_ECHOED = 300
_DRAFTS = (
    *(f"http://json-schema.org/draft-{number}/schema" for number in ("04", "06", "07")),
    *(f"https://json-schema.org/draft/{year}/schema" for year in ("2019-09", "2020-12")),
)
_PATTERNS = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=10_000, size_limit=1 << 18, dfa_size_limit=1 << 18
)
_FORMATS = {
    "date": "2026-11-22",
    "time": "09:30:00Z",
    "date-time": "2026-11-22T09:30:00Z",
    "duration": "PT1H30M",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}


class SchemaError(ValueError):
    """What is given is not a schema: says the place and what is wrong."""


class _Unmakeable(Exception):
    """No value is made here: another branch is tried, or an optional property left out."""


class _Exhausted(_Unmakeable):
    """The schema asks for more than is made: no other branch is tried."""


def example(schema: Schema, pause: Pause = no_pause) -> Any:
    """A value that fits, with the properties that are named and can be made.

    A validator judges it, and a part that does not fit is made in another way, or left out if it
    is optional. Best effort: what fits `not`, several `oneOf` or a hard pattern may not be found,
    and schemas that stand for thousands of parts are not judged. The same schema always gives the
    same value. `pause` is called between pieces of work. Raises SchemaError for what is no schema.
    """
    schema = _checked(schema)
    pause()
    judge = _judge(schema)
    variants: Counter[_Path] = Counter()
    made = first = _made(schema, variants, pause)
    for _ in range(_ROUNDS):
        if judge is None or judge.is_valid(made):
            return made
        path = _place_of(next(judge.iter_errors(made)))
        # What was made in every way already is made anew together with what holds it.
        while path and variants[path] >= _MOST_VARIANTS:
            path = path[:-1]
        variants[path] += 1
        made = _made(schema, variants, pause)
    return first


def _place_of(error: jsonschema_rs.ValidationError) -> _Path:
    """Where the value does not fit: of the branches of a choice, the one that fits furthest in."""
    branches = getattr(error.kind, "context", [])
    inner = [_place_of(one) for branch in branches for one in branch]
    return max([tuple(error.instance_path), *inner], key=len)


def _checked(schema: Schema) -> Schema:
    """The schema, if it is one of 2020-12, or of the draft that it names. Raises SchemaError."""
    parts: list[Any] = [schema]
    for part in parts:
        if len(parts) > _MOST_PARTS:
            raise SchemaError(f"input_schema has more than {_MOST_PARTS:,} parts")
        parts += (
            part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ()
        )
    if str(schema.get("$schema")).removesuffix("#") not in _DRAFTS:
        # A validator would ask the network for it.
        schema = {name: value for name, value in schema.items() if name != "$schema"}
    try:
        jsonschema_rs.meta.validate(dict(schema))
    except jsonschema_rs.ValidationError as error:
        place = ".".join(["input_schema", *map(str, error.instance_path)])
        raise SchemaError(f"{place[:_MOST_ECHOED]}: {error.message[:_MOST_ECHOED]}") from None
    return schema


def _judge(schema: Schema) -> jsonschema_rs.Validator | None:
    """A validator, if judging by this schema takes little."""
    if _weight(schema, schema, {}) > _MOST_JUDGED:
        return None
    try:
        return jsonschema_rs.validator_for(dict(schema), pattern_options=_PATTERNS, offline=True)
    except ValueError:
        # A pattern or a reference that it does not take.
        return None


def _weight(part: Any, root: Schema, known: dict[int, int], depth: int = 0) -> int:
    """How many parts there are, with those of references as often as they stand.

    A pattern weighs its characters. A part that refers to itself counts once: then the input
    decides how far that goes.
    """
    if not isinstance(part, Mapping | list):
        return 1
    if depth > _MOST_OPEN:
        return _MOST_JUDGED + 1
    if id(part) in known:
        return known[id(part)]
    known[id(part)] = weight = 1
    for value in part.values() if isinstance(part, Mapping) else part:
        weight += _weight(value, root, known, depth + 1)
    if isinstance(part, Mapping):
        if isinstance(part.get("$ref"), str):
            with suppress(_Unmakeable):
                weight += _weight(_target(root, part["$ref"]), root, known, depth + 1)
        patterns = part.get("patternProperties")
        for pattern in chain([part.get("pattern")], patterns if isinstance(patterns, dict) else ()):
            weight += len(pattern) if isinstance(pattern, str) else 0
    known[id(part)] = weight
    return weight


def _made(schema: Schema, variants: Mapping[_Path, int], pause: Pause) -> Any:
    for strict in (True, False):
        with suppress(_Unmakeable):
            return _Maker(schema, variants, pause, strict=strict).of(schema, ())
    return _stand_in(schema, "value")


class _Maker:
    """Makes one value. `variants` says how often a place was made in a way that did not fit.

    If it is not `strict`, a required property that cannot be made gets any value of its type.
    """

    def __init__(
        self, root: Schema, variants: Mapping[_Path, int], pause: Pause, *, strict: bool
    ) -> None:
        self._root = root
        self._variants = variants
        self._pause = pause
        self._strict = strict
        self._values = 0
        self._characters = 0
        self._members = 0
        self._open: list[str] = []

    def of(self, schema: Any, path: _Path, variant: int = 0) -> Any:
        """The value at `path`, in another way for each `variant`."""
        if schema is False or len(path) > _DEEPEST:
            raise _Unmakeable
        self._charge_value()
        with self._resolved({} if schema is True else schema) as whole:
            return self._of_resolved(whole, path, variant + self._variants.get(path, 0))

    def _of_resolved(self, schema: Schema, path: _Path, variant: int) -> Any:
        given = [schema[key] for key in ("const", "default") if key in schema][:1]
        given += schema.get("enum", ()) if "const" not in schema else ()
        if given and variant <= len(given):
            return self._charged(given[variant % len(given)])
        for key in ("anyOf", "oneOf", "if"):
            if key in schema:
                return self._of_branch(schema, key, path, variant)
        return self._of_type(schema, path, variant)

    @contextmanager
    def _resolved(self, schema: Schema) -> Iterator[Schema]:
        """The schema with what `$ref` and `allOf` bring. A reference to itself is not followed."""
        opened = len(self._open)
        try:
            while "$ref" in schema or "allOf" in schema:
                beside = dict(schema)
                for part in beside.pop("allOf", None) or [self._referred(beside.pop("$ref"))]:
                    beside = self._merged(beside, part)
                schema = beside
            yield schema
        finally:
            del self._open[opened:]

    def _referred(self, reference: str) -> Any:
        if reference in self._open or len(self._open) > _MOST_OPEN:
            raise _Unmakeable
        self._open.append(reference)
        return _target(self._root, reference)

    def _merged(self, one: Schema, other: Any) -> dict[str, Any]:
        """What holds both. Charged before it is made."""
        if not isinstance(other, Mapping):
            if other is False:
                raise _Unmakeable
            return dict(one)
        self._members += len(one) + len(other)
        if self._members > _MOST_MEMBERS:
            raise _Exhausted
        for key in ("anyOf", "oneOf", "if"):
            if key in one and key in other:
                # Only one choice is left open. The judge tells if this one was wrong.
                rest = {name: value for name, value in one.items() if name != key}
                chosen = one[key] if key == "if" else one[key][0]
                one = self._merged(rest, _both(chosen, rest.pop("then", True)))
        # In the order of the keywords, since a set has another one in every process.
        both = {key: _merged_keyword(key, one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}

    def _of_branch(self, schema: Schema, key: str, path: _Path, variant: int) -> Any:
        """The value of the first branch that one can be made for, with what stands beside it.

        With `if` it is what stands beside it and in `then`, or in `else`.
        """
        beside = {name: value for name, value in schema.items() if name != key}
        branches = schema[key]
        if key == "if":
            branches = [_both(branches, beside.pop("then", True)), beside.pop("else", True)]
        first, variant = _way(variant, len(branches))
        for number in range(len(branches)):
            self._charge_value()
            try:
                branch = branches[(first + number) % len(branches)]
                with self._resolved(self._merged(beside, branch)) as whole:
                    return self._of_resolved(whole, path, variant)
            except _Exhausted:
                raise
            except _Unmakeable:
                continue
        raise _Unmakeable

    def _of_type(self, schema: Schema, path: _Path, variant: int) -> Any:
        types = _types(schema.get("type")) or [_guessed(schema)]
        first, variant = _way(variant, len(types))
        match types[first]:
            case "object":
                return self._object(schema, path, variant)
            case "array":
                return self._array(schema, path, variant)
            case "string":
                return self._charged(_string(schema, path, variant))
            case "boolean":
                return variant % 2 == 0
            case "null":
                return None
            case type_:
                return _number(schema, type_, variant)

    def _object(self, schema: Schema, path: _Path, variant: int) -> dict[str, Any]:
        """An object with all properties that can be made; every second time the required ones."""
        properties, needed = schema.get("properties", {}), dict.fromkeys(schema.get("required", ()))
        named = (name for name in properties if name in needed or variant % 2 == 0)
        others = schema.get("additionalProperties", True) or True
        made: dict[str, Any] = {}
        for name in chain(named, (name for name in needed if name not in properties)):
            here = (*path, name)
            if name not in needed and self._variants.get(here, 0) >= _MOST_VARIANTS:
                continue
            try:
                self._charged(name)
                made[name] = self.of(properties.get(name, others), here, variant // 2)
            except _Exhausted:
                # Nothing else can be made either.
                return made
            except _Unmakeable:
                if name in needed and self._strict:
                    raise
                if name in needed:
                    made[name] = _stand_in(properties.get(name), name)
        self._add_entries(schema, made, path, variant // 2)
        return made

    def _add_entries(self, schema: Schema, made: dict[str, Any], path: _Path, variant: int) -> None:
        """Entries that no name is given for: one in an object without names, else as many as must."""
        part, names = schema.get("additionalProperties", True), schema.get("propertyNames", True)
        for pattern, values in [*schema.get("patternProperties", {}).items()][:1]:
            part, names = values, _both(names, {"pattern": pattern})
        least = int(schema.get("minProperties", 0))
        if not schema.get("properties") and isinstance(part, Mapping):
            least = max(least, min(1, schema.get("maxProperties", 1)))
        # Some names may be made twice.
        for number in range(2 * min(least, _MOST_VALUES)):
            if len(made) >= least:
                return
            with suppress(_Unmakeable):
                name = self.of(_both({"type": "string"}, names), (*path, "name"), number)
                made.setdefault(name, self.of(part, (*path, name), variant))

    def _array(self, schema: Schema, path: _Path, variant: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        rest = schema.get("items", schema.get("contains", True))
        if isinstance(rest, list):
            # As drafts before 2020-12 wrote it.
            first, rest = rest, schema.get("additionalItems", True)
        least = schema.get("minItems", 0)
        contained = schema.get("minContains", 1) if "contains" in schema else 0
        count = max(least, contained, len(first) or 1)
        made: list[Any] = []
        for number in range(int(min(count, schema.get("maxItems", count)))):
            part = first[number] if number < len(first) else rest
            if len(first) <= number < len(first) + contained:
                part = _both(part, schema["contains"])
            different = variant + number if schema.get("uniqueItems") else variant
            try:
                made.append(self.of(part, (*path, number), different))
            except _Unmakeable:
                if number < least:
                    raise
                break
        return made

    def _charged(self, value: Any) -> Any:
        """A value that goes into the input, charged for its characters and parts."""
        parts = [value]
        for part in parts:
            self._characters += 1 + (len(part) if isinstance(part, str | list | Mapping) else 0)
            if self._characters > _MOST_CHARACTERS:
                raise _Exhausted
            parts += (
                part.values()
                if isinstance(part, Mapping)
                else part
                if isinstance(part, list)
                else ()
            )
        return value

    def _charge_value(self) -> None:
        self._pause()
        self._values += 1
        if self._values > _MOST_VALUES:
            raise _Exhausted


def _merged_keyword(key: str, one: Any, other: Any) -> Any:
    """What holds two values of a keyword."""
    match key:
        case "properties" | "$defs" | "definitions" | "patternProperties":
            both = {name: _both(one[name], other[name]) for name in one if name in other}
            return {**one, **other, **both}
        case "required" | "allOf":
            return [*one, *other]
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties":
            return max(one, other)
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties":
            return min(one, other)
        case "multipleOf" if isinstance(one, int) and isinstance(other, int):
            return math.lcm(one, other)
        case "const" if one != other:
            raise _Unmakeable
        case "enum" if len(other) <= _MOST_CHOICES or len(one) * len(other) <= _MOST_VALUES:
            return [value for value in one if value in other] or one
        case "type":
            both_types = [name for name in _types(one) if name in _types(other)]
            return both_types or ("integer" if "integer" in (one, other) else other)
        case "items" | "additionalProperties" | "propertyNames" | "contains" | "not":
            return _both(one, other)
    return other


def _target(root: Schema, reference: str) -> Any:
    """What a JSON pointer in the schema itself leads to."""
    if not reference.startswith(("#/", "#")) or reference[1:2] not in ("", "/"):
        raise _Unmakeable
    target: Any = root
    for part in unquote(reference[1:]).split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(target, list) and name.isdecimal() and int(name) < len(target):
            target = target[int(name)]
        elif isinstance(target, Mapping) and name in target:
            target = target[name]
        else:
            raise _Unmakeable
    if not isinstance(target, Mapping | bool):
        raise _Unmakeable
    return target


def _both(one: Any, other: Any) -> Any:
    """A schema for what fits both."""
    if one is False or other is False:
        return False
    parts = [part for part in (one, other) if part is not True]
    return parts[0] if len(parts) == 1 else {"allOf": parts} if parts else True


def _way(variant: int, choices: int) -> tuple[int, int]:
    """Which of the choices is taken for a variant, and what is left of it for the parts."""
    tried = min(choices, _MOST_CHOICES)
    return variant % tried, variant // tried


def _types(value: Any) -> list[str]:
    """The types that `type` names; null is the last."""
    if isinstance(value, list):
        return sorted(value, key=lambda name: name == "null")
    return [] if value is None else [value]


# By a keyword: the type of value that it says something about.
_TYPE_OF = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), "object"),
    **dict.fromkeys(("patternProperties", "propertyNames", "minProperties"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "multipleOf"), "number"),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), "number"),
}


def _guessed(schema: Schema) -> str:
    """The type that the keywords speak of, where none is named."""
    return next((_TYPE_OF[key] for key in schema if key in _TYPE_OF), "string")


def _stand_in(schema: Any, name: str) -> Any:
    """A value of the right type at most, for a required one that was not found."""
    types = _types(schema.get("type")) if isinstance(schema, Mapping) else []
    plain = {"object": {}, "array": [], "integer": 1, "number": 1, "boolean": True, "null": None}
    return plain.get(types[0] if types else "string", f"example {name[:_MOST_ECHOED]}")


def _string(schema: Schema, path: _Path, variant: int) -> str:
    name = next((part for part in reversed(path) if isinstance(part, str)), "value")
    least, most = schema.get("minLength", 0), schema.get("maxLength", _MOST_CHARACTERS)
    if least > _MOST_CHARACTERS:
        raise _Unmakeable
    if variant == 0 and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return _matching(schema, int(least), variant)
    text = f"example {name[:_MOST_ECHOED]}".replace("_", " ") + (
        f" {variant + 1}" if variant else ""
    )
    return text.ljust(int(least), ".")[: int(most)]


def _matching(schema: Schema, least: int, variant: int) -> str:
    """The first text for the pattern that also has the right length, from a variant on."""
    asked = {key: schema[key] for key in ("pattern", "minLength", "maxLength") if key in schema}
    pattern = asked["pattern"]
    if len(pattern) > _LONGEST_PATTERN:
        raise _Unmakeable
    try:
        fits = jsonschema_rs.validator_for(asked, pattern_options=_PATTERNS).is_valid
        for other in range(variant, variant + _MOST_VARIANTS):
            text = matching(pattern, other, other // 2)
            if len(text) < least:
                text = matching(pattern, other, least - len(text))
            if fits(text):
                return text
    except (PatternError, jsonschema_rs.ValidationError) as error:
        raise _Unmakeable from error
    raise _Unmakeable


def _number(schema: Schema, type_: str, variant: int) -> int | float:
    """The nearest to 1 that fits the bounds, or for a higher `variant` one that lies further."""
    step = Fraction(str(schema.get("multipleOf", 1)))
    if type_ == "integer":
        step *= step.denominator
    lows = [Fraction(str(schema[key])) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [Fraction(str(schema[key])) for key in ("maximum", "exclusiveMaximum") if key in schema]
    low, high = max(lows, default=None), min(highs, default=None)
    times = 1 + variant
    first = None if low is None else math.ceil(low / step)
    if first is not None:
        first += first * step == schema.get("exclusiveMinimum")
        times = times if times >= first else first + variant
    if high is not None:
        last = math.floor(high / step)
        last -= last * step == schema.get("exclusiveMaximum")
        times = times if times <= last else last - variant
    if first is not None and times < first:
        if (
            low is None
            or high is None
            or low > high
            or type_ == "integer"
            or "multipleOf" in schema
        ):
            raise _Unmakeable
        return float((low + high) / 2)
    value = times * step
    return int(value) if value.denominator == 1 else float(value)
