"""What the tests of the limits share."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from streamguide.live.limits import Amount, LimitExceeded, Limits, Reservation
from streamguide.settings import LiveSettings

WORST = Amount(tokens=10, microdollars=100)
NOTHING = Amount(0, 0)
# Noon of a day in UTC.
NOON = 1_790_000_000.0 // 86400 * 86400 + 43200
_BEGAN = time.monotonic()
# More than any budget of the tests.
_MOST = 2**30
_MOVE = """
for _, key in ipairs(redis.call('KEYS', '*')) do
  if redis.call('TYPE', key).ok == 'zset' then
    for _, entry in ipairs(redis.call('ZRANGE', key, 0, -1)) do
      redis.call('ZINCRBY', key, ARGV[1], entry)
    end
  end
end
"""


def from_noon() -> float:
    """A clock that runs as the real one does, but from noon: no test meets midnight."""
    return NOON + time.monotonic() - _BEGAN


class Clock:
    """A clock that the test moves.

    That of Redis is its own: there, moving the ends of all entries is the same to it.
    """

    def __init__(self, url: str = "") -> None:
        self.now = NOON
        self._url = url

    def __call__(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        """Let time pass, or set the clock back."""
        self.now += seconds
        if self._url:
            with ask(self._url) as client:
                client.eval(_MOVE, 0, -seconds)


def settings(redis_url: str = "", **changes: Any) -> LiveSettings:
    """Limits that nobody reaches, but for those that a test sets."""
    wide = {
        "visitor_per_minute": 1000,
        "per_minute": 1_000_000,
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


def let_in(limits: Limits, visitor: str, worst: Amount) -> Reservation:
    """Count a request and let it in, as the relay does."""
    limits.count(visitor)
    return limits.admit(visitor, worst)


def refused(limits: Limits, visitor: str = "a", worst: Amount = WORST) -> LimitExceeded:
    """Ask for one more, and return why there is none."""
    with pytest.raises(LimitExceeded) as caught:
        let_in(limits, visitor, worst)
    return caught.value


def fits(limits: Limits, amount: Amount) -> bool:
    """Whether a request of this amount would be let in. It needs a free place."""
    try:
        reservation = limits.admit("who only looks", amount)
    except LimitExceeded as refusal:
        assert refusal.limit.endswith("_per_day")
        return False
    reservation.close(NOTHING)
    return True


def left(limits: Limits) -> Amount:
    """What is left of the day's budgets, found by asking for more and less."""
    return Amount(
        _largest(lambda number: fits(limits, Amount(number, 0))),
        _largest(lambda number: fits(limits, Amount(0, number))),
    )


def _largest(is_possible: Callable[[int], bool]) -> int:
    low, high = 0, _MOST
    assert is_possible(low) and not is_possible(high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_possible(middle) else (low, middle)
    return low


def places_left(limits: Limits) -> int:
    """How many more streams may be opened, found by opening them."""
    opened: list[Reservation] = []
    try:
        while True:
            opened.append(limits.admit(f"who only looks {len(opened)}", NOTHING))
    except LimitExceeded as refusal:
        assert refusal.limit == "streams"
    for reservation in opened:
        reservation.close(NOTHING)
    return len(opened)


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until it is so; fails after 20 s."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it did not become true"
        time.sleep(0.01)
