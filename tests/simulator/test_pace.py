"""Sending frames at their times."""

from __future__ import annotations

from streamguide.scenarios.plan import Frame
from streamguide.simulator.pace import paced


class Clock:
    """A clock that only sleeping, and what the test adds, moves."""

    def __init__(self) -> None:
        self.now = 50.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds

    def time(self) -> float:
        return self.now


FRAMES = [Frame(100, b"a"), Frame(100, b"b"), Frame(350, b"c")]


def test_each_frame_is_held_back_until_its_time() -> None:
    clock = Clock()
    assert list(paced(FRAMES, clock.sleep, clock.time)) == [b"a", b"b", b"c"]
    assert clock.slept == [0.1, 0.25]


def test_a_slow_reader_does_not_stretch_the_plan() -> None:
    clock = Clock()
    sent = []
    for data in paced(FRAMES, clock.sleep, clock.time):
        sent.append((data, round(clock.now - 50, 6)))
        clock.now += 0.2
    assert sent == [(b"a", 0.1), (b"b", 0.3), (b"c", 0.5)]
    assert clock.slept == [0.1]


def test_time_starts_with_the_first_frame_that_is_asked_for() -> None:
    clock = Clock()
    sending = paced(FRAMES, clock.sleep, clock.time)
    clock.now += 10
    next(sending)
    assert clock.slept == [0.1]
