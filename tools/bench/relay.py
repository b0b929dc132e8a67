"""The time that the live relay adds to Claude's streams, compared with other relays."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from itertools import pairwise
from math import inf

from tools.bench.load import BadStream, Figures, Load, drive, on_time, undisturbed
from tools.bench.machine import allow_files, on_cores, some_cores
from tools.bench.relay_servers import (
    DIRECT,
    HTTPTOOLS,
    LITELLM,
    LITELLM_PASSED,
    OURS,
    RELAYS,
    SDK,
    answer,
    litellm_version,
    running,
    upstream,
)
from tools.bench.report import Table, number, ratio
from tools.bench.rounds import LATE_MS, climb, in_turn, medians
from tools.bench.stream_servers import Server
from tools.process import Missing

_CORES = 2
_ROUNDS = 3
_STREAMS = 50
_PACE = 20.0
# How long a stream takes: begun over that time, as many streams begin as end.
_LENGTH = 4.3
_UNPACED = Load(_STREAMS, warm=2, window=2)
_STEADY = Load(_STREAMS, _PACE, ramp=_LENGTH, warm=_LENGTH, window=6)

# The number of open streams is searched by doubling, then in steps of a quarter.
_DOUBLED = (100, 200, 400, 800, 1600)
_DOUBLED_TRIES = 3
_QUARTERS = range(1, 7)

# For memory: first long enough to load everything, which takes LiteLLM a hundred requests; then so
# slow that almost nothing happens, and begun so slowly that every relay keeps up.
_FEW = Load(20, window=12)
_HELD = Load(200, pace=1000, ramp=10, warm=10, window=2)

_Relays = Mapping[str, Server]
_Rounds = Mapping[str, Sequence[Figures]]
_Figure = Callable[[Figures], float]


@dataclass(frozen=True, slots=True)
class Results:
    """The measurements by name, without the relays that are missing.

    `memory` is in kB per stream, and `held` a number of open streams.
    """

    steady: _Rounds
    unpaced: _Rounds
    memory: Mapping[str, float]
    held: Mapping[str, int]


def measure() -> tuple[list[Table], str]:
    """The tables, and the versions of what took part. Raises Missing."""
    allow_files()
    with on_cores(*some_cores(_CORES)), ExitStack() as stack:
        source = stack.enter_context(upstream(answer()))
        relays, memory = started(stack, source)
        steady = rounds(relays, _STEADY)
        check_ages(steady)
        unpaced = rounds(relays, _UNPACED)
        held = most_open(tuple(relays), lambda name, streams: lateness(relays[name], streams))
        results = Results(steady, unpaced, memory, held)
    return tables(results), versions(relays)


def started(stack: ExitStack, source: Server) -> tuple[_Relays, dict[str, float]]:
    """All relays that are available, and the memory that a stream adds to each, in kB.

    Memory is measured first, and in a fresh server: it is never returned. Raises Missing where
    our own relay cannot be had.
    """
    relays, memory = {DIRECT: source}, {}
    for name in RELAYS:
        say(f"{name}: start and memory")
        try:
            relays[name] = stack.enter_context(running(name, source))
        except Missing as missing:
            if name == OURS:
                raise
            say(f"Without {name}: {missing}")
        else:
            memory[name] = memory_per_stream(relays[name])
    return relays, memory


def say(what: str) -> None:
    """Show the progress of a run, which takes long."""
    print(what, file=sys.stderr, flush=True)


def memory_per_stream(relay: Server) -> float:
    """What an open stream adds to a server that has only just been started and warmed up, in kB."""
    before = drive(relay, _FEW).memory
    more = _HELD.streams - _FEW.streams
    return (drive(relay, _HELD).memory - before) / more / 1000


def rounds(relays: _Relays, load: Load) -> _Rounds:
    """The load on each in turn, again where other programs disturbed it."""
    say(f"{load} on each")
    measures = {name: partial(undisturbed, one, load) for name, one in relays.items()}
    return in_turn(measures, _ROUNDS)


def check_ages(steady: _Rounds) -> None:
    """Raises BadStream for a relay that changed the text that contains the times."""
    for name, found in steady.items():
        if any(one.ages < 0.9 * one.events for one in found):
            raise BadStream(f"{name}: events without the upstream's time")


def lateness(relay: Server, streams: int) -> float:
    """The p99 of the age of events with this number of open streams, in ms; infinite if any breaks."""
    load = Load(streams, _PACE, ramp=_LENGTH, warm=_LENGTH, window=2)
    try:
        late = on_time(undisturbed(relay, load), load, lambda one: one.age_p99)
    except BadStream as problem:
        say(str(problem))
        late = inf
    say(f"{relay.name}: {streams} streams, p99 {late:.1f} ms")
    return late


def most_open(names: Sequence[str], late: Callable[[str, int], float]) -> dict[str, int]:
    """How many streams each holds: first by doubling, then in steps of a quarter.

    A doubled number is held if one of three measurements says so: the steps after it decide.
    """
    floors = dict.fromkeys(names, 0)
    for before, streams in pairwise((0, *_DOUBLED)):
        for name in names:
            if floors[name] == before and any(
                late(name, streams) < LATE_MS for _ in range(_DOUBLED_TRIES)
            ):
                floors[name] = streams
    climbing = [name for name in names if floors[name] < _DOUBLED[-1]]

    def at(name: str, quarters: int) -> int:
        return floors[name] + quarters * (floors[name] or _DOUBLED[0]) // 4

    held = climb(climbing, lambda name, quarters: late(name, at(name, quarters)), _QUARTERS)
    return {name: at(name, held.get(name, 0)) for name in names}


def versions(relays: _Relays) -> str:
    """The versions of the libraries."""
    found = [f"{name} {version(name)}" for name in ("anthropic", "httptools", "gevent")]
    if LITELLM in relays:
        found.append(f"LiteLLM {litellm_version()}")
    return ", ".join(found)


def tables(results: Results) -> list[Table]:
    """The tables of a run."""
    return [_paced_table(results), _unpaced_table(results), _bars_table(results)]


def named(found: _Rounds, figure: _Figure) -> dict[str, float]:
    """The median of a figure for each name."""
    return dict(zip(found, medians(found, figure), strict=True))


def added(figures: Mapping[str, float]) -> dict[str, float]:
    """Each relay's figure less that of the upstream asked directly."""
    return {name: figures[name] - figures[DIRECT] for name in figures if name != DIRECT}


