"""The climb to the number of open streams, and the rows of the tables."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.simulator import climb, row

STEPS = range(100, 2001, 100)


def until(most: int) -> Callable[[str, int], float]:
    """A server that is in time with so many streams, and late with more."""
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


def test_names_are_measured_in_turn() -> None:
    measured: list[str] = []

    def lateness(name: str, streams: int) -> float:
        measured.append(name)
        return 10

    climb(["a", "b"], lateness, [100])
    assert measured == ["a", "b"] * 5


def test_the_median_of_a_step_counts() -> None:
    rounds = iter([10, 900, 900, 10, 10])
    assert climb(["a"], lambda name, streams: next(rounds), [100]) == {"a": 100}


def test_a_row_compares_our_figure_with_each_peers() -> None:
    assert row("events", [100.0, 200.0, 50.0]) == ("events", "100", "200", "50.0", "0.50×", "2.00×")


def test_a_row_has_a_dash_for_what_a_peer_does_not_have() -> None:
    assert row("events", [100.0, None]) == ("events", "100", "–", "–")


def test_a_row_without_ratios_still_has_their_cells() -> None:
    assert row("busy", [1.0, 2.0], with_ratios=False) == ("busy", "1.00", "2.00", "–")
