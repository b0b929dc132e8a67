"""Texts as literals, and back through an interpreter of each language."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamguide.generator.literals import LiteralError, bash, javascript, python
from tests.generator.interpreters import Interpreter

LITERALS = {"python": python, "javascript": javascript, "bash": bash}


# What has a meaning in one of the languages, in a shell, in HTML or on a screen.
NASTY = st.sampled_from(
    [
        *("'", '"', "\\", "\n", "\r", "\t", "`", "$", "${x}", "$(id)", "`id`", "'''", '"""'),
        *("</script>", "\\n", "\\'", "!", "#", "%s", "{}", "{{x}}", "\x1b[2J", "\x7f", "\x85"),
        *("\u2028", "\u2029", "\ufeff", "\u200f", "\u202e", "\xa0", "é", "東京", "🌍", "7"),
        *("\U0001f469\u200d\U0001f467", "\ue000", "\U0010ffff"),
    ]
)
TEXTS = st.lists(NASTY | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)).map(
    lambda parts: "".join(parts).replace("\0", "")
)


@given(text=TEXTS)
@settings(max_examples=500)
@example(text="")
@example(text="\n")
@example(text="\x01" + "7")
def test_every_text_comes_back_as_it_went_in(
    interpreter: Interpreter, language: str, text: str
) -> None:
    assert interpreter.evaluate(LITERALS[language](text)) == text


@given(text=TEXTS)
def test_nothing_unseen_stands_in_a_program(language: str, text: str) -> None:
    literal = LITERALS[language](text)
    lines = literal.split("\n") if language == "bash" else [literal]
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"])
def test_what_no_program_can_hold_is_refused(language: str, text: str) -> None:
    with pytest.raises(LiteralError, match="it holds "):
        LITERALS[language](text)


def test_ordinary_texts_look_as_people_write_them() -> None:
    assert python("It's fine: 東京") == '"It\'s fine: 東京"'
    assert javascript('Say "hi"\n') == "'Say \"hi\"\\n'"
    assert python("\u2028\U0010ffff\x1b") == '"\\u2028\\U0010ffff\\x1b"'
    assert javascript("\u2028\U0010ffff") == '"\\u{2028}\\u{10ffff}"'
    assert bash("It's $HOME\nhere") == "'It'\\''s $HOME'$'\\n'\\\n'here'"
    assert bash("a\tb'") == "$'a\\tb\\''"
