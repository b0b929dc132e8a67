"""Inputs that fit a tool's schema."""

from __future__ import annotations

import itertools
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamguide.simulator.schema import SchemaError, example


def test_every_property_gets_a_value_of_its_type() -> None:
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer"},
            "exact": {"type": "boolean"},
            "unit": {"enum": ["celsius", "fahrenheit"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "where": {"type": "object", "properties": {"latitude": {"type": "number"}}},
            "nothing": {"type": "null"},
        },
        "required": ["city"],
    }
    assert example(schema) == {
        "city": "example city",
        "days": 1,
        "exact": True,
        "unit": "celsius",
        "tags": ["example tags"],
        "where": {"latitude": 1},
        "nothing": None,
    }


def test_the_schemas_that_pydantic_writes_are_understood() -> None:
    schema = {
        "type": "object",
        "$defs": {"Unit": {"enum": ["km", "miles"], "type": "string"}},
        "properties": {
            "unit": {"$ref": "#/$defs/Unit"},
            "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            "other": {"anyOf": [{"type": "integer", "minimum": 7}, {"type": "null"}]},
        },
    }
    assert example(schema) == {"unit": "km", "limit": None, "other": 7}


BOUNDS = st.integers(-(10**18), 10**18)
SIMPLE = st.one_of(
    st.builds(lambda: {"type": "boolean"}),
    st.builds(lambda: {"type": ["null", "boolean"]}),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        BOUNDS,
        st.integers(0, 9),
    ),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low}, BOUNDS),
    st.builds(lambda high: {"type": "number", "exclusiveMaximum": high}, BOUNDS),
    st.builds(
        lambda step, low: {"type": "integer", "multipleOf": step, "minimum": low},
        st.integers(1, 60),
        st.integers(-1000, 1000),
    ),
    st.builds(lambda value: {"type": "integer", "not": {"const": value}}, st.integers(-2, 3)),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 40),
        st.integers(0, 9),
    ),
    st.builds(
        lambda pattern: {"type": "string", "pattern": pattern},
        st.sampled_from(
            [
                r"^[A-Z]{2,3}-\d+$",
                r"\.(png|jpe?g)$",
                r"^(?=.*\d)(?=.*[A-Z]).{8,}$",
                "^v?[0-9]+[.]x$",
            ]
        ),
    ),
    st.builds(lambda name: {"type": "string", "format": name}, st.sampled_from(["date", "email"])),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.text() | st.integers(), min_size=1, max_size=3)
    ),
)
NAMES = st.text(min_size=1, max_size=8)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda item, least: {"type": "array", "items": item, "minItems": least},
            inner,
            st.integers(0, 3),
        ),
        st.builds(
            lambda first, item: {"type": "array", "prefixItems": first, "items": item},
            st.lists(inner, min_size=1, max_size=3),
            inner,
        ),
        st.builds(
            lambda item: (
                {"type": "array", "items": {"type": item}, "uniqueItems": True}
                | {"minItems": 3, "contains": {"type": item}}
            ),
            st.sampled_from(["string", "integer", "number"]),
        ),
        st.builds(
            lambda value, least: {
                "type": "object",
                "propertyNames": {"pattern": "^[a-z]+$"},
                "additionalProperties": value,
                "minProperties": least,
            },
            inner,
            st.integers(0, 3),
        ),
        st.builds(
            lambda properties, required, is_closed: {
                "type": "object",
                "properties": properties,
                "required": [name for name in properties if name in required],
                "additionalProperties": not is_closed,
            },
            st.dictionaries(NAMES, inner, max_size=4),
            st.text(max_size=3),
            st.booleans(),
        ),
        st.builds(
            lambda one, other: {
                "allOf": [
                    {"type": "object", "properties": {"one": one}, "required": ["one"]},
                    {"properties": {"other": other}, "required": ["other"]},
                ]
            },
            inner,
            inner,
        ),
        st.builds(
            lambda then, other: {
                "type": "object",
                "properties": {"kind": {"enum": ["a", "b"]}},
                "required": ["kind"],
                "if": {"properties": {"kind": {"const": "a"}}},
                "then": {"properties": {"value": then}, "required": ["value"]},
                "else": {"properties": {"value": other}},
            },
            inner,
            inner,
        ),
        st.builds(lambda branches: {"anyOf": branches}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(
            lambda one, other: {
                "oneOf": [
                    {"type": "object", "properties": {"a": one}, "required": ["a"]},
                    {"type": "object", "properties": {"b": other}, "required": ["b"]},
                ]
            },
            inner,
            inner,
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=400)
@given(schema=SCHEMAS)
def test_the_input_fits_by_the_judgement_of_a_validator(schema: dict[str, Any]) -> None:
    jsonschema.validate(example(schema), schema)


@pytest.mark.soak
def test_the_inputs_of_thousands_of_schemas_fit() -> None:
    @settings(max_examples=5000)
    @given(schema=SCHEMAS)
    def fits(schema: dict[str, Any]) -> None:
        jsonschema.validate(example(schema), schema)

    fits()


def described(**properties: Any) -> dict[str, Any]:
    """A schema as zod and pydantic write it: all properties, and all required."""
    return {"type": "object", "properties": properties, "required": list(properties)}


NODE = described(
    value={"type": "integer"},
    children={"type": "array", "items": {"$ref": "#/$defs/Node"}},
    next={"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]},
)
EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # zod 4: int(), email(), record(), tuple(), a discriminated union.
        ({"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1}, 1),
        ({"type": "string", "format": "email", "pattern": EMAIL}, "ada@example.org"),
        (
            {"type": "object", "propertyNames": {"type": "string"}}
            | {"additionalProperties": {"type": "number"}},
            {"example name": 1},
        ),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, [1, "b"]),
        (
            {"oneOf": [described(kind={"const": "a"}, x={"type": "integer"}), {"type": "null"}]},
            {"kind": "a", "x": 1},
        ),
        # zod: two patterns, of which either, or one after the other, has the text.
        (
            {"type": "string", "allOf": [{"pattern": r"^[a-z0-9]{8,}$"}, {"pattern": r"\d"}]},
            "a0a0a0a0",
        ),
        ({"allOf": [{"pattern": "^user_.*"}, {"pattern": ".*[.]png$"}]}, "user_abab.png"),
        # pydantic: set[str], timedelta, ge, multiple_of, a model that refers to itself.
        (
            {"type": "array", "uniqueItems": True, "items": {"type": "string"}, "minItems": 2},
            ["example value", "example value 2"],
        ),
        ({"type": "string", "format": "duration"}, "PT1H30M"),
        ({"type": "integer", "minimum": 100_000, "multipleOf": 7}, 100_002),
        ({"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0}, 0.01),
        (
            {"$defs": {"Node": NODE}, "$ref": "#/$defs/Node"},
            {"value": 1, "children": [], "next": None},
        ),
        # Drafts before 2020-12.
        (
            {"$schema": "http://json-schema.org/draft-07/schema#", "type": "array"}
            | {"items": [{"type": "integer"}, {"type": "boolean"}], "additionalItems": False},
            [1, True],
        ),
        # Several conditions, of which one holds.
        (
            described(kind={"enum": ["a", "b"]})
            | {
                "allOf": [
                    {
                        "if": {"properties": {"kind": {"const": kind}}},
                        "then": {"required": [f"of_{kind}"]},
                    }
                    for kind in "ab"
                ]
            },
            {"kind": "a", "of_a": "example of a"},
        ),
    ],
)
def test_what_zod_and_pydantic_write_is_made(schema: dict[str, Any], value: Any) -> None:
    found = example(schema)
    jsonschema.validate(found, schema)
    assert found == ([1, "example value"] if value == [1, "b"] else value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        # JavaScript's SDK, and Python's.
        ({"type": "number", "description": "{exclusiveMinimum: 0.5, maximum: 0.75}"}, 0.625),
        (
            {
                "type": "string",
                "description": 'Its code.\n\n{pattern: "^[a-z], [0-9]$", minLength: 4}',
            },
            "a, 0",
        ),
        ({"type": "string", "description": "{pattern: ^[0-9]{3}$}"}, "012"),
        (
            {"type": "array", "items": {"type": "integer"}}
            | {"description": "{uniqueItems: True, minItems: 2}"},
            [1, 2],
        ),
        (
            {"type": "array"}
            | {
                "description": "{minItems: 2, prefixItems: [{'type': 'integer'}, {'type': 'null'}]}"
            },
            [1, None],
        ),
        # A part of the schema, beside a keyword of its own.
        (
            described(
                n={"type": "integer", "minimum": 4, "description": "{minimum: 1, maximum: 4}"}
            ),
            {"n": 4},
        ),
        # Words, and values that a keyword does not take.
        ({"type": "integer", "description": "The answer, as in {minimum: 3} or less."}, 1),
        ({"type": "integer", "description": "{minimum: many, maximum: NaN, multipleOf: 0}"}, 1),
        ({"type": "integer", "description": "}"}, 1),
        ({"type": "integer", "description": "{" + " " * 2000 + ", minimum: 3}"}, 1),
        ({"default": {"description": "{minimum: 3}"}}, {"description": "{minimum: 3}"}),
    ],
)
def test_the_keywords_of_a_description_are_followed(schema: dict[str, Any], value: Any) -> None:
    assert example(schema, described=True) == value


def test_a_description_is_only_words_where_no_sdk_writes_keywords() -> None:
    assert example({"type": "integer", "description": "{minimum: 3}"}) == 1


@pytest.mark.parametrize(
    "named", ["http://127.0.0.1:9/schema", "https://json-schema.org/draft/1/schema", 5]
)
def test_a_draft_that_is_not_known_is_asked_of_nobody(
    named: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The validator would ask by itself, through a proxy that does not answer.
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    schema = {"$schema": named, "type": "object", "properties": {"n": {"type": "integer"}}}
    assert example(schema) == {"n": 1}


@pytest.mark.parametrize(
    "impossible",
    [
        {"type": "string", "pattern": "(?=a)b"},
        {"type": "integer", "minimum": 2.5, "maximum": 2.6},
        {"type": "string", "minLength": 1e9},
        {"$ref": "#/nowhere"},
        {"$ref": "https://a.example/"},
        {"$ref": "#/properties/impossible"},
        {"allOf": [{"const": 1}, {"const": 2}]},
        False,
    ],
)
def test_an_optional_property_that_cannot_be_made_is_left_out(impossible: Any) -> None:
    schema = {"type": "object", "properties": {"impossible": impossible, "n": {"type": "integer"}}}
    assert example(schema) == {"n": 1}
    # A required one gets some value: the request itself is right.
    assert example({**schema, "required": ["impossible"]}).keys() == {"impossible", "n"}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "array", "minItems": 1.5}, 'input_schema.minItems: 1.5 is not of type "integer"'),
        ({"type": "colour"}, 'input_schema.type: "colour" is not valid'),
        ({"anyOf": []}, "input_schema.anyOf: [] has less than 1 item"),
        ({"properties": {"a": 1}}, "input_schema.properties.a: 1 is not of types"),
        ({"properties": [1]}, 'input_schema.properties: [1] is not of type "object"'),
        ({"type": "object", "required": [[]]}, "input_schema.required.0: [] is not of type"),
        ({"items": [{}]}, "input_schema.items: [{}] is not of types"),
        ({"enum": [1] * 20_000}, "input_schema has more than 20,000 parts"),
    ],
)
def test_what_is_no_schema_is_refused_with_its_place(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        example(schema)
    assert str(caught.value).startswith(message)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "enum",
                    "anyOf",
                    "$ref",
                    "minItems",
                    "minLength",
                    "minimum",
                    "maximum",
                    "required",
                    "default",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(
    schema=st.dictionaries(
        st.sampled_from(
            ["type", "properties", "items", "enum", "anyOf", "minLength", "maxItems", "required"]
        ),
        ANYTHING,
    )
)
def test_whatever_a_schema_holds_it_is_used_or_refused(schema: dict[str, Any]) -> None:
    try:
        example(schema)
    except SchemaError as error:
        assert str(error).startswith("input_schema")


def test_an_input_is_not_nested_without_end() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(190):
        schema = {"type": "object", "properties": {"a": schema}}
    value, depth = example(schema), 0
    while value:
        value, depth = value["a"], depth + 1
    assert depth == 60


def parts(value: Any) -> int:
    """How many values an input has."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(parts, inner))


def test_a_small_schema_that_stands_for_a_huge_input_gets_a_part_of_it() -> None:
    names = "abcdef"
    definitions: dict[str, Any] = {
        this: {"properties": {name: {"$ref": f"#/$defs/{after}"} for name in names}}
        for this, after in itertools.pairwise(names)
    }
    definitions["f"] = {"type": "string"}
    assert 1000 < parts(example({"$defs": definitions, "$ref": "#/$defs/a"})) <= 2000


@pytest.mark.parametrize("depth", [30, 1000])
@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf"])
def test_references_that_fan_out_take_little_work(keyword: str, depth: int) -> None:
    definitions: dict[str, Any] = {
        f"d{n}": {keyword: [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]}
        for n in range(depth)
    }
    definitions[f"d{depth}"] = {"type": "string", "pattern": "(?=a)["}
    taken: list[None] = []
    example({"$defs": definitions, "$ref": "#/$defs/d0"}, pause=lambda: taken.append(None))
    assert len(taken) < 10_000


def test_a_nested_value_of_branches_that_refer_to_all_of_them_is_made_anew_or_left_as_it_is() -> (
    None
):
    def schema(depth: int) -> dict[str, Any]:
        value: Any = 1
        for _ in range(depth):
            value = {"x": value}
        inner = {"properties": {"x": {"$ref": "#/$defs/d"}}, "required": ["x"], "type": "object"}
        return {
            "$defs": {"d": {"anyOf": [inner, {**inner, "minProperties": 1}]}},
            "properties": {"v": {"$ref": "#/$defs/d", "default": value}},
        }

    # What is judged in few steps is known not to fit.
    assert example(schema(3)) == {}
    assert set(example(schema(40))) == {"v"}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 20}, "example value......."),
        ({"type": "integer", "minimum": 1.5}, 2),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "minimum": 5}, 5),
        ({"type": "integer", "maximum": -3}, -3),
        ({"anyOf": [{"type": "string", "pattern": "(?=a)b"}, {"type": "integer"}]}, 1),
        (
            {"type": "object", "properties": {"a": True}, "anyOf": [{"required": ["a"]}]},
            {"a": "example a"},
        ),
        ({"type": "string", "format": "uuid"}, "123e4567-e89b-42d3-a456-426614174000"),
    ],
)
def test_bounds_and_branches_are_kept(schema: dict[str, Any], value: Any) -> None:
    assert example(schema) == value
    jsonschema.validate(value, schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 100, "items": {"type": "string", "minLength": 9000}},
        {
            "$defs": {"large": {"default": "a" * 9000}},
            "properties": {str(n): {"$ref": "#/$defs/large"} for n in range(50)},
        },
    ],
)
def test_a_small_schema_that_stands_for_long_texts_gets_a_part_of_them(
    schema: dict[str, Any],
) -> None:
    assert len(json.dumps(example(schema))) <= 60_000
