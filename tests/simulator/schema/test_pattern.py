"""Texts for patterns."""

from __future__ import annotations

import re

import pytest

from streamguide.simulator.schema.pattern import PatternError, matching


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", ""),
        ("^abc$", "abc"),
        (r"^\d{4}-\d{2}$", "0123-01"),
        (r"^[A-Z]{2,3}-\d+$", "AB-0"),
        (r"^(a|b)(?:c|d)?\.\1$", "a.a"),
        (r"(?<year>\d)-\k<year>", "0-0"),
        (r"^[^a-z\]]x*y{2}$", "Ayy"),
        (r"\u0041\x42\u{43}\cI\/\p{Lu}", "ABC\t/A"),
        (r"^\w+@[a-z]+\.(com|org)$", "a@a.com"),
        (r"^\S\W\D\s\b.$", "a  a"[:1] + " a a"),
    ],
)
def test_a_text_matches_by_the_shortest_way(pattern: str, text: str) -> None:
    assert matching(pattern) == text


def test_another_variant_takes_another_branch_and_other_characters() -> None:
    assert [matching("^(cat|dog)[0-9a-zA-Z]{3}$", variant) for variant in range(4)] == [
        *("catabc", "cataA0", "dogabc", "dogaA0"),
    ]


def test_more_characters_come_where_their_number_is_open() -> None:
    text = matching("^ID-[0-9]+(-[a-z]{2})?$", 0, 5)
    assert text == "ID-012345"
    assert re.search("^ID-[0-9]+(-[a-z]{2})?$", text)


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "[", "[]", "\\", "(?P=x)", "a{9999}", "((((a{99}){99}){99}){99})", "(" * 99],
)
def test_what_is_no_pattern_or_stands_for_too_much_is_told(pattern: str) -> None:
    with pytest.raises(PatternError):
        matching(pattern)
