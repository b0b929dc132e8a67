"""Any sequence of uses leaves the counts of each store at what a plain model of them says."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings as effort
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)

from streamguide.live.limits import LEASE_SECONDS, Amount, LimitExceeded, Reservation, open_limits
from tests.live.counts import Clock, ask, fits, places_left, settings
from tools.server import redis_server

VISITOR_STREAMS = 2
STREAMS = 3
TOKENS = 100
MICRODOLLARS = 1000

visitors = st.sampled_from("ab")
spends = st.builds(Amount, tokens=st.integers(0, 60), microdollars=st.integers(0, 600))
numbers = st.integers(0, 100)


@dataclass
class Known:
    """A reservation, and what it should count for."""

    reservation: Reservation
    visitor: str
    day: float
    counted: Amount
    ends: float
    is_settled: bool = False
    is_closed: bool = False


class Visits(RuleBasedStateMachine):
    """Visitors come, stay, vanish and settle, in any order, and days pass."""

    # That of a Redis; without one they are in memory.
    url = ""

    def __init__(self) -> None:
        super().__init__()
        if self.url:
            with ask(self.url) as client:
                client.flushall()
        self.clock = Clock(self.url)
        limits = settings(
            self.url,
            visitor_streams=VISITOR_STREAMS,
            streams=STREAMS,
            tokens_per_day=TOKENS,
            dollars_per_day=MICRODOLLARS / 1_000_000,
        )
        self.limits = open_limits(limits, clock=self.clock, monotonic=self.clock)
        self.all: list[Known] = []

    @rule(visitor=visitors, worst=spends)
    def admit(self, visitor: str, worst: Amount) -> None:
        expected = self.reached(visitor, worst)
        try:
            reservation = self.limits.admit(visitor, worst)
        except LimitExceeded as refusal:
            assert refusal.limit == expected
        else:
            assert expected is None
            ends = self.clock.now + LEASE_SECONDS
            self.all.append(Known(reservation, visitor, self.today, worst, ends))

    @precondition(lambda self: self.all)
    @rule(number=numbers, spent=spends)
    def settle(self, number: int, spent: Amount) -> None:
        known = self.all[number % len(self.all)]
        known.reservation.close(spent)
        known.is_closed = True
        if not known.is_settled:
            known.is_settled, known.counted = True, spent

    @precondition(lambda self: self.all)
    @rule(number=numbers)
    def close(self, number: int) -> None:
        known = self.all[number % len(self.all)]
        known.reservation.close()
        known.is_closed = True

    @precondition(lambda self: self.all)
    @rule(number=numbers)
    def renew(self, number: int) -> None:
        known = self.all[number % len(self.all)]
        known.reservation.renew()
        known.ends = self.clock.now + LEASE_SECONDS

    # Redis goes by real time as well, which has to make no difference.
    @rule(seconds=st.sampled_from([20, 30, LEASE_SECONDS, 43200]))
    def wait(self, seconds: int) -> None:
        self.clock.move(seconds)

    @rule()
    def look(self) -> None:
        """What is left is what no reservation of the day has, and no stream that is open."""
        # A stream that renews its place too late is open all the same, beyond the limit.
        left, places = self.left(), max(0, STREAMS - len(self.open()))
        if min(left.tokens, left.microdollars) < 0:
            # More was used than reserved: nothing more is admitted.
            return
        assert places_left(self.limits) == places
        if places:
            assert fits(self.limits, left)
            assert not fits(self.limits, Amount(left.tokens + 1, 0))
            assert not fits(self.limits, Amount(0, left.microdollars + 1))

    def teardown(self) -> None:
        self.look()

    @property
    def today(self) -> float:
        return self.clock.now // 86400

    def open(self) -> list[Known]:
        return [one for one in self.all if not one.is_closed and one.ends > self.clock.now]

    def spent(self) -> Amount:
        counted = [one.counted for one in self.all if one.day == self.today]
        return Amount(sum(one.tokens for one in counted), sum(one.microdollars for one in counted))

    def left(self) -> Amount:
        spent = self.spent()
        return Amount(TOKENS - spent.tokens, MICRODOLLARS - spent.microdollars)

    def reached(self, visitor: str, worst: Amount) -> str | None:
        """The limit that should refuse this request."""
        if sum(one.visitor == visitor for one in self.open()) >= VISITOR_STREAMS:
            return "visitor_streams"
        if len(self.open()) >= STREAMS:
            return "streams"
        if self.spent().tokens + worst.tokens > TOKENS:
            return "tokens_per_day"
        if self.spent().microdollars + worst.microdollars > MICRODOLLARS:
            return "dollars_per_day"
        return None


def test_any_sequence_of_uses_leaves_the_counts_in_memory_right() -> None:
    run_state_machine_as_test(Visits)


def test_any_sequence_of_uses_leaves_the_counts_in_redis_right() -> None:
    with redis_server() as server:
        in_redis = type("InRedis", (Visits,), {"url": server.url})
        # What Redis does is waited for.
        run_state_machine_as_test(in_redis, settings=effort(max_examples=30))
