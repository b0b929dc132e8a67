"""Leaving the API alone after failures in a row."""

from __future__ import annotations

import time

import pytest

from streamguide.live.breaker import Breaker
from streamguide.protocol.refusal import Refusal

SECONDS = 0.2
LONG = 3600.0


def opened(seconds: float = SECONDS) -> Breaker:
    breaker = Breaker(2, seconds)
    for request in (object(), object()):
        breaker.admit(request)
        breaker.ended(request, False)
    return breaker


def tried(breaker: Breaker) -> object:
    """Wait until a request may try, and let it."""
    request = object()
    deadline = time.monotonic() + 100 * SECONDS
    while True:
        try:
            breaker.admit(request)
            return request
        except Refusal:
            assert time.monotonic() < deadline


def refuses(breaker: Breaker) -> Refusal:
    with pytest.raises(Refusal) as raised:
        breaker.admit(object())
    return raised.value


def test_it_opens_after_failures_in_a_row_and_says_when_to_come_back() -> None:
    refusal = refuses(opened(LONG))
    assert refusal.status == 503
    assert refusal.details == {"error_code": "breaker_open"}
    assert LONG - 60 < int(refusal.headers["retry-after"]) <= LONG


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(2, LONG)
    for _ in range(5):
        breaker.ended(object(), False)
        breaker.ended(object(), True)
    breaker.admit(object())


def test_what_says_nothing_about_the_api_changes_nothing() -> None:
    breaker = Breaker(2, LONG)
    breaker.ended(object(), False)
    breaker.ended(object(), None)
    breaker.ended(object(), False)
    assert breaker.is_open


def test_later_exactly_one_request_tries_whatever_streams_from_before_do() -> None:
    breaker = opened()
    trial = tried(breaker)
    for outcome in (None, True, False):
        breaker.ended(object(), outcome)
        refuses(breaker)
    breaker.ended(trial, True)
    assert not breaker.is_open
    breaker.admit(object())


def test_the_first_event_of_the_trial_closes_it() -> None:
    breaker = opened()
    trial = tried(breaker)
    breaker.began(object())
    assert breaker.is_open
    breaker.began(trial)
    assert not breaker.is_open
    breaker.ended(trial, False)
    assert not breaker.is_open


def test_a_trial_that_fails_opens_it_again() -> None:
    breaker = opened()
    breaker.ended(tried(breaker), False)
    assert breaker.is_open
    tried(breaker)


def test_a_trial_whose_visitor_left_leaves_the_next_one_to_try() -> None:
    breaker = opened()
    breaker.ended(tried(breaker), None)
    assert breaker.is_open
    breaker.admit(object())


def test_a_stream_from_before_that_ends_well_does_not_close_it() -> None:
    breaker = opened(LONG)
    breaker.ended(object(), True)
    refuses(breaker)