_COLUMNS = (DIRECT, *RELAYS)


def row(what: str, figures: Mapping[str, float]) -> tuple[str, ...]:
    """A figure of all columns, with a dash where it is missing."""
    return (what, *(number(figures[name]) if name in figures else "–" for name in _COLUMNS))


def _paced_table(results: Results) -> Table:
    def of(figure: _Figure) -> dict[str, float]:
        return named(results.steady, figure)

    first_p50, first_p99 = of(lambda one: one.first_event_p50), of(lambda one: one.first_event_p99)
    age_p50, age_p99 = of(lambda one: one.age_p50), of(lambda one: one.age_p99)
    cpu = of(lambda one: 10_000 * one.cpu / one.all_events)
    rows = (
        row("first event, p50, ms", first_p50),
        row("first event, p99, ms", first_p99),
        row("added to the first event, p50, ms", added(first_p50)),
        row("added to the first event, p99, ms", added(first_p99)),
        row("age of an event, p50, ms", age_p50),
        row("age of an event, p99, ms", age_p99),
        row("added to an event, p50, ms", added(age_p50)),
        row("added to an event, p99, ms", added(age_p99)),
        row("CPU for 10,000 events, s", cpu),
        row("memory per stream, kB", results.memory),
        ("open streams, p99 of the age under 50 ms", *map(_held_cell(results.held), _COLUMNS)),
        row("upstream busy, % of a core", of(lambda one: 100 * one.source_busy)),
        row("client busy, % of a core", of(lambda one: 100 * one.busy)),
    )
    what = f"{_STREAMS} streams, an event every {_PACE:g} ms, where no other number is named"
    return Table(f"{what} (medians of {_ROUNDS} rounds)", ("", *_COLUMNS), rows)


def _held_cell(held: Mapping[str, int]) -> Callable[[str], str]:
    def cell(name: str) -> str:
        if name not in held:
            return "–"
        return f"≥ {number(held[name])}" if held[name] == _DOUBLED[-1] else number(held[name])

    return cell


def _unpaced_table(results: Results) -> Table:
    def of(figure: _Figure) -> dict[str, float]:
        return named(results.unpaced, figure)

    rows = (
        row("events per second", of(lambda one: one.events / one.seconds)),
        row("events in one read of the client", of(lambda one: one.events / max(1, one.reads))),
        row("upstream busy, % of a core", of(lambda one: 100 * one.source_busy)),
        row("client busy, % of a core", of(lambda one: 100 * one.busy)),
    )
    title = f"{_STREAMS} unpaced streams (medians of {_ROUNDS} rounds of {_UNPACED.window:g} s)"
    return Table(title, ("", *_COLUMNS), rows)


def bar(
    what: str,
    figures: Mapping[str, float],
    peer: str,
    *,
    least: float | None = None,
    most: float | None = None,
) -> list[tuple[str, ...]]:
    """A row with the ratio to a peer, and whether it is at least or at most the bar, if there is one.

    No row without the peer.
    """
    if peer not in figures:
        return []
    ours, theirs = figures[OURS], figures[peer]
    limit = reached = "–"
    if least is not None:
        limit, reached = f"≥ {least:g}×", "yes" if ours >= least * theirs else "no"
    if most is not None:
        limit, reached = f"≤ {most:g}×", "yes" if ours <= most * theirs else "no"
    return [(what, number(ours), peer, number(theirs), ratio(ours, theirs), limit, reached)]


def _bars_table(results: Results) -> Table:
    first = added(named(results.steady, lambda one: one.first_event_p50))
    each = added(named(results.steady, lambda one: one.age_p50))
    held: dict[str, float] = dict(results.held)
    best = max((SDK, HTTPTOOLS), key=lambda name: held.get(name, 0))
    rows = (
        *bar("open streams", held, best, least=0.5),
        *bar("open streams", held, LITELLM_PASSED, least=2),
        *bar("open streams", held, LITELLM),
        *bar("added to the first event, p50, ms", first, LITELLM_PASSED),
        *bar("added to the first event, p50, ms", first, LITELLM, most=0.2),
        *bar("added to an event, p50, ms", each, LITELLM_PASSED, most=1),
        *bar("added to an event, p50, ms", each, LITELLM, most=1),
    )
    headings = ("", OURS, "peer", "the peer's", f"{OURS} ÷ peer", "bar", "reached")
    return Table("The bars", headings, rows)
