"""JSON values in programs, and back through an interpreter of each language."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from streamguide.generator.languages import LANGUAGES
from tests.generator.interpreters import Interpreter

WRITERS = {"python": "python", "javascript": "javascript", "bash": "curl"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
# JavaScript has no larger whole numbers.
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
OBJECTS = st.dictionaries(
    TEXTS,
    st.recursive(
        st.none() | st.booleans() | NUMBERS | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=20,
    ),
    max_size=5,
)


@given(value=OBJECTS)
@example(value={"__proto__": {"__proto__": 1}, "it's": ['"', -0.5, 1e30], "": {}})
@example(value={"a long name " * 9: "a long text " * 9, "id": "a long text " * 9})
def test_every_value_comes_back_as_it_went_in(
    interpreter: Interpreter, language: str, value: dict[str, Any]
) -> None:
    written = LANGUAGES[WRITERS[language]].value("", value)
    # JavaScript writes large numbers without an exponent.
    assert json.loads(interpreter.evaluate(written), parse_int=float) == value
