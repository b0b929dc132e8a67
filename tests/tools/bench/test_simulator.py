"""The rows of the simulator's tables."""

from __future__ import annotations

from tools.bench.simulator import row


def test_a_row_compares_our_figure_with_each_peers() -> None:
    assert row("events", [100.0, 200.0, 50.0]) == ("events", "100", "200", "50.0", "0.50×", "2.00×")


def test_a_row_has_a_dash_for_what_a_peer_does_not_have() -> None:
    assert row("events", [100.0, None]) == ("events", "100", "–", "–")


def test_a_row_without_ratios_still_has_their_cells() -> None:
    assert row("busy", [1.0, 2.0], with_ratios=False) == ("busy", "1.00", "2.00", "–")
