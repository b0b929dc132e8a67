"""What the tests of the limits share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from streamguide.live.limits import Grant, Limits, Over, Spend
from streamguide.settings import LiveSettings

WORST = Spend(tokens=10, microdollars=100)
# Noon of a day in UTC.
NOON = 1_790_000_000.0 // 86400 * 86400 + 43200
_BEGAN = time.monotonic()


def from_noon() -> float:
    """A clock that runs as the real one does, but from noon: no test meets midnight."""
    return NOON + time.monotonic() - _BEGAN


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


def settings(redis_url: str = "", **changes: Any) -> LiveSettings:
    """Limits that nobody reaches, but for those that a test sets."""
    wide = {
        "visitor_per_minute": 1000,
        "per_minute": 1000,
        "visitor_streams": 1000,
        "streams": 1000,
        "tokens_per_day": 1_000_000,
        "dollars_per_day": 1000.0,
    }
    return LiveSettings(
        key=SecretStr("sk-test"), redis_url=SecretStr(redis_url), **{**wide, **changes}
    )


def ask(url: str) -> Redis:
    """A client of its own, for what a test does to the server."""
    return Redis.from_url(url, protocol=2)


def let_in(limits: Limits, visitor: str, worst: Spend) -> Grant:
    """Count a request and let it in, as the relay does."""
    limits.count(visitor)
    return limits.admit(visitor, worst)


def refused(limits: Limits, visitor: str = "a", worst: Spend = WORST) -> Over:
    """Ask for one more, and return why there is none."""
    with pytest.raises(Over) as caught:
        let_in(limits, visitor, worst)
    return caught.value


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so; fails after 20 s."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.01)
