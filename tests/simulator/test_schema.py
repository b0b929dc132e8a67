"""Inputs that fit a tool's schema."""

from __future__ import annotations

import itertools
from typing import Any

import jsonschema
import pytest
from hypothesis import given
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


SIMPLE = st.one_of(
    st.builds(lambda: {"type": "boolean"}),
    st.builds(lambda: {"type": "null"}),
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-50, 50),
        st.integers(0, 9),
    ),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low}, st.integers(-50, 50)),
    st.builds(lambda high: {"type": "number", "exclusiveMaximum": high}, st.integers(-50, 50)),
    st.builds(
        lambda least, more: {"type": "string", "minLength": least, "maxLength": least + more},
        st.integers(0, 40),
        st.integers(0, 9),
    ),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.text() | st.integers(), min_size=1, max_size=3)
    ),
)
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds(
            lambda item, least: {"type": "array", "items": item, "minItems": least},
            inner,
            st.integers(0, 3),
        ),
        st.builds(
            lambda properties: {
                "type": "object",
                "properties": properties,
                "required": list(properties),
            },
            st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
        ),
        st.builds(lambda branches: {"anyOf": branches}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)


@given(schema=SCHEMAS)
def test_the_input_fits_by_the_judgement_of_a_validator(schema: dict[str, Any]) -> None:
    jsonschema.validate(example(schema), schema)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string", "pattern": "^a$"}, "input_schema.pattern is more than"),
        ({"type": "array", "uniqueItems": True}, "input_schema.uniqueItems is more than"),
        ({"type": "integer", "minimum": 2.5, "maximum": 2.6}, "input_schema: no number fits"),
        ({"type": "array", "minItems": 1.5}, "input_schema.minItems is not a whole number"),
        ({"type": "integer", "minimum": float("nan")}, "input_schema.minimum is not a number"),
        ({"default": float("inf")}, "input_schema.default is not a value that JSON knows"),
        ({"type": "colour"}, "input_schema.type: 'colour' is not a type"),
        ({"enum": []}, "input_schema.enum is not an array with something in it"),
        ({"$ref": "#/nowhere"}, "input_schema.$ref: there is no #/nowhere"),
        ({"$ref": "https://a.example/"}, "input_schema.$ref: only references into"),
        ({"properties": {"a": 1}}, "input_schema.properties.a is not an object"),
        ({"properties": [1]}, "input_schema: properties is an object"),
        ({"type": "object", "required": [[]]}, "input_schema: properties is an object"),
        ({"type": "string", "minLength": 1e9}, "input_schema.minLength is not a number"),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, "input_schema nests"),
    ],
)
def test_a_schema_that_is_too_much_is_refused_with_its_place(
    schema: dict[str, Any], message: str
) -> None:
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


def test_a_small_schema_that_stands_for_a_huge_input_is_refused() -> None:
    names = "abcdef"
    definitions: dict[str, Any] = {
        this: {"properties": {name: {"$ref": f"#/$defs/{after}"} for name in names}}
        for this, after in itertools.pairwise(names)
    }
    definitions["f"] = {"type": "string"}
    with pytest.raises(SchemaError, match="asks for more than 2000 values"):
        example({"$defs": definitions, "$ref": "#/$defs/a"})


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "minLength": 20}, "example value......."),
        ({"type": "integer", "minimum": 1.5}, 2),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, 0.5),
        ({"type": "number", "minimum": 5}, 5),
        ({"type": "integer", "maximum": -3}, -3),
        ({"anyOf": [{"type": "string", "pattern": "a"}, {"type": "integer"}]}, 1),
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
def test_a_small_schema_that_stands_for_long_texts_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaError, match="asks for more than 50000 characters"):
        example(schema)
