"""Choices of options such that any three values of different options meet in some program."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.generator.options import RECOVERY, Options, all_options, read
from tests.dates import ENDING, with_an_end

_LIBRARY = load_content()
# With a model whose life ends: its programs say when.
MODELS, TABLE = with_an_end(_LIBRARY.models), _LIBRARY.table
EXAMPLE = next(one.default for one in all_options(MODELS) if one.name == "tool_schema")
# Of what a formatter breaks into lines, quotes or leaves alone.
SCHEMA = json.dumps(
    {
        "type": "object",
        "comment": "A text that is too long for a line stands in one of its own. " * 2,
        "id": "https://example.com/a-name-that-is-longer-than-a-line/" * 2,
        "properties": {
            "title": {"type": "string", "description": "As a newspaper would print it. " * 4},
            "it's of": {"type": ["integer", "null"], "enum": [1, -2.5, 1e30, 3.0, None, True]},
            "__proto__": {"type": "array", "items": {}, "default": []},
        },
        "required": ["title", "it's of"],
        "additionalProperties": False,
    }
)
# By these a program's text changes in more than a word; texts have tests of their own.
VALUES: Mapping[str, tuple[str, ...]] = {
    "model": ("claude-opus-5-5", ENDING),
    "system": ("", "Be brief."),
    "stop_sequences": ("", "END\nSTOP"),
    "display": ("default", "summarized"),
    "effort": ("default", "low"),
    "schema": ("", SCHEMA),
    "tool": ("0", "1"),
    "tool_schema": (EXAMPLE, SCHEMA),
    "chat": ("0", "1"),
    "stream": ("0", "1"),
    "events": ("text", "all"),
    "recovery": tuple(RECOVERY),
    "stop": ("0", "1"),
    "breaker": ("0", "1"),
    "usage": ("0", "1"),
    "count": ("0", "1"),
    "request_id": ("0", "1"),
    "save": ("0", "1"),
}
# The earlier model takes neither effort nor a display of its thinking.
_NOT_TOGETHER = {("model", ENDING): (("display", "summarized"), ("effort", "low"))}
_TRIED = 20

Pair = tuple[str, str]


@lru_cache
def programs(language: str) -> tuple[Options, ...]:
    """Options of a language in which all threes of values meet that can."""
    return tuple(read({"language": [language], **_query(row)}, MODELS) for row in _rows())


def _query(row: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in row.items()}


@lru_cache
def _rows() -> tuple[dict[str, str], ...]:
    # Only numbers that are always the same: a failure must come again.
    chance = random.Random(1)
    missing = {
        frozenset(((a, x), (b, y), (c, z)))
        for a, b, c in combinations(VALUES, 3)
        for x in VALUES[a]
        for y in VALUES[b]
        for z in VALUES[c]
        if _possible({(a, x), (b, y), (c, z)})
    }
    rows = []
    while missing:
        wanted = sorted(min(missing, key=sorted))
        tried = [_row(dict(wanted), chance) for _ in range(_TRIED)]
        best = max(tried, key=lambda row: len(_threes(row) & missing))
        rows.append(best)
        missing -= _threes(best)
    return tuple(rows)


def _row(given: dict[str, str], chance: random.Random) -> dict[str, str]:
    while True:
        row = {name: given.get(name) or chance.choice(values) for name, values in VALUES.items()}
        if _possible(set(row.items())):
            return row


def _possible(pairs: set[Pair]) -> bool:
    return not any(
        first in pairs and any(other in pairs for other in others)
        for first, others in _NOT_TOGETHER.items()
    )


def _threes(row: Mapping[str, str]) -> set[frozenset[Pair]]:
    return {frozenset(three) for three in combinations(row.items(), 3)}


def some_languages(names: Iterable[str], *others: str) -> list[Any]:
    """All of them for a test that runs programs.

    All but Python, JavaScript and these others are for `make soak`.
    """
    few = ("python", "javascript", *others)
    return [name if name in few else pytest.param(name, marks=pytest.mark.soak) for name in names]
