"""Tests of answer.py. They need the site: SIMULATOR is the address of its simulator."""

import os
import uuid
from typing import Any

import anthropic
import httpx2
import pytest
from answer import ask

SIMULATOR = os.environ.get("SIMULATOR", "http://127.0.0.1:8000/simulator")


# region client
@pytest.fixture
def key() -> str:
    """A new key: the journal and the counts of `times` belong to a key."""
    return f"test-{uuid.uuid4()}"


def client(key: str, path: str) -> anthropic.Anthropic:
    """The client of the program, with another address and a shorter limit on silence."""
    return anthropic.Anthropic(
        base_url=f"{SIMULATOR}/{path}", api_key=key, timeout=httpx2.Timeout(10, read=3)
    )


def requests(key: str) -> list[dict[str, Any]]:
    """What the simulator saw, the oldest first."""
    journal = httpx2.get(f"{SIMULATOR}/journal.json", headers={"x-api-key": key})
    found: list[dict[str, Any]] = journal.raise_for_status().json()["requests"]
    return found


# endregion


# region whole
HARMLESS = ["none", "unknown", "many-pings", "done-marker", "crlf", "drip", "connection-close"]


@pytest.mark.parametrize("fault", HARMLESS)
def test_a_whole_answer_is_complete(key: str, fault: str) -> None:
    answer = ask(client(key, f"hello/slow;factor=0+{fault}"), "Hello")
    assert answer.complete
    assert answer.stop_reason == "end_turn"
    assert answer.text.endswith("a few dozen events.")


@pytest.mark.parametrize("scenario", ["refusal", "max-tokens", "tool-use", "pause-turn"])
def test_a_stop_reason_is_told(key: str, scenario: str) -> None:
    answer = ask(client(key, f"{scenario}/slow;factor=0"), "Hello")
    assert answer.complete
    assert answer.stop_reason == scenario.replace("-", "_")


# endregion


# region broken
BROKEN = ["drop", "drop;how=reset", "error-event", "end-early", "garble", "http10;at=15"]


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_keeps_its_text_and_is_not_complete(key: str, fault: str) -> None:
    answer = ask(client(key, f"hello/slow;factor=0+{fault}"), "Hello")
    assert not answer.complete
    assert answer.text.startswith("Hello! You are reading this before it is finished.")
    assert len(requests(key)) == 1


@pytest.mark.parametrize("fault", ["not-sse", "not-sse;how=html", "empty-body", "unnamed"])
def test_what_is_no_stream_is_no_answer(key: str, fault: str) -> None:
    answer = ask(client(key, f"hello/{fault}"), "Hello")
    assert not answer.complete
    assert answer.text == ""


# endregion


# region retries
def test_an_overload_is_asked_again(key: str) -> None:
    answer = ask(client(key, "hello/slow;factor=0+status-then-ok;retry-after=0.1"), "Hello")
    assert answer.complete
    assert [request["status"] for request in requests(key)] == [529, 529, 200]


def test_a_bad_request_is_not(key: str) -> None:
    answer = ask(client(key, "hello/status;code=400"), "Hello")
    assert isinstance(answer.failure, anthropic.BadRequestError)
    assert len(requests(key)) == 1


# endregion


# region schedule
def test_a_second_answer_is_lost_and_the_third_arrives(key: str) -> None:
    # Two failures that the SDK retries, a cut in the next answer, and then all is well.
    path = "hello/slow;factor=0+status;times=2;retry-after=0.1+drop;only=3"
    answers = [ask(client(key, path), "Hello") for _ in range(2)]
    assert [answer.complete for answer in answers] == [False, True]
    assert [request["ended"] for request in requests(key)][2:] == ["cut", "complete"]


def test_some_of_many_answers_are_incomplete(key: str) -> None:
    path = "hello/slow;factor=0+end-early;rate=0.2;seed=3"
    answers = [ask(client(key, path), "Hello") for _ in range(10)]
    assert [answer.complete for answer in answers].count(False) == 2


# endregion


# region silence
def test_silence_ends_at_the_limit(key: str) -> None:
    answer = ask(client(key, "hello/slow;factor=0+stall"), "Hello")
    assert isinstance(answer.failure, httpx2.ReadTimeout)
    assert answer.text
    assert requests(key)[-1]["ended"] != "complete"


def test_pings_are_no_silence(key: str) -> None:
    answer = ask(client(key, "hello/slow;factor=0+stall;how=pings;seconds=4"), "Hello")
    assert answer.complete


# endregion


# region verdicts
def verdicts(key: str, complete: bool) -> dict[str, str]:
    """What the simulator thinks of the client, which took its last answer for complete or not."""
    headers = {"x-api-key": key}
    said = httpx2.post(f"{SIMULATOR}/outcome", headers=headers, json={"complete": complete})
    said.raise_for_status()
    found = httpx2.get(f"{SIMULATOR}/verdicts.json", headers=headers).raise_for_status().json()
    return {verdict["rule"]: verdict["result"] for verdict in found["verdicts"]}


@pytest.mark.parametrize("fault", ["status-then-ok;retry-after=0.2", "drop", "end-early"])
def test_the_simulator_has_nothing_against_the_program(key: str, fault: str) -> None:
    answer = ask(client(key, f"hello/slow;factor=0+{fault}"), "Hello")
    found = verdicts(key, answer.complete)
    assert found["complete"] == "passed"
    assert "failed" not in found.values()


# endregion


# region answers
def test_an_answer_of_my_own(key: str) -> None:
    answers = [{"text": "First, in my own words."}, {"text": "Then this."}]
    httpx2.put(
        f"{SIMULATOR}/answers", headers={"x-api-key": key}, json={"answers": answers}
    ).raise_for_status()
    asked = [ask(client(key, path), "Hello").text for path in ("auto/drop;at=5", "auto", "auto")]
    # The first is cut, and given again.
    assert asked == ["First, ", "First, in my own words.", "Then this."]


# endregion
