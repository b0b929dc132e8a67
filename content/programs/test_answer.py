"""Tests of answer.py. The fixture `claude` comes with streamguide."""

import anthropic
import httpx2
import pytest
from answer import Answer, ask

from streamguide.testing import Claude, error, tool


# region client
def answered() -> Answer:
    """What the program makes of an answer. Its client reads the environment of the test."""
    return ask(anthropic.Anthropic(timeout=httpx2.Timeout(10, read=3)), "Hello")


# endregion


# region broken
@pytest.mark.claude_faults("drop", "drop;how=reset", "error-event", "end-early", "http10;at=15")
def test_a_broken_answer_keeps_its_text_and_is_not_complete(claude: Claude) -> None:
    claude.plays("hello")
    answer = answered()
    assert not answer.complete
    assert answer.text.startswith("Hello! You are reading this before it is finished.")
    assert len(claude.requests) == 1
    claude.verdict(complete=answer.complete)


# endregion


# region each
@pytest.mark.claude_faults("breaks")
def test_an_answer_is_complete_only_if_all_of_it_is_there(claude: Claude) -> None:
    claude.plays("hello")
    answer = answered()
    is_whole = answer.text.endswith("a few dozen events.")
    assert is_whole or not answer.complete


@pytest.mark.claude_faults("not-sse", "not-sse;how=html", "empty-body", "unnamed")
def test_what_is_no_stream_is_no_answer(claude: Claude) -> None:
    claude.plays("hello")
    answer = answered()
    assert not answer.complete
    assert answer.text == ""


# endregion


# region whole
@pytest.mark.parametrize("scenario", ["refusal", "max-tokens", "tool-use", "pause-turn"])
def test_a_stop_reason_is_told(claude: Claude, scenario: str) -> None:
    claude.plays(scenario)
    answer = answered()
    assert answer.complete
    assert answer.stop_reason == scenario.replace("-", "_")


# endregion


# region answers
def test_answers_of_my_own(claude: Claude) -> None:
    claude.answers("First, in my own words.", tool("get_time", {"zone": "UTC"}), "At noon.")
    answers = [answered() for _ in range(3)]
    assert [answer.text for answer in answers] == ["First, in my own words.", "", "At noon."]
    assert answers[1].stop_reason == "tool_use"


def test_an_error_after_a_text_ends_the_answer(claude: Claude) -> None:
    claude.answers(error("overloaded_error", text="As far as it came."))
    answer = answered()
    assert answer.text == "As far as it came."
    assert not answer.complete


# endregion


# region retries
def test_an_overload_is_asked_again(claude: Claude) -> None:
    claude.plays("hello").breaks("status-then-ok", retry_after=0.1)
    assert answered().complete
    assert [request.status for request in claude.requests] == [529, 529, 200]
    claude.verdict(complete=True)


def test_a_bad_request_is_not(claude: Claude) -> None:
    claude.breaks("status", code=400)
    assert isinstance(answered().failure, anthropic.BadRequestError)
    assert len(claude.requests) == 1


# endregion


# region schedule
def test_a_second_answer_is_lost_and_the_third_arrives(claude: Claude) -> None:
    # Two failures that the SDK retries, a cut in the next answer, and then all is well.
    claude.plays("hello").breaks("status", times=2, retry_after=0.1).breaks("drop", only=3)
    assert [answered().complete for _ in range(2)] == [False, True]
    assert [request.ended for request in claude.requests][2:] == ["cut", "complete"]


def test_some_of_many_answers_are_incomplete(claude: Claude) -> None:
    claude.plays("hello").breaks("end-early", rate=0.2, seed=3)
    assert [answered().complete for _ in range(10)].count(False) == 2


# endregion


# region silence
def test_silence_ends_at_the_limit(claude: Claude) -> None:
    claude.plays("hello").breaks("stall")
    answer = answered()
    assert isinstance(answer.failure, httpx2.ReadTimeout)
    assert answer.text
    assert claude.requests[-1].ended != "complete"


def test_pings_are_no_silence(claude: Claude) -> None:
    claude.plays("hello").breaks("stall", how="pings", seconds=4)
    assert answered().complete


# endregion
