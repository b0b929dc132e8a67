"""Measuring in turn, and the climb to the number of open streams."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from tools.bench import load, machine
from tools.bench.load import Figures, Load, on_time, undisturbed
from tools.bench.machine import settle
from tools.bench.rounds import climb, in_turn, medians
from tools.bench.stream_servers import Server

STEPS = range(100, 2001, 100)
SERVER = Server("bare", 8000, 1)
LOAD = Load(10, pace=20, window=2)


def figures(**values: Any) -> Figures:
    """Figures that are zero, except these."""
    return Figures(**{**dict.fromkeys(Figures.__slots__, 0), **values})


def until(most: int) -> Callable[[str, int], float]:
    """A server that is late with more than this number of streams."""
    return lambda name, streams: 10 if streams <= most else 900


@pytest.mark.parametrize(("most", "held"), [(1200, 1200), (1250, 1200), (100, 100), (99, 0)])
def test_what_is_held_is_the_last_step_in_time(most: int, held: int) -> None:
    assert climb(["a"], until(most), STEPS) == {"a": held}


def test_each_name_climbs_to_its_own_end() -> None:
    most = {"a": 300, "b": 700}
    assert climb(["a", "b"], lambda name, n: until(most[name])(name, n), STEPS) == most


def test_one_late_step_does_not_end_the_climb_and_two_in_a_row_do() -> None:
    late = {"a": {400}, "b": {400, 500}}

    def lateness(name: str, streams: int) -> float:
        return 900 if streams in late[name] or streams > 1000 else 10

    assert climb(["a", "b"], lateness, STEPS) == {"a": 1000, "b": 300}


def test_names_are_measured_in_turn_until_a_median_is_decided() -> None:
    late = iter([False, True, False, False, True])
    measured: list[str] = []

    def lateness(name: str, streams: int) -> float:
        measured.append(name)
        return 900 if name == "b" and next(late) else 10

    assert climb(["a", "b"], lateness, [100]) == {"a": 100, "b": 100}
    assert measured == ["a", "b"] * 3 + ["b"]


def test_the_median_of_a_step_counts() -> None:
    found = iter([10, 900, 900, 10, 10])
    assert climb(["a"], lambda name, streams: next(found), [100]) == {"a": 100}


def test_all_are_measured_in_turn_round_by_round() -> None:
    numbers = itertools.count(1)
    measures = dict.fromkeys(("a", "b"), lambda: next(numbers))
    found = in_turn(measures, 3)
    assert found == {"a": [1, 3, 5], "b": [2, 4, 6]}
    assert medians(found, float) == [3, 4]


@pytest.mark.parametrize(("others", "times"), [([0.01], 1), ([0.5, 0.01], 2), ([0.5] * 4, 4)])
def test_what_was_disturbed_is_measured_again_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, others: list[float], times: int
) -> None:
    noise = iter(others)
    measured: list[Figures] = []

    def drive(server: Server, load: Load) -> Figures:
        measured.append(figures(others=next(noise)))
        return measured[-1]

    monkeypatch.setattr(load, "drive", drive)
    monkeypatch.setattr(load, "settle", lambda: None)
    assert undisturbed(SERVER, LOAD) is measured[-1]
    assert len(measured) == times


@pytest.mark.parametrize(("used", "looks"), [([0.9, 0.9, 0.0], 3), ([0.01], 1), ([0.9] * 20, 20)])
def test_what_a_load_left_behind_is_waited_for_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, used: list[float], looks: int
) -> None:
    clock, busy = 0.0, 0.0
    rest = iter(used)

    def sleep(seconds: float) -> None:
        nonlocal clock, busy
        clock += seconds
        busy += next(rest)

    monkeypatch.setattr(machine, "busy_now", lambda: busy)
    settle(sleep, lambda: clock)
    assert clock == 0.25 * looks


def test_a_lateness_says_nothing_where_events_are_missing() -> None:
    assert on_time(figures(events=950, age_p99=7), LOAD, lambda one: one.age_p99) == 7
    assert on_time(figures(events=850, age_p99=7), LOAD, lambda one: one.age_p99) == inf
