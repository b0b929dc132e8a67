"""Makes a value for a schema, in another way for each variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

from streamguide.simulator.schema.merging import (
    MOST_CHOICES,
    MOST_OPEN,
    MOST_VALUES,
    Exhausted,
    Schema,
    Unmakeable,
    all_of,
    merged_keyword,
    parts_of,
    referenced,
    types_of,
)
from streamguide.simulator.schema.scalars import (
    MOST_CHARACTERS,
    MOST_ECHOED,
    MOST_VARIANTS,
    Path,
    number_for,
    string_for,
)
from streamguide.turns import Pause

# Of parts that are merged, all together.
_MOST_MEMBERS = 50_000
# Of values in each other. Each takes four frames of Python's stack.
_DEEPEST = 60


class Maker:
    """Makes one value. `variants` says how often a place was made in a way that did not fit.

    If it is not `strict`, a required property that cannot be made gets any value of its type.
    """

    def __init__(
        self, root: Schema, variants: Mapping[Path, int], pause: Pause, *, strict: bool
    ) -> None:
        self._root = root
        self._variants = variants
        self._pause = pause
        self._strict = strict
        self._values = 0
        self._characters = 0
        self._members = 0
        self._open: list[str] = []

    def of(self, schema: Any, path: Path, variant: int = 0) -> Any:
        """The value at `path`, in another way for each `variant`."""
        if schema is False or len(path) > _DEEPEST:
            raise Unmakeable
        self._charge_value()
        with self._resolved({} if schema is True else schema) as whole:
            return self._of_resolved(whole, path, variant + self._variants.get(path, 0))

    def _of_resolved(self, schema: Schema, path: Path, variant: int) -> Any:
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
        if reference in self._open or len(self._open) > MOST_OPEN:
            raise Unmakeable
        self._open.append(reference)
        return referenced(self._root, reference)

    def _merged(self, one: Schema, other: Any) -> dict[str, Any]:
        """What holds both. Charged before it is made."""
        if not isinstance(other, Mapping):
            if other is False:
                raise Unmakeable
            return dict(one)
        self._members += len(one) + len(other)
        if self._members > _MOST_MEMBERS:
            raise Exhausted
        for key in ("anyOf", "oneOf", "if"):
            if key in one and key in other:
                # Only one choice is left open. The judge tells if this one was wrong.
                rest = {name: value for name, value in one.items() if name != key}
                chosen = one[key] if key == "if" else one[key][0]
                one = self._merged(rest, all_of(chosen, rest.pop("then", True)))
        # In the order of the keywords, since a set has another one in every process.
        both = {key: merged_keyword(key, one[key], other[key]) for key in one if key in other}
        return {**one, **other, **both}

    def _of_branch(self, schema: Schema, key: str, path: Path, variant: int) -> Any:
        """The value of the first branch that one can be made for, with what stands beside it.

        With `if` it is what stands beside it and in `then`, or in `else`.
        """
        beside = {name: value for name, value in schema.items() if name != key}
        branches = schema[key]
        if key == "if":
            branches = [all_of(branches, beside.pop("then", True)), beside.pop("else", True)]
        first, variant = _way(variant, len(branches))
        for number in range(len(branches)):
            self._charge_value()
            try:
                branch = branches[(first + number) % len(branches)]
                with self._resolved(self._merged(beside, branch)) as whole:
                    return self._of_resolved(whole, path, variant)
            except Exhausted:
                raise
            except Unmakeable:
                continue
        raise Unmakeable

    def _of_type(self, schema: Schema, path: Path, variant: int) -> Any:
        types = types_of(schema.get("type")) or [guessed(schema)]
        first, variant = _way(variant, len(types))
        match types[first]:
            case "object":
                return self._object(schema, path, variant)
            case "array":
                return self._array(schema, path, variant)
            case "string":
                return self._charged(string_for(schema, path, variant))
            case "boolean":
                return variant % 2 == 0
            case "null":
                return None
            case type_:
                return number_for(schema, type_, variant)

    def _object(self, schema: Schema, path: Path, variant: int) -> dict[str, Any]:
        """An object with all properties that can be made; every second time the required ones."""
        properties, needed = schema.get("properties", {}), dict.fromkeys(schema.get("required", ()))
        named = (name for name in properties if name in needed or variant % 2 == 0)
        others = schema.get("additionalProperties", True) or True
        made: dict[str, Any] = {}
        for name in chain(named, (name for name in needed if name not in properties)):
            here = (*path, name)
            if name not in needed and self._variants.get(here, 0) >= MOST_VARIANTS:
                continue
            try:
                self._charged(name)
                made[name] = self.of(properties.get(name, others), here, variant // 2)
            except Exhausted:
                # Nothing else can be made either.
                return made
            except Unmakeable:
                if name in needed and self._strict:
                    raise
                if name in needed:
                    made[name] = stand_in(properties.get(name), name)
        self._add_entries(schema, made, path, variant // 2)
        return made

    def _add_entries(self, schema: Schema, made: dict[str, Any], path: Path, variant: int) -> None:
        """Entries that no name is given for: one in an object without names, else as many as must."""
        part, names = schema.get("additionalProperties", True), schema.get("propertyNames", True)
        for pattern, values in [*schema.get("patternProperties", {}).items()][:1]:
            part, names = values, all_of(names, {"pattern": pattern})
        least = int(schema.get("minProperties", 0))
        if not schema.get("properties") and isinstance(part, Mapping):
            least = max(least, min(1, schema.get("maxProperties", 1)))
        # Some names may be made twice.
        for number in range(2 * min(least, MOST_VALUES)):
            if len(made) >= least:
                return
            with suppress(Unmakeable):
                name = self.of(all_of({"type": "string"}, names), (*path, "name"), number)
                made.setdefault(name, self.of(part, (*path, name), variant))

    def _array(self, schema: Schema, path: Path, variant: int) -> list[Any]:
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
                part = all_of(part, schema["contains"])
            different = variant + number if schema.get("uniqueItems") else variant
            try:
                made.append(self.of(part, (*path, number), different))
            except Unmakeable:
                if number < least:
                    raise
                break
        return made

    def _charged(self, value: Any) -> Any:
        """A value that goes into the input, charged for its characters and parts."""
        for part in parts_of(value):
            self._characters += 1 + (len(part) if isinstance(part, str | list | Mapping) else 0)
            if self._characters > MOST_CHARACTERS:
                raise Exhausted
        return value

    def _charge_value(self) -> None:
        self._pause()
        self._values += 1
        if self._values > MOST_VALUES:
            raise Exhausted


def _way(variant: int, choices: int) -> tuple[int, int]:
    """Which of the choices is taken for a variant, and what is left of it for the parts."""
    tried = min(choices, MOST_CHOICES)
    return variant % tried, variant // tried


# By a keyword: the type of value that it says something about.
_TYPE_OF = {
    **dict.fromkeys(("properties", "required", "additionalProperties"), "object"),
    **dict.fromkeys(("patternProperties", "propertyNames", "minProperties"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(("minimum", "exclusiveMinimum", "multipleOf"), "number"),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), "number"),
}


def guessed(schema: Schema) -> str:
    """The type that the keywords speak of, where none is named."""
    return next((_TYPE_OF[key] for key in schema if key in _TYPE_OF), "string")


def stand_in(schema: Any, name: str) -> Any:
    """A value of the right type at most, for a required one that was not found."""
    types = types_of(schema.get("type")) if isinstance(schema, Mapping) else []
    plain = {"object": {}, "array": [], "integer": 1, "number": 1, "boolean": True, "null": None}
    return plain.get(types[0] if types else "string", f"example {name[:MOST_ECHOED]}")
