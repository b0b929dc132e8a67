"""The relay's figures: added times, open streams, rows and bars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import pytest

from tools.bench import relay
from tools.bench.load import BadStream, Figures, Load
from tools.bench.relay import Results, added, bar, check_ages, lateness, most_open, tables
from tools.bench.relay_servers import (
    DIRECT,
    HTTPTOOLS,
    LITELLM,
    LITELLM_PASSED,
    OURS,
    SDK,
)
from tools.bench.stream_servers import Server

HERE = (DIRECT, SDK, HTTPTOOLS, OURS)


def figures(**values: Any) -> Figures:
    """Figures that are one, except these."""
    return Figures(**{**dict.fromkeys(Figures.__slots__, 1), **values})


def until(most: Mapping[str, int]) -> Callable[[str, int], float]:
    """Relays that are late with more than these numbers of streams."""
    return lambda name, streams: 10 if streams <= most[name] else 900


def test_what_is_added_is_the_difference_to_asking_directly() -> None:
    assert added({DIRECT: 0.25, OURS: 1.0}) == {OURS: 0.75}


@pytest.mark.parametrize(
    ("most", "held"), [(210, 200), (270, 250), (499, 400), (99, 75), (5, 0), (5000, 1600)]
)
def test_open_streams_are_found_to_a_quarter(most: int, held: int) -> None:
    assert most_open([OURS], until({OURS: most})) == {OURS: held}


def test_each_relay_is_doubled_and_raised_by_itself() -> None:
    most = {SDK: 250, HTTPTOOLS: 500, OURS: 400}
    assert most_open(list(most), until(most)) == most


def test_one_late_measurement_while_doubling_costs_nothing_but_a_measurement() -> None:
    first = iter([900])

    def late(name: str, streams: int) -> float:
        return next(first, 10) if streams == 200 else until({OURS: 230})(name, streams)

    assert most_open([OURS], late) == {OURS: 200}


def test_a_stream_that_breaks_is_a_number_that_is_not_held(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def drive(server: Server, load: Load) -> Figures:
        raise BadStream("a stream failed")

    monkeypatch.setattr(relay, "undisturbed", drive)
    assert lateness(Server(SDK, 8000, 1), 100) == inf
    assert "a stream failed" in capsys.readouterr().err


def test_a_relay_that_loses_the_upstreams_times_ends_the_run() -> None:
    check_ages({OURS: [figures(events=215, ages=210)]})
    with pytest.raises(BadStream, match=OURS):
        check_ages({OURS: [figures(events=215, ages=100)]})


@pytest.mark.parametrize(
    ("ours", "limit", "shown", "reached"),
    [
        (80.0, {"least": 0.8}, "≥ 0.8×", "yes"),
        (79.0, {"least": 0.8}, "≥ 0.8×", "no"),
        (80.0, {"most": 0.8}, "≤ 0.8×", "yes"),
        (81.0, {"most": 0.8}, "≤ 0.8×", "no"),
    ],
)
def test_a_bar_is_reached_at_its_limit(
    ours: float, limit: dict[str, float], shown: str, reached: str
) -> None:
    [found] = bar("streams", {OURS: ours, SDK: 100.0}, SDK, **limit)
    assert found[-2:] == (shown, reached)


def test_peers_that_are_not_here_have_dashes_and_no_bars() -> None:
    found = tables(results(HERE))
    [cpu] = [row for row in found[0].rows if row[0] == "CPU for 10,000 events, s"]
    assert cpu[-2:] == ("–", "–")
    assert {row[2] for row in found[2].rows} == {HTTPTOOLS}


def test_the_better_transport_and_both_ways_of_litellm_are_the_bars() -> None:
    found = tables(results((*HERE, LITELLM_PASSED, LITELLM)))
    barred = [row[2] for row in found[2].rows if row[-1] != "–"]
    assert barred == [HTTPTOOLS, LITELLM_PASSED, LITELLM, LITELLM_PASSED, LITELLM]
    shown = [row[2:] for row in found[2].rows if row[-1] == "–"]
    assert shown[0] == (LITELLM, "200", "1.00×", "–", "–")


def test_all_rows_are_as_long_as_their_headings() -> None:
    for table in tables(results(HERE)):
        assert {len(row) for row in table.rows} == {len(table.headings)}


def test_what_holds_all_that_is_tried_is_marked() -> None:
    [held] = [row for row in tables(results(HERE))[0].rows if row[0].startswith("open streams")]
    assert held[1] == "≥ 1,600"


def results(names: tuple[str, ...]) -> Results:
    """Results in which the bare relay over httptools holds more than over the SDK's own transport."""
    rounds = {name: [figures()] for name in names}
    held = {**dict.fromkeys(names, 200), DIRECT: 1600, HTTPTOOLS: 500}
    return Results(rounds, rounds, {name: 10.0 for name in names if name != DIRECT}, held)
