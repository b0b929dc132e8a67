"""Quotas: what a key may ask per minute, and what it is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from streamguide.settings import Settings
from streamguide.simulator.faults import read
from streamguide.simulator.quotas import Quotas, tokens_used
from tests.unpaced import at_once, before_any_end

LIMITED = "anthropic-ratelimit-"


class Minute:
    """A clock that a test sets, in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def quotas(self) -> Quotas:
        start = datetime(2026, 11, 29, 12, tzinfo=UTC)
        return Quotas(lambda: self.seconds, lambda: start + timedelta(seconds=self.seconds))


def take(quotas: Quotas, fault: str, key: str = "a", tokens: int = 0) -> tuple[Any, dict[str, str]]:
    met, headers = quotas.take(key, read(fault), lambda: tokens)
    waits = [one.values.get("retry-after") for one in met]
    return waits, headers


def test_requests_beyond_the_quota_meet_the_fault_and_are_told_how_long_to_wait() -> None:
    minute = Minute()
    quotas = minute.quotas()
    fault = "status;code=429;rpm=3"
    left = []
    for _ in range(3):
        waits, headers = take(quotas, fault)
        assert waits == []
        left.append(headers[f"{LIMITED}requests-remaining"])
    assert left == ["2", "1", "0"]
    assert take(quotas, fault)[0] == [20]
    minute.seconds = 19
    assert take(quotas, fault)[0] == [1]
    minute.seconds = 20
    waits, headers = take(quotas, fault)
    assert waits == []
    assert headers == {
        f"{LIMITED}requests-limit": "3",
        f"{LIMITED}requests-remaining": "0",
        f"{LIMITED}requests-reset": "2026-11-29T12:01:20Z",
    }


def test_each_key_has_its_own_quota() -> None:
    quotas = Minute().quotas()
    assert take(quotas, "drop;rpm=1", "a")[0] == []
    assert take(quotas, "drop;rpm=1", "b")[0] == []
    assert take(quotas, "drop;rpm=1", "a")[0] == [None]


def test_tokens_count_until_none_is_left() -> None:
    minute = Minute()
    quotas = minute.quotas()
    fault = "status;code=429;tpm=6000"
    waits, headers = take(quotas, fault, tokens=2400)
    assert (waits, headers[f"{LIMITED}tokens-remaining"]) == ([], "4000")
    assert take(quotas, fault, tokens=4600)[0] == []
    # A thousand more than the quota: ten seconds until there is room again.
    waits, headers = take(quotas, fault)
    assert (waits, headers[f"{LIMITED}tokens-remaining"]) == ([11], "0")
    minute.seconds = 11
    assert take(quotas, fault)[0] == []


def test_a_retry_after_that_is_asked_for_stays() -> None:
    quotas = Minute().quotas()
    fault = "status;code=429;retry-after=2;rpm=1"
    assert [take(quotas, fault)[0] for _ in range(2)] == [[], [2]]


@given(limit=st.integers(1, 50), gaps=st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_quota_and_what_came_back_pass(limit: int, gaps: list[float]) -> None:
    minute = Minute()
    quotas = minute.quotas()
    passed = 0
    for gap in gaps:
        minute.seconds += gap
        waits, _ = take(quotas, f"status;code=429;rpm={limit}")
        passed += not waits
        assert passed <= limit + limit * minute.seconds / 60 + 1e-6


def test_a_refused_client_that_waits_as_told_is_answered() -> None:
    minute = Minute()
    quotas = minute.quotas()
    for _ in range(30):
        waits, _ = take(quotas, "status;code=429;rpm=7;tpm=500", tokens=90)
        if waits:
            minute.seconds += waits[0]
            assert take(quotas, "status;code=429;rpm=7;tpm=500", tokens=90)[0] == []


def test_tokens_are_those_of_the_request_and_the_answer() -> None:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 900, "output_tokens": 7}
    assert tokens_used({"usage": usage | {"cache_creation_input_tokens": None}}) == 12
    assert tokens_used(None) == 0


@pytest.fixture
def client() -> FlaskClient:
    return create_app(Settings(), at_once, today=before_any_end).test_client()


def test_over_http_the_headers_count_down_and_a_429_says_when(client: FlaskClient) -> None:
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    headers = {"x-api-key": "a quota", "anthropic-version": "2026-10-21"}
    path = "/simulator/hello/status;code=429;rpm=2/v1/messages"
    answers = [client.post(path, json=body, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    left = [answer.headers[f"{LIMITED}requests-remaining"] for answer in answers]
    assert left == ["1", "0", "0"]
    assert answers[0].headers[f"{LIMITED}requests-limit"] == "2"
    assert 29 <= int(answers[2].headers["retry-after"]) <= 30
    assert "retry-after" not in answers[1].headers
