"""The guide's program that shows a tool's input while it is written."""

from __future__ import annotations

import json
import sys

from tests.programs.api import Json, api, run, streamed


def note(text: str) -> Json:
    return {"type": "tool_use", "id": "toolu_1", "name": "create_note", "input": text}


def test_input_that_is_no_json_goes_back_as_it_came() -> None:
    text = '{"title": "A", "body": "first" oops'
    with api(streamed("tool_use", note(text))) as (url, bodies):
        ended = run(url, sys.executable, "tool-form.py")

    assert bodies[0]["tools"][0]["eager_input_streaming"] is True
    assert ended.returncode == 1
    (result,) = json.loads(ended.stderr.partition("\n[tool_use]\n")[2])
    assert result["is_error"] is True
    assert json.loads(result["content"]) == {"INVALID_JSON": text}


def test_a_call_of_an_answer_that_breaks_off_is_not_answered() -> None:
    with api(streamed(None, note('{"title": "A", "body": "fir'))) as (url, _):
        ended = run(url, sys.executable, "tool-form.py")

    assert (ended.returncode, ended.stdout) == (1, "fir")
    assert "tool_result" not in ended.stderr
