"""Answers of a user's own."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest
from flask.testing import FlaskClient

from streamguide.connection import Cut
from streamguide.files import CONTENT
from streamguide.library import Daily, load_library
from streamguide.reading.reader import StreamReader
from streamguide.settings import Settings
from streamguide.simulator import answers as module
from streamguide.simulator.journal import hashed
from streamguide.web.bodies import MOST_BYTES
from streamguide.web.simulator_app import build
from tests.unpaced import as_written, at_once, before_any_end

KEY = {"x-api-key": "my own key", "anthropic-version": "2026-10-21"}
TOOL = {"name": "get_time", "input_schema": {"type": "object"}}


LIBRARY = Daily(load_library(), before_any_end)


@pytest.fixture
def client() -> FlaskClient:
    return build(Settings(), LIBRARY, at_once, as_written).test_client()


def put(
    client: FlaskClient,
    *answers: Any,
    key: str = "my own key",
    headers: Mapping[str, str] = MappingProxyType({}),
    **fields: Any,
) -> Any:
    response = client.put(
        "/simulator/answers",
        json={"answers": answers, **fields},
        headers={"x-api-key": key, **headers},
    )
    return response.status_code, response.json


def ask(client: FlaskClient, content: str = "Hi", path: str = "", **fields: Any) -> Any:
    """The message, the body of an error, or why a stream is not whole."""
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 500,
        "stream": True,
        "messages": [{"role": "user", "content": content}],
        **fields,
    }
    response = client.post(f"/simulator{path}/v1/messages", json=body, headers=KEY, buffered=False)
    if response.mimetype == "application/json":
        return response.json
    reader = StreamReader(response.status_code, response.content_type)
    try:
        for chunk in response.iter_encoded():
            reader.feed(chunk)
    except Cut:
        pass
    return reader.message.value if reader.end().is_complete else reader.end().words


def text(client: FlaskClient, content: str = "Hi", path: str = "", **fields: Any) -> str:
    return str(ask(client, content, path, **fields)["content"][0]["text"])


def test_a_text_is_the_answer_to_every_request_of_the_key(client: FlaskClient) -> None:
    assert put(client, {"text": "My own words."}) == (200, {"answers": 1})
    message = ask(client)
    assert message["content"] == [{"type": "text", "text": "My own words."}]
    assert message["stop_reason"] == "end_turn"
    assert message["model"] == "claude-opus-5-5"
    assert message["usage"]["input_tokens"] > 0
    assert message["usage"]["output_tokens"] > 0
    assert ask(client, stream=False)["content"] == message["content"]


def test_other_keys_and_pinned_scenarios_are_answered_as_ever(client: FlaskClient) -> None:
    put(client, {"text": "My own words."}, key="another key")
    assert text(client).startswith("You said: Hi")
    put(client, {"text": "My own words."})
    assert text(client, path="/hello").startswith("Hello! You are reading this")
    assert text(client, "simulate: hello").startswith("Hello! You are reading this")


def test_several_are_given_in_turn_and_the_last_one_stays(client: FlaskClient) -> None:
    put(client, {"text": "One."}, {"text": "Two."})
    assert [text(client) for _ in range(3)] == ["One.", "Two.", "Two."]


@pytest.mark.parametrize("fault", ["status;times=1", "drop;times=1", "end-early;times=1"])
def test_an_answer_that_a_fault_took_is_given_again(client: FlaskClient, fault: str) -> None:
    put(client, {"text": "One, in some words."}, {"text": "Two."})
    broken = ask(client, path=f"/auto/slow;factor=0+{fault}")
    assert "content" not in broken
    again = [text(client, path=f"/auto/slow;factor=0+{fault}") for _ in range(2)]
    assert again == ["One, in some words.", "Two."]


def test_a_tool_call_is_made_with_its_input_and_its_result_gets_the_next_answer(
    client: FlaskClient,
) -> None:
    call = {"name": "get_time", "input": {"zone": "UTC"}}
    put(client, {"text": "Let me look.", "tool": call}, {"text": "It is noon."})
    message = ask(client, tools=[TOOL])
    assert [block["type"] for block in message["content"]] == ["text", "tool_use"]
    made = message["content"][1]
    assert (made["name"], made["input"], message["stop_reason"]) == (*call.values(), "tool_use")
    assert made["id"].startswith("toolu_01")
    result = {"type": "tool_result", "tool_use_id": made["id"], "content": "12:00"}
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": message["content"]},
        {"role": "user", "content": [result]},
    ]
    assert text(client, messages=messages, tools=[TOOL]) == "It is noon."


def test_a_saved_message_is_played_with_its_usage_and_new_ids(client: FlaskClient) -> None:
    saved = {
        "id": "msg_old",
        "type": "message",
        "role": "assistant",
        "model": "claude-haiku-4-5",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"},
            {"type": "tool_use", "id": "toolu_old", "name": "get_time", "input": {"a": [1]}},
        ],
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 77, "output_tokens": 88},
    }
    put(client, {"message": saved})
    message = ask(client, tools=[TOOL])
    thinking, call = message["content"]
    assert (thinking["thinking"], thinking["signature"]) == ("Hm.", "c2lnbmVk")
    assert call["input"] == {"a": [1]} and call["id"] != "toolu_old"
    assert (message["usage"]["input_tokens"], message["usage"]["output_tokens"]) == (77, 88)
    assert message["id"] != "msg_old"


def test_an_error_alone_is_a_status_and_after_a_text_the_end_of_the_stream(
    client: FlaskClient,
) -> None:
    error = {"type": "overloaded_error", "message": "Not now."}
    put(client, {"error": error}, {"text": "It begins", "error": error})
    assert ask(client)["error"] == error
    assert ask(client) == "overloaded_error: Not now."


@pytest.mark.parametrize(
    ("when", "is_met"),
    [
        ({"text": "weather"}, True),
        ({"text": "tide"}, False),
        ({"tool": "get_time"}, True),
        ({"tool": "get_tide"}, False),
        ({"model": "claude-opus-5-5"}, True),
        ({"model": "claude-haiku-5-5"}, False),
        ({"turn": 1}, True),
        ({"turn": 2, "text": "weather"}, False),
    ],
)
def test_an_answer_can_be_for_some_requests_only(
    client: FlaskClient, when: dict[str, Any], is_met: bool
) -> None:
    put(client, {"text": "Any other."}, {"text": "Meant.", "when": when})
    told = text(client, "How is the weather?", tools=[TOOL])
    assert told == ("Meant." if is_met else "Any other.")


def test_an_answer_can_be_a_scenario_or_what_the_request_decides(client: FlaskClient) -> None:
    put(client, {"scenario": "tool-use"}, {"scenario": "auto"})
    assert ask(client)["stop_reason"] == "tool_use"
    assert "You said: Bonjour" in text(client, "Bonjour")
    status, body = put(client, {"scenario": "no-such"})
    assert (status, body["error"]["message"][:33]) == (404, "No scenario is called 'no-such'. ")


def test_an_answer_has_faults_of_its_own_which_count_for_it_alone(client: FlaskClient) -> None:
    put(client, {"text": "One.", "faults": "end-early;times=1"}, {"text": "Two."})
    assert "message_stop" in ask(client)
    assert [text(client), text(client)] == ["One.", "Two."]
    put(client, {"text": "One.", "faults": "end-early;times=1"})
    assert "message_stop" in ask(client)
    status, body = put(client, {"text": "One.", "faults": "dorp"})
    assert status == 400
    assert body["error"]["message"].startswith("answers.0.faults: No fault is called 'dorp'.")


def test_an_answer_can_be_a_recording_of_ones_own(client: FlaskClient) -> None:
    stream = (CONTENT / "corpus" / "plain.sse").read_bytes()
    about = json.loads((CONTENT / "corpus" / "plain.json").read_bytes())
    sent = {"file": "mine.sse", "body": base64.b64encode(stream).decode()}
    put(client, {"recording": sent}, {"recording": {**sent, "about": about}}, {"text": "Next."})
    assert text(client) == text(client) == about["expected"]["text"]
    assert text(client) == "Next."
    put(client, {"recording": sent, "faults": "drop;at=4"})
    assert "message_stop" in ask(client)
    lines = b"\n".join(line[6:] for line in stream.split(b"\n") if line.startswith(b"data: "))
    put(client, {"recording": {"file": "a.jsonl", "body": base64.b64encode(lines).decode()}})
    assert text(client) == about["expected"]["text"]


@pytest.mark.parametrize(
    ("recording", "message"),
    [
        ({"file": "a.txt", "body": ""}, "answers.0.recording.file: String should match"),
        ({"file": "a.sse", "body": "bm8="}, "answers.0.recording: has no event"),
        ({"file": "a.sse", "body": "a"}, "answers.0.recording.body: "),
        ({"file": "a.sse", "body": "bm8=", "about": {}}, "answers.0.recording: response: is"),
    ],
)
def test_a_recording_that_cannot_be_played_is_refused(
    client: FlaskClient, recording: Any, message: str
) -> None:
    status, body = put(client, {"recording": recording})
    assert status == 400
    assert body["error"]["message"].startswith(message)


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        ({"scenario": "hello"}, 0),
        ({"text": "Hello."}, 0),
        ({"text": "Hello.", "faults": "stall;seconds=7"}, 7),
        ({"text": "Hello.", "faults": "slow;factor=2"}, 1),
    ],
)
def test_without_a_pace_all_is_sent_at_once_except_for_what_faults_hold_back(
    answer: Any, seconds: int
) -> None:
    waited: list[float] = []

    def wait(connection: object, seconds: float) -> bool:
        waited.append(seconds)
        return True

    client = build(Settings(), LIBRARY, wait, as_written).test_client()
    put(client, answer, paced=False)
    text(client)
    assert max(waited, default=0) >= seconds - 0.5
    assert seconds or max(waited, default=0) == 0


def test_deleted_answers_are_given_no_more(client: FlaskClient) -> None:
    put(client, {"text": "My own words."})
    assert client.delete("/simulator/answers", headers=KEY).json == {"answers": 0}
    assert text(client).startswith("You said: Hi")


@pytest.mark.parametrize("key", module.SHARED_KEYS)
def test_a_key_that_pages_print_takes_no_answers(client: FlaskClient, key: str) -> None:
    status, body = put(client, {"text": "For everybody."}, key=key)
    assert status == 403
    assert body["error"]["message"].endswith("choose another one for answers of your own.")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({}, "answers.0: takes one of text, tool, message, error, scenario, recording;"),
        (
            {"text": "a", "message": {"content": [{"type": "text", "text": "b"}]}},
            "answers.0: takes",
        ),
        (
            {"words": "a"},
            "answers.0.words: Extra inputs are not permitted. It takes answers, paced; an answer "
            "takes scenario, recording, text, tool, message, error, stop_reason, "
            "characters_per_second, faults, when; when takes text, tool, model, turn.",
        ),
        ({"text": 1}, "answers.0.text: Input should be a valid string"),
        (
            {"text": "a", "stop_reason": "bored"},
            "answers.0: end.stop_reason must be one of end_turn,",
        ),
        ({"message": {"content": [{"type": "txt"}]}}, "answers.0: blocks.0: type 'txt' is not in"),
        ({"error": {"type": "no_error", "message": "a"}}, "answers.0.error.type: one of "),
        ({"tool": {"name": "a b"}}, "answers.0.tool.name: String should match pattern"),
        ({"text": "a", "when": {"turn": 0}}, "answers.0.when.turn: Input should be greater than"),
    ],
)
def test_a_wrong_answer_is_refused_with_what_there_is(
    client: FlaskClient, answer: Any, message: str
) -> None:
    status, body = put(client, answer)
    assert status == 400
    assert body["error"]["message"].startswith(message)


def test_answers_that_are_too_large_are_refused(client: FlaskClient) -> None:
    assert put(client, {"text": "a" * module.MOST_LOCAL_BYTES})[0] == 413
    # Of people elsewhere the site takes no more than a form.
    elsewhere = {"x-forwarded-for": "192.0.2.1"}
    assert put(client, {"text": "a" * MOST_BYTES}, headers=elsewhere)[0] == 413
    assert put(client, *[{"text": "a"}] * (module.MOST_ANSWERS + 1))[0] == 400


def test_answers_are_kept_within_limits_of_keys_bytes_and_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 0.0
    store = module.OwnAnswers(lambda: now)
    answer = module.OwnAnswer()
    request: Any = None
    monkeypatch.setattr(module, "MOST_KEYS", 2)
    for key in "abc":
        store.put(hashed(key), [answer], 10)
    names = [hashed(key) for key in "abc"]
    assert [store.next(name, request) is not None for name in names] == [False, True, True]
    store.put(hashed("d"), [answer], module.MOST_TOTAL_BYTES - 5)
    assert store.next(names[2], request) is None
    now += module.MOST_SECONDS + 1
    assert store.next(hashed("d"), request) is None
