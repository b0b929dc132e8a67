"""Leaving the API alone after failures in a row."""

from __future__ import annotations

import time

import pytest

from streamguide.live.breaker import Breaker
from streamguide.protocol.refusal import Refusal

SECONDS = 0.2


def opened() -> Breaker:
    breaker = Breaker(2, SECONDS)
    for _ in range(2):
        breaker.admit()
        breaker.failed()
    return breaker


def tried(breaker: Breaker) -> None:
    """Wait until a request may try, and let it."""
    deadline = time.monotonic() + 10 * SECONDS
    while True:
        try:
            return breaker.admit()
        except Refusal:
            assert time.monotonic() < deadline


def test_it_opens_after_failures_in_a_row_and_says_when_to_come_back() -> None:
    breaker = opened()
    with pytest.raises(Refusal) as raised:
        breaker.admit()
    assert raised.value.status == 503
    assert raised.value.details == {"error_code": "breaker_open"}
    assert raised.value.headers["retry-after"] == "1"


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(2, SECONDS)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    breaker.admit()


def test_what_says_nothing_about_the_api_changes_nothing() -> None:
    breaker = Breaker(2, SECONDS)
    breaker.failed()
    breaker.neither()
    breaker.failed()
    assert breaker.is_open


def test_later_exactly_one_request_tries() -> None:
    breaker = opened()
    tried(breaker)
    with pytest.raises(Refusal):
        breaker.admit()
    breaker.succeeded()
    assert not breaker.is_open
    breaker.admit()


def test_a_trial_that_fails_opens_it_again() -> None:
    breaker = opened()
    tried(breaker)
    breaker.failed()
    with pytest.raises(Refusal):
        breaker.admit()


def test_a_trial_whose_visitor_left_leaves_the_next_one_to_try() -> None:
    breaker = opened()
    tried(breaker)
    breaker.neither()
    assert breaker.is_open
    breaker.admit()


def test_a_stream_from_before_that_ends_well_does_not_close_it_at_once() -> None:
    breaker = opened()
    breaker.succeeded()
    with pytest.raises(Refusal):
        breaker.admit()
