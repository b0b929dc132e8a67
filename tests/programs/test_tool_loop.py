"""The tool loops of the guide, against an API whose every answer is another one."""

from __future__ import annotations

import json
import sys

import pytest

from tests.programs.api import Json, api, run, streamed

PROGRAMS = [(sys.executable, "tool-loop.py"), ("node", "tool-loop.mjs")]
each_language = pytest.mark.parametrize("program", PROGRAMS, ids=["python", "javascript"])
Program = tuple[str, str]

THINKING = {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}
NOTE = {**THINKING, "thinking": "I look up the forecast first."}
ANSWER = {"type": "text", "text": "Yes, take a raincoat."}


def call(id_: str, location: object) -> Json:
    return {"type": "tool_use", "id": id_, "name": "get_forecast", "input": {"location": location}}


@each_language
def test_a_call_is_answered_and_the_thinking_goes_back_as_it_came(program: Program) -> None:
    called = streamed("tool_use", THINKING, call("toolu_1", "Bergen"), call("toolu_2", "Oslo"))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url, *program)

    assert (ended.returncode, ended.stdout) == (0, ANSWER["text"])
    question, turn, results = bodies[1]["messages"]
    assert bodies[0]["messages"] == [question]
    assert turn["role"] == "assistant"
    assert turn["content"][0] == THINKING
    assert [block["input"] for block in turn["content"][1:]] == [
        {"location": "Bergen"},
        {"location": "Oslo"},
    ]
    assert [result["tool_use_id"] for result in results["content"]] == ["toolu_1", "toolu_2"]
    assert json.loads(results["content"][1]["content"])["location"] == "Oslo"


@each_language
def test_a_call_that_the_tool_cannot_take_is_answered_with_an_error(program: Program) -> None:
    called = streamed("tool_use", call("toolu_1", 60.4))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url, *program)

    assert ended.returncode == 0
    (result,) = bodies[1]["messages"][2]["content"]
    assert result["is_error"] is True
    assert "60.4" in result["content"]


@each_language
def test_what_is_said_between_calls_is_asked_for_and_shown_beside_the_answer(
    program: Program,
) -> None:
    called = streamed("tool_use", NOTE, call("toolu_1", "Bergen"))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url, *program)

    assert [body["thinking"] for body in bodies] == [
        {"type": "adaptive", "display": "summarized"},
        {"type": "adaptive", "display": "summarized"},
    ]
    assert (ended.returncode, ended.stdout) == (0, ANSWER["text"])
    assert ended.stderr == f"{NOTE['thinking']}\n\n[turn 1: ['get_forecast']]\n"
    assert bodies[1]["messages"][1]["content"][0] == NOTE


@each_language
def test_a_model_that_calls_again_and_again_is_stopped(program: Program) -> None:
    calls = [streamed("tool_use", call(f"toolu_{turn}", "Bergen")) for turn in range(3)]
    with api(*calls) as (url, bodies):
        ended = run(url, *program)

    assert ended.returncode == 1
    assert len(bodies) == 3
    assert "[turn 2: ['get_forecast']]" in ended.stderr
    assert "stopped after 3 turns; the last calls were not run" in ended.stderr


@each_language
def test_a_turn_that_breaks_off_runs_no_tool(program: Program) -> None:
    with api(streamed(None, call("toolu_1", "Bergen"))) as (url, bodies):
        ended = run(url, *program)

    assert ended.returncode == 1
    assert len(bodies) == 1
    assert "[turn" not in ended.stderr
