"""The search for the number of open streams, and the rows of the tables."""

from __future__ import annotations

import pytest

from bench.simulator import largest, row


@pytest.mark.parametrize("most", [3, 40, 200, 201, 777, 5000])
@pytest.mark.parametrize("start", [1, 200, 900])
def test_the_search_ends_within_a_twelfth_of_the_largest_that_holds(most: int, start: int) -> None:
    found = largest(lambda number: number <= most, start)
    assert found <= most
    assert most - found <= max(1, 0.08 * most)


def test_the_search_ends_where_nothing_holds() -> None:
    assert largest(lambda number: False, 200) == 0


def test_the_search_never_tries_more_than_a_step_above_what_held() -> None:
    tried: list[int] = []

    def holds(number: int) -> bool:
        tried.append(number)
        return number <= 1000

    largest(holds, 200)
    assert max(tried) < 1.4 * 1000


def test_a_row_compares_our_figure_with_each_peers() -> None:
    assert row("events", [100.0, 200.0, 50.0]) == ("events", "100", "200", "50.0", "0.50×", "2.00×")


def test_a_row_has_a_dash_for_what_a_peer_does_not_have() -> None:
    assert row("events", [100.0, None]) == ("events", "100", "–", "–")


def test_a_row_without_ratios_still_has_their_cells() -> None:
    assert row("busy", [1.0, 2.0], with_ratios=False) == ("busy", "1.00", "2.00", "–")
