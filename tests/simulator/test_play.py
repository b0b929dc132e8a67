"""Playing plans: times, ends, and the client that leaves."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from streamguide.connection import Cut
from streamguide.scenarios.frames import Frame
from streamguide.simulator.journal import Entry, Journal
from streamguide.simulator.plan import Plan
from streamguide.simulator.play import RawWriter, play


class Clock:
    """A clock that only waiting, and what the test adds, moves. It loses the client at `leaves`."""

    def __init__(self, leaves: float = 1e9) -> None:
        self.now = 50.0
        self.waited: list[float] = []
        self._leaves = 50 + leaves

    def wait(self, connection: socket.socket | None, seconds: float) -> bool:
        self.waited.append(round(seconds, 6))
        self.now += seconds
        return self.now < self._leaves

    def time(self) -> float:
        return self.now


PLAN = Plan((Frame(100, b"a", 1), Frame(100, b"b", 2), Frame(350, b"c", 3)))


@pytest.fixture
def entry() -> Entry:
    return Journal().arrive("key", "POST", "/", {}, b"", keep_body=True)


def playing(plan: Plan, entry: Entry, clock: Clock) -> Iterator[bytes]:
    return play(plan, entry, clock.wait, None, clock.time)


def test_each_frame_is_held_back_until_its_time(entry: Entry) -> None:
    clock = Clock()
    assert list(playing(PLAN, entry, clock)) == [b"a", b"b", b"c"]
    assert clock.waited == [0.1, 0.25]
    assert (entry.ended, entry.event, entry.bytes_sent) == ("complete", 3, 3)


def test_a_slow_reader_does_not_stretch_the_plan(entry: Entry) -> None:
    clock = Clock()
    sent = []
    for data in playing(PLAN, entry, clock):
        sent.append((data, round(clock.now - 50, 6)))
        clock.now += 0.2
    assert sent == [(b"a", 0.1), (b"b", 0.3), (b"c", 0.5)]
    assert clock.waited == [0.1]


def test_time_starts_with_the_first_frame_that_is_asked_for(entry: Entry) -> None:
    clock = Clock()
    sending = playing(PLAN, entry, clock)
    clock.now += 10
    next(sending)
    assert clock.waited == [0.1]


@pytest.mark.parametrize("end", ["drop", "reset"])
def test_a_plan_without_an_end_is_cut(entry: Entry, end: str) -> None:
    sending = playing(replace(PLAN, end=end), entry, Clock())  # type: ignore[arg-type]
    assert [next(sending) for _ in range(3)] == [b"a", b"b", b"c"]
    with pytest.raises(Cut):
        next(sending)
    assert (entry.ended, entry.event) == ("cut", 3)


def test_a_client_that_leaves_while_nothing_is_written_ends_it(entry: Entry) -> None:
    sending = playing(PLAN, entry, Clock(leaves=0.2))
    assert [next(sending), next(sending)] == [b"a", b"b"]
    with pytest.raises(Cut):
        next(sending)
    assert (entry.ended, entry.event) == ("left", 2)


def test_a_client_that_leaves_while_something_is_written_ends_it(entry: Entry) -> None:
    sending = playing(PLAN, entry, Clock())
    next(sending)
    sending.close()  # type: ignore[attr-defined]
    assert (entry.ended, entry.event) == ("left", 0)


def test_an_empty_frame_keeps_its_time_and_writes_nothing(entry: Entry) -> None:
    clock = Clock()
    plan = replace(PLAN, frames=(Frame(100, b"a", 1), Frame(900, b"")))
    assert list(playing(plan, entry, clock)) == [b"a"]
    assert clock.waited == [0.1, 0.8]


@pytest.mark.parametrize(
    ("framing", "end", "expected"),
    [
        (
            "close",
            "whole",
            b"HTTP/1.1 200 OK\r\nx-a: b\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n",
        ),
        (
            "close",
            "drop",
            b"HTTP/1.1 200 OK\r\nx-a: b\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n",
        ),
        (
            "chunked",
            "drop",
            b"HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n"
            b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n",
        ),
        ("http10", "whole", b"HTTP/1.0 200 OK\r\nx-a: b\r\nconnection: close\r\n\r\nabc"),
        ("http10", "drop", b"HTTP/1.0 200 OK\r\nx-a: b\r\nconnection: close\r\n\r\nabc"),
    ],
)
def test_other_framings_are_written_byte_for_byte(
    entry: Entry, framing: str, end: str, expected: bytes
) -> None:
    here, there = socket.socketpair()
    clock = Clock()
    plan = replace(PLAN, framing=framing, end=end)  # type: ignore[arg-type]
    with here, there:
        with pytest.raises(Cut):
            list(
                play(plan, entry, clock.wait, here, clock.time, RawWriter(here, plan, {"x-a": "b"}))
            )
        here.close()
        assert b"".join(iter(lambda: there.recv(4096), b"")) == expected
    assert entry.ended == ("complete" if end == "whole" else "cut")


def test_a_raw_client_that_is_gone_has_left(entry: Entry) -> None:
    here, there = socket.socketpair()
    with here:
        there.close()
        clock = Clock()
        with pytest.raises(OSError):
            plan = replace(PLAN, framing="http10")
            list(play(plan, entry, clock.wait, here, clock.time, RawWriter(here, plan, {})))
    assert entry.ended == "left"
    assert entry.after_ms is not None and entry.after_ms <= 1000 * time.monotonic()
