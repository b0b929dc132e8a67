"""The limits of live mode, each in memory and in a real Redis."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from streamguide.live.limits import (
    LEASE_SECONDS,
    Amount,
    LimitExceeded,
    Limits,
    Reservation,
    open_limits,
)
from streamguide.live.stores import MemoryStore, Pool
from tests.live.counts import (
    NOON,
    NOTHING,
    WORST,
    Clock,
    ask,
    eventually,
    from_noon,
    left,
    let_in,
    places_left,
    refused,
    settings,
)
from tools.server import redis_server


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with redis_server() as server:
        yield server.url


@dataclass
class Opener:
    """Opens limits on one store, which is empty at first: each is as that of a process.

    The changes are settings, but for clock and lease_seconds. A `Clock` is also that by which
    minutes and places go; any other tells the day.
    """

    url: str
    memory: MemoryStore | None = None

    def __call__(
        self,
        clock: Callable[[], float] = from_noon,
        lease_seconds: float = LEASE_SECONDS,
        **changes: Any,
    ) -> Limits:
        wanted = settings(self.url, **changes)
        if self.url:
            return open_limits(wanted, clock=clock, lease_seconds=lease_seconds)
        monotonic = clock if isinstance(clock, Clock) else time.monotonic
        self.memory = self.memory or MemoryStore(monotonic)
        return Limits(wanted, self.memory, clock, lease_seconds)


@pytest.fixture(params=["memory", "redis"])
def opened(request: pytest.FixtureRequest) -> Opener:
    if request.param == "memory":
        return Opener("")
    url = request.getfixturevalue("redis_url")
    with ask(url) as client:
        client.flushall()
    return Opener(url)


ONE_TOO_MANY = [
    ({"visitor_per_minute": 2}, "visitor_per_minute", 60),
    ({"per_minute": 2}, "per_minute", 60),
    ({"visitor_streams": 2}, "visitor_streams", 5),
    ({"streams": 2}, "streams", 5),
    ({"tokens_per_day": 29}, "tokens_per_day", 43200),
    ({"dollars_per_day": 0.000299}, "dollars_per_day", 43200),
]


@pytest.mark.parametrize(("changes", "name", "most_wait"), ONE_TOO_MANY)
def test_each_limit_refuses_the_one_too_many_and_says_which(
    opened: Opener, changes: dict[str, Any], name: str, most_wait: int
) -> None:
    limits = opened(clock=Clock(), **changes)
    let_in(limits, "a", WORST)
    let_in(limits, "a", WORST)
    refusal = refused(limits)
    assert refusal.limit == name
    assert most_wait - 20 <= refusal.retry_after <= most_wait
    assert refusal.retry_after >= 1
    assert refusal.message == str(refusal)
    assert refusal.message.endswith(".")
    assert "{" not in refusal.message


@pytest.mark.parametrize(("changes", "name", "_"), ONE_TOO_MANY)
def test_a_refused_request_leaves_nothing_reserved(
    opened: Opener, changes: dict[str, Any], name: str, _: int
) -> None:
    limits, roomy = opened(**changes), opened(streams=5, tokens_per_day=100)
    reservations = [let_in(limits, "a", WORST) for _ in range(2)]
    refused(limits)
    assert left(roomy) == Amount(80, 10**9 - 200)
    assert places_left(roomy) == 3
    for reservation in reservations:
        reservation.close(NOTHING)
    assert left(roomy) == Amount(100, 10**9)
    assert places_left(roomy) == 5


@pytest.mark.parametrize("name", ["visitor_per_minute", "visitor_streams"])
def test_what_one_visitor_uses_up_is_no_other_visitor_s(opened: Opener, name: str) -> None:
    changes: dict[str, Any] = {name: 1}
    limits = opened(**changes)
    let_in(limits, "a", WORST)
    assert refused(limits, "a").limit == name
    let_in(limits, "b", WORST)


@pytest.mark.parametrize("name", ["per_minute", "streams", "tokens_per_day"])
def test_what_all_have_together_any_visitor_uses_up(opened: Opener, name: str) -> None:
    changes: dict[str, Any] = {name: 10 if name == "tokens_per_day" else 1}
    limits = opened(**changes)
    let_in(limits, "a", WORST)
    assert refused(limits, "b").limit == name


def test_a_visitor_over_its_own_limit_uses_up_no_one_else_s(opened: Opener) -> None:
    limits = opened(visitor_per_minute=1, per_minute=2)
    let_in(limits, "a", WORST)
    for _ in range(5):
        assert refused(limits, "a").limit == "visitor_per_minute"
    let_in(limits, "b", WORST)


def test_a_minute_later_there_is_room_again(opened: Opener) -> None:
    clock = Clock(opened.url)
    limits = opened(clock=clock, visitor_per_minute=2)
    let_in(limits, "a", WORST)
    clock.move(40)
    let_in(limits, "a", WORST)
    assert refused(limits).retry_after in (19, 20)
    clock.move(21)
    let_in(limits, "a", WORST)
    assert refused(limits).retry_after in (38, 39)


@pytest.mark.parametrize("hour", [-3600, 3600])
def test_a_clock_that_is_set_makes_nobody_wait_and_ends_no_stream(
    opened: Opener, hour: int
) -> None:
    clock = Clock(opened.url)
    few = settings(opened.url, visitor_per_minute=2, visitor_streams=2)
    limits = open_limits(few, clock=clock)
    reservations = [let_in(limits, "a", WORST) for _ in range(2)]
    clock.move(hour)
    try:
        limits.count("a")
    except LimitExceeded as refusal:
        assert refusal.retry_after <= 60
    else:
        # Redis has no other clock: its minute begins anew.
        assert opened.url
    for reservation in reservations:
        reservation.renew()
    with pytest.raises(LimitExceeded, match="as many streams open"):
        limits.admit("a", WORST)


def test_a_smaller_request_fits_where_a_larger_does_not(opened: Opener) -> None:
    limits = opened(tokens_per_day=10)
    assert refused(limits, worst=Amount(11, 1)).limit == "tokens_per_day"
    let_in(limits, "a", Amount(10, 1))


def test_closing_gives_back_exactly_what_was_not_spent(opened: Opener) -> None:
    limits = opened(tokens_per_day=14, dollars_per_day=0.001)
    reservation = let_in(limits, "a", WORST)
    assert left(limits) == Amount(4, 900)
    reservation.close(Amount(4, 30))
    assert left(limits) == Amount(10, 970)
    let_in(limits, "a", WORST)


def test_what_was_spent_is_told_once(opened: Opener) -> None:
    limits = opened(tokens_per_day=14)
    reservation = let_in(limits, "a", WORST)
    reservation.close(Amount(4, 30))
    reservation.close(NOTHING)
    assert left(limits).tokens == 10


def test_what_is_not_settled_stays_spent(opened: Opener) -> None:
    limits = opened(tokens_per_day=14, streams=3)
    let_in(limits, "a", WORST).close()
    assert left(limits).tokens == 4
    assert places_left(limits) == 3


def test_what_is_spent_above_the_reservation_is_charged_too(opened: Opener) -> None:
    limits = opened(tokens_per_day=12)
    let_in(limits, "a", WORST).close(Amount(15, 90))
    assert refused(limits, worst=NOTHING).limit == "tokens_per_day"


def test_a_new_day_begins_at_midnight_and_settles_for_the_old(opened: Opener) -> None:
    clock = Clock()
    limits = opened(clock=clock, tokens_per_day=10)
    clock.now = NOON + 43199.5
    reservation = let_in(limits, "a", WORST)
    assert refused(limits).retry_after == 1
    clock.now += 1
    assert left(limits).tokens == 10
    let_in(limits, "a", WORST)
    reservation.close(Amount(3, 3))
    assert left(limits).tokens == 0
    clock.now -= 1
    assert left(limits).tokens == 7


def test_closing_frees_a_place_and_twice_is_harmless(opened: Opener) -> None:
    limits = opened(streams=2)
    first = let_in(limits, "a", WORST)
    let_in(limits, "b", WORST)
    first.close()
    first.close()
    let_in(limits, "c", WORST)
    first.close()
    assert refused(limits).limit == "streams"


def test_a_closed_place_is_not_renewed(opened: Opener) -> None:
    limits = opened(streams=1)
    reservation = let_in(limits, "a", WORST)
    reservation.close()
    reservation.renew()
    assert places_left(limits) == 1


def test_a_place_that_is_closed_while_it_is_renewed_stays_closed() -> None:
    class Slow(MemoryStore):
        def renew(self, entry: str, pools: Sequence[Pool]) -> None:
            reservation.close()
            super().renew(entry, pools)

    limits = Limits(settings("", streams=1), Slow(), from_noon, LEASE_SECONDS)
    reservation = let_in(limits, "a", WORST)
    reservation.renew()
    assert places_left(limits) == 1


def test_the_place_of_a_vanished_process_ends_and_a_renewed_one_stays(opened: Opener) -> None:
    clock = Clock(opened.url)
    limits = opened(clock=clock, visitor_streams=1, streams=2, tokens_per_day=40)
    kept = let_in(limits, "kept", WORST)
    let_in(limits, "vanished", WORST)
    clock.move(40)
    kept.renew()
    assert refused(limits, "next").limit == "streams"
    clock.move(40)
    assert places_left(limits) == 1
    assert refused(limits, "kept").limit == "visitor_streams"
    let_in(limits, "vanished", WORST)
    kept.close(NOTHING)
    # What the vanished one reserved stays spent.
    assert left(limits).tokens == 20


def test_the_place_of_a_vanished_process_goes_to_the_next_visitor(opened: Opener) -> None:
    limits = opened(lease_seconds=0.3, streams=1)
    let_in(limits, "vanished", WORST)
    assert refused(limits, "next").limit == "streams"
    eventually(lambda: len(admitted(limits, "next", 1)) == 1)


def test_wrong_access_codes_are_counted_for_each_visitor(opened: Opener) -> None:
    limits = opened()
    for _ in range(5):
        limits.check_tries("a")
        limits.wrong_try("a")
    for one_more in (limits.check_tries, limits.wrong_try):
        with pytest.raises(LimitExceeded) as caught:
            one_more("a")
        assert caught.value.limit == "access_tries"
        assert 40 <= caught.value.retry_after <= 60
    limits.check_tries("b")
    let_in(limits, "a", WORST)


def two_processes(opened: Opener, **changes: Any) -> tuple[Limits, Limits]:
    return opened(**changes), opened(**changes)


def together(count: int, work: Callable[[int], int]) -> list[int]:
    """What each of so many threads returns that begin at once."""
    barrier = threading.Barrier(count)

    def begin(number: int) -> int:
        barrier.wait(20)
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))


def test_of_forty_wrong_codes_at_once_five_are_told_that_they_are_wrong(opened: Opener) -> None:
    processes = two_processes(opened)

    def guess(number: int) -> int:
        try:
            processes[number % 2].wrong_try("a")
        except LimitExceeded:
            return 0
        return 1

    assert sum(together(40, guess)) == 5
    with pytest.raises(LimitExceeded):
        processes[0].check_tries("a")


def admitted(limits: Limits, visitor: str, tries: int) -> list[Reservation]:
    reservations = []
    for _ in range(tries):
        try:
            reservations.append(let_in(limits, visitor, WORST))
        except LimitExceeded:
            continue
    return reservations


@pytest.mark.parametrize(
    ("changes", "most"),
    [({"per_minute": 17}, 17), ({"streams": 17}, 17), ({"visitor_streams": 17}, 17)],
)
def test_forty_threads_of_two_processes_are_admitted_exactly_as_often_as_may_be(
    opened: Opener, changes: dict[str, Any], most: int
) -> None:
    processes = two_processes(opened, **changes)
    counts = together(40, lambda number: len(admitted(processes[number % 2], "a", 3)))
    assert sum(counts) == most
    assert refused(processes[0]).limit in changes


@pytest.mark.parametrize("changes", [{"tokens_per_day": 175}, {"dollars_per_day": 0.00175}])
def test_forty_threads_of_two_processes_do_not_overspend(
    opened: Opener, changes: dict[str, Any]
) -> None:
    processes = two_processes(opened, **changes)
    counts = together(40, lambda number: len(admitted(processes[number % 2], "a", 3)))
    # Two at the very end may refuse each other; then a later one fits.
    total = sum(counts) + len(admitted(processes[0], "a", 20))
    assert total == 17
    assert left(processes[1]) in (Amount(5, 10**9 - 1700), Amount(10**6 - 170, 50))


def test_requests_that_cannot_fit_do_not_refuse_those_that_do(opened: Opener) -> None:
    processes = two_processes(opened, tokens_per_day=500)

    def ask_for_much_or_little(number: int) -> int:
        if number % 2:
            return len(admitted(processes[0], "little", 2))
        for _ in range(5):
            refused(processes[1], "much", Amount(501, 1))
        return 0

    assert sum(together(40, ask_for_much_or_little)) == 40


def test_forty_threads_of_two_processes_never_have_too_many_open(opened: Opener) -> None:
    processes = two_processes(opened, streams=7, visitor_streams=3, tokens_per_day=45)
    lock, now_open, most_seen = threading.Lock(), [0], [0]

    def come_and_go(number: int) -> int:
        came = 0
        for _ in range(10):
            for reservation in admitted(processes[number % 2], f"visitor {number % 5}", 1):
                with lock:
                    now_open[0] += 1
                    most_seen[0] = max(most_seen[0], now_open[0])
                    came += 1
                with lock:
                    now_open[0] -= 1
                reservation.close(Amount(0, 1))
        return came

    came = sum(together(40, come_and_go))
    # 45 tokens are four reservations.
    assert 1 <= most_seen[0] <= 4
    assert places_left(processes[0]) == 7
    assert left(processes[0]) == Amount(45, 10**9 - came)


def test_memory_forgets_the_visitors_of_a_minute_ago() -> None:
    clock = Clock()
    limits = Opener("")(clock=clock)

    def held_after(visitors: int) -> int:
        """The bytes that the limits hold then."""
        for number in range(visitors):
            let_in(limits, f"visitor {number}", WORST).close(NOTHING)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        many = held_after(1000)
        clock.move(61)
        assert held_after(1) < many / 10
    finally:
        tracemalloc.stop()


UNDER_GEVENT = """
from gevent import monkey
monkey.patch_all()
import gevent, sys
from pydantic import SecretStr
from streamguide.live.limits import Amount, LimitExceeded, open_limits
from streamguide.settings import LiveSettings

limits = open_limits(LiveSettings(key=SecretStr("k"), redis_url=SecretStr(sys.argv[1]),
    visitor_per_minute=1000, per_minute=1000, visitor_streams=7), clock=lambda: 0)
ended = []
def visit():
    try:
        return limits.admit("a", Amount(1, 1))
    except LimitExceeded:
        return None
greenlets = [gevent.spawn(visit) for _ in range(120)]
gevent.joinall(greenlets, raise_error=True)
reservations = [greenlet.value for greenlet in greenlets if greenlet.value]
print(len(reservations), visit())
for reservation in reservations:
    reservation.close(Amount(0, 0))
print(visit() is None)
"""


def test_it_works_in_gevent_s_greenlets(opened: Opener) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", UNDER_GEVENT, opened.url],
        cwd=Path(__file__).parent.parent.parent,
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.stdout, ended.stderr) == ("7 None\nFalse\n", "")
