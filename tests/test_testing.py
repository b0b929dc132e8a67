"""The fixture `claude`, used by tests of this project's own."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import pytest

from streamguide import pytest as plugin
from streamguide import testing
from streamguide.files import CONTENT
from streamguide.reading.reader import StreamReader
from streamguide.simulator.faults import FAULTS
from streamguide.simulator.faults.stage import MOMENTS
from streamguide.testing import Claude, SimulatorRefused, error, tool

CORPUS = CONTENT / "corpus"
HELLO = "Hello! You are reading this"


def ask(content: str = "Hi", **fields: Any) -> Any:
    """The message that is streamed to a program that knows nothing but the environment."""
    asked = {"model": "claude-opus-5-5", "max_tokens": 500, "stream": True, **fields}
    body = {**asked, "messages": [{"role": "user", "content": content}]}
    request = HttpRequest(
        f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages",
        json.dumps(body).encode(),
        {
            "content-type": "application/json",
            "x-api-key": os.environ["ANTHROPIC_API_KEY"],
            "anthropic-version": "2026-10-21",
        },
    )
    reader = StreamReader(200, "text/event-stream")
    with urlopen(request, timeout=30) as response:
        reader.feed(response.read())
    assert reader.end().is_complete
    return reader.message.value


def text(content: str = "Hi", **fields: Any) -> str:
    return str(ask(content, **fields)["content"][0]["text"])


def test_without_more_the_request_decides(claude: Claude) -> None:
    assert "You said: Bonjour" in text("Bonjour")


def test_a_scenario_breaks_at_an_event_and_the_journal_tells_of_it(claude: Claude) -> None:
    claude.plays("hello").breaks("drop", at=9, times=1)
    with pytest.raises(http.client.IncompleteRead):
        ask()
    assert text().startswith(HELLO)
    broken, whole = claude.requests
    assert (broken.ended, broken.event, broken.status) == ("cut", 8, 200)
    assert (whole.ended, whole.body["max_tokens"], whole.method) == ("complete", 500, "POST")
    assert whole.headers["anthropic-version"] == "2026-10-21"
    assert whole.gap_ms is not None and broken.gap_ms is None


def test_several_answers_are_given_in_turn(claude: Claude) -> None:
    claude.answers("One.", tool("get_time", {"zone": "UTC"}, text="Two."), "Three.")
    assert text() == "One."
    called = ask(tools=[{"name": "get_time", "input_schema": {"type": "object"}}])
    assert [block["type"] for block in called["content"]] == ["text", "tool_use"]
    assert called["content"][1]["input"] == {"zone": "UTC"}
    assert [text(), text()] == ["Three.", "Three."]


def test_an_answer_can_be_an_error_or_a_saved_message(claude: Claude) -> None:
    class Message:
        def to_dict(self) -> Mapping[str, Any]:
            return {"content": [{"type": "text", "text": "Saved."}], "stop_reason": "refusal"}

    claude.answers(error("overloaded_error"), Message(), Message().to_dict())
    with pytest.raises(OSError, match="529"):
        ask()
    assert [ask()["stop_reason"], text()] == ["refusal", "Saved."]


def test_a_recording_of_ones_own_is_replayed_and_can_be_broken(
    claude: Claude, tmp_path: Path
) -> None:
    expected = json.loads((CORPUS / "plain.json").read_bytes())["expected"]["text"]
    claude.replays(CORPUS / "plain.sse")
    assert text() == expected
    claude.breaks("drop", at=4)
    with pytest.raises(http.client.IncompleteRead):
        ask()
    lines = (CORPUS / "plain.sse").read_text(encoding="utf-8").splitlines()
    events = "\n".join(line[6:] for line in lines if line.startswith("data: "))
    (tmp_path / "mine.jsonl").write_text(events, encoding="utf-8")
    claude.replays(tmp_path / "mine.jsonl")
    assert text() == expected


def test_verdicts_name_the_rules_that_were_broken(claude: Claude) -> None:
    claude.plays("hello").breaks("drop")
    with pytest.raises(http.client.IncompleteRead):
        ask()
    claude.verdict(complete=False)
    with pytest.raises(AssertionError, match="complete: A broken answer is not taken for complete"):
        claude.verdict(complete=True)
    failed = [one for one in claude.verdicts if one.result == "failed"]
    assert [one.rule for one in failed] == ["complete"]
    assert failed[0].requests == (claude.requests[-1].request_id,)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda claude: claude.plays("no-such"), "No scenario is called 'no-such'"),
        (lambda claude: claude.breaks("dorp"), "No fault is called 'dorp'"),
        (lambda claude: claude.breaks("drop", to=1), "'to=1' is no parameter of it"),
        (lambda claude: claude.answers({"words": "a"}), "answers.0.words: Extra inputs"),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(
    claude: Claude, wrong: Any, words: str
) -> None:
    with pytest.raises(SimulatorRefused, match=words):
        wrong(claude)


def test_a_connection_that_was_idle_for_long_is_made_again(claude: Claude) -> None:
    claude.close()
    claude._connection.connect()
    claude._connection.sock.shutdown(2)
    assert claude.plays("hello").requests == []


@pytest.mark.claude_faults("breaks", "stall;seconds=0.1")
def test_a_marked_test_meets_each_fault_of_a_group(
    claude: Claude, request: pytest.FixtureRequest
) -> None:
    fault = request.node.callspec.id
    claude.plays("hello")
    try:
        heard = text()
    except (http.client.IncompleteRead, AssertionError):
        heard = ""
    survived = fault.startswith(("stall", "connection-close", "http10"))
    assert heard.startswith(HELLO) == survived, fault


def test_the_plugin_knows_the_groups_and_the_names_that_python_cannot_spell() -> None:
    assert tuple(MOMENTS) == plugin.GROUPS
    names = {one.name for fault in FAULTS.values() for one in fault.parameters}
    spelled = {name for name in names if not name.isidentifier() or name == "from"}
    assert spelled == set(testing._SPELLED.values())
