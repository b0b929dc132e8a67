"""Any sequence of uses leaves the counts at what a plain model of them says."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from streamguide.live.limits import LEASE_SECONDS, Grant, Over, Spend, open_limits
from tests.live.counts import Clock, settings

VISITOR_STREAMS = 2
STREAMS = 3
TOKENS = 100
MICRODOLLARS = 1000

visitors = st.sampled_from("ab")
spends = st.builds(Spend, tokens=st.integers(0, 60), microdollars=st.integers(0, 600))
numbers = st.integers(0, 100)


@dataclass
class Known:
    """A grant, and what it should count for."""

    grant: Grant
    visitor: str
    day: float
    counted: Spend
    ends: float
    is_settled: bool = False
    is_closed: bool = False


class Visits(RuleBasedStateMachine):
    """Visitors come, stay, vanish and settle, in any order, and days pass."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        limits = settings(
            visitor_streams=VISITOR_STREAMS,
            streams=STREAMS,
            tokens_per_day=TOKENS,
            dollars_per_day=MICRODOLLARS / 1_000_000,
        )
        self.limits = open_limits(limits, clock=self.clock)
        self.all: list[Known] = []

    @rule(visitor=visitors, worst=spends)
    def admit(self, visitor: str, worst: Spend) -> None:
        expected = self.reached(visitor, worst)
        try:
            grant = self.limits.admit(visitor, worst)
        except Over as over:
            assert over.limit == expected
        else:
            assert expected is None
            ends = self.clock.now + LEASE_SECONDS
            self.all.append(Known(grant, visitor, self.today, worst, ends))

    @precondition(lambda self: self.all)
    @rule(number=numbers, spent=spends)
    def settle(self, number: int, spent: Spend) -> None:
        known = self.all[number % len(self.all)]
        known.grant.close(spent)
        known.is_closed = True
        if not known.is_settled:
            known.is_settled, known.counted = True, spent

    @precondition(lambda self: self.all)
    @rule(number=numbers)
    def close(self, number: int) -> None:
        known = self.all[number % len(self.all)]
        known.grant.close()
        known.is_closed = True

    @precondition(lambda self: self.all)
    @rule(number=numbers)
    def renew(self, number: int) -> None:
        known = self.all[number % len(self.all)]
        known.grant.renew()
        known.ends = self.clock.now + LEASE_SECONDS

    @rule(seconds=st.sampled_from([1, 30, LEASE_SECONDS, 43200]))
    def wait(self, seconds: int) -> None:
        self.clock.now += seconds

    @invariant()
    def what_is_spent_is_the_sum_of_all_grants_of_the_day(self) -> None:
        assert self.limits.spent_today() == self.spent()

    @invariant()
    def what_is_open_is_what_is_neither_closed_nor_vanished(self) -> None:
        assert self.limits.open_streams() == len(self.open())

    @property
    def today(self) -> float:
        return self.clock.now // 86400

    def open(self) -> list[Known]:
        return [one for one in self.all if not one.is_closed and one.ends > self.clock.now]

    def spent(self) -> Spend:
        counted = [one.counted for one in self.all if one.day == self.today]
        return Spend(sum(one.tokens for one in counted), sum(one.microdollars for one in counted))

    def reached(self, visitor: str, worst: Spend) -> str | None:
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


def test_any_sequence_of_uses_leaves_the_counts_right() -> None:
    run_state_machine_as_test(Visits)
