"""What Claude says between calls of a tool, which the newest models send as thinking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import RELAYS, read
from tests.generator.combinations import some_languages
from tests.programs.test_runs import text_of
from tools.faults.cases import Case
from tools.faults.programs import Measure, measuring
from tools.faults.running import Ran

LIBRARY = load_content()
PROGRAMS = [name for name in LANGUAGES if name not in (*RELAYS, "curl")]
SOME = some_languages(PROGRAMS)
SCENARIO = LIBRARY.scenarios["thinking"]
THINKING = next(block.content["thinking"] for block in SCENARIO.blocks if block.type == "thinking")


@pytest.fixture(scope="module")
def measure(site: str) -> Iterator[Measure]:
    with measuring(LIBRARY, site) as ready:
        yield ready


def run(measure: Measure, **query: str) -> tuple[Ran, dict[str, Any]]:
    """A run of a program with a tool, whose answer is a thought and a text, and its request."""
    chosen = {"tool": "1", "prompt": "simulate: thinking", **query}
    options = read({name: [value] for name, value in chosen.items()}, LIBRARY.models)
    name = " ".join(("tools", *query.values()))
    ran, (request,) = measure.run(name, options, Case("none", "slow;factor=0"))
    return ran, json.loads(request["body"])


@pytest.mark.parametrize("stream", ["1", pytest.param("0", marks=pytest.mark.soak)])
@pytest.mark.parametrize("language", PROGRAMS)
def test_it_is_asked_for_and_shown_beside_the_answer(
    measure: Measure, language: str, stream: str
) -> None:
    ran, body = run(measure, language=language, stream=stream)
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert (ran.code, ran.out) == (0, text_of("thinking"))
    assert ran.err == f"{THINKING}\n\n[end_turn]\n"


@pytest.mark.parametrize("language", SOME)
def test_it_is_shown_once_among_all_events(measure: Measure, language: str) -> None:
    ran, body = run(measure, language=language, events="all")
    assert body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert (ran.code, ran.err.count(THINKING)) == (0, 1)


@pytest.mark.parametrize("language", SOME)
def test_it_is_left_out_where_it_is_not_wanted(measure: Measure, language: str) -> None:
    ran, body = run(measure, language=language, display="omitted")
    assert body["thinking"] == {"type": "adaptive", "display": "omitted"}
    assert (ran.code, ran.out) == (0, text_of("thinking"))
    assert THINKING not in ran.err


@pytest.mark.parametrize("language", SOME)
def test_a_model_whose_text_between_calls_is_text_is_sent_nothing_of_it(
    measure: Measure, language: str
) -> None:
    ran, body = run(measure, language=language, model="claude-opus-4-8")
    assert "thinking" not in body
    assert ran.code == 0
