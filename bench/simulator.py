"""The simulator's streams, against aimock's and against the least that a stream can cost."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from math import inf
from statistics import median

from bench.machine import on_cores, some_cores
from bench.report import Table, number, ratio
from bench.stream_client import Figures, Load, compiled, drive
from bench.stream_servers import AIMOCK, SINGLY, Server, running

_CORES = 2
_STREAMS = 200
_ROUNDS = 5
_SECONDS = 2.0
_UNPACED = Load(_STREAMS, window=_SECONDS)
_SINGLY = Load(_STREAMS, pace=SINGLY, window=_SECONDS)

_PACE = 20.0
# How long a stream takes: begun over that time, as many streams begin as end.
_LENGTH = 4.3
_STEADY = Load(_STREAMS, _PACE, ramp=_LENGTH, warm=_LENGTH, window=4)
# Ends before the streams do, so that only their common beginning counts.
_AT_ONCE = Load(_STREAMS, _PACE, window=4)
_PACED_ROUNDS = 3

_LATE_MS = 50.0
# With fewer events than this share of those that are due, the streams are not all open.
_DUE = 0.9
# The numbers of streams that are tried, one after the other.
_STEPS = range(500, 2001, 50)
_STEP_ROUNDS = 5
_FAILED_STEPS = 2
# Where other programs took more than this share of the cores, it is measured again.
_QUIET = 0.05
_TRIES = 4

# For memory: so slow that next to nothing happens, and so many that one stream shows.
_HELD = Load(1000, pace=1000, ramp=3, window=5)
_FEW = Load(20, window=0.5)

# More files than streams in any of this.
_FILES = 8192

_OURS, _BARE, _AIMOCK, _JOINED = "simulator", "bare", "aimock", "aimock, joined"
_SERVERS = (_OURS, _BARE, _AIMOCK)
_Servers = Mapping[str, Server]


def measure() -> tuple[list[Table], str]:
    """The tables of unpaced and of paced streams, and the peer's version."""
    compiled()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    with on_cores(*some_cores(_CORES)), ExitStack() as stack:
        memory = [_memory_a_stream(name) for name in _SERVERS]
        servers = {name: stack.enter_context(running(name)) for name in _SERVERS}
        for server in servers.values():
            drive(server, _UNPACED)
        return [_unpaced_table(servers), _paced_table(servers, memory)], AIMOCK


def _unpaced_table(servers: _Servers) -> Table:
    loads = {
        _OURS: (servers[_OURS], _UNPACED),
        _BARE: (servers[_BARE], _UNPACED),
        _AIMOCK: (servers[_AIMOCK], _SINGLY),
        _JOINED: (servers[_AIMOCK], _UNPACED),
    }
    found = _in_turn(loads, _ROUNDS)
    rows = (
        row("events a second", _medians(found, lambda one: one.events / one.seconds)),
        row("server CPU an event, µs", _medians(found, _cpu_an_event)),
        row(
            "events in one read of the client",
            _medians(found, lambda one: one.events / one.reads),
            with_ratios=False,
        ),
        row(
            "client busy, % of a core",
            _medians(found, lambda one: 100 * one.busy),
            with_ratios=False,
        ),
    )
    title = f"{_STREAMS} unpaced streams at once (medians of {_ROUNDS} rounds of {_SECONDS:g} s)"
    return Table(title, _headings(loads), rows)


def _paced_table(servers: _Servers, memory: Sequence[float]) -> Table:
    steady = _in_turn({name: (server, _STEADY) for name, server in servers.items()}, _PACED_ROUNDS)
    at_once = _in_turn(
        {name: (server, _AT_ONCE) for name, server in servers.items()}, _PACED_ROUNDS
    )
    rows = (
        row(f"open streams, p99 under {_LATE_MS:g} ms late", [*_most_open(servers), None]),
        row("server CPU an event, µs", _medians(steady, _cpu_an_event)),
        row("lateness of an event, p50, ms", _medians(steady, lambda one: one.late_p50)),
        row("lateness of an event, p99, ms", _medians(steady, lambda one: one.late_p99)),
        row("first byte, p50, ms", _medians(steady, lambda one: one.first_byte_p50)),
        row("first byte, p99, ms", _medians(steady, lambda one: one.first_byte_p99)),
        row(
            f"first byte, p99, ms, {_STREAMS} asked at once",
            _medians(at_once, lambda one: one.first_byte_p99),
        ),
        row("memory a stream, kB", memory),
    )
    what = f"{_STREAMS} streams, an event every {_PACE:g} ms, where no other number is named"
    return Table(f"{what} (medians of {_PACED_ROUNDS} rounds)", _headings(servers), rows)


def _headings(names: Iterable[str]) -> tuple[str, ...]:
    return ("", *names, *(f"{_OURS} ÷ {name}" for name in names if name != _OURS))


def row(name: str, values: Sequence[float | None], *, with_ratios: bool = True) -> tuple[str, ...]:
    """Ours first, then the peers'; a dash for what a peer does not have."""
    ours, *others = values
    assert ours is not None
    shown = ("–" if value is None else number(value) for value in values)
    ratios = ("–" if other is None or not with_ratios else ratio(ours, other) for other in others)
    return (name, *shown, *ratios)


def _in_turn(loads: Mapping[str, tuple[Server, Load]], rounds: int) -> dict[str, list[Figures]]:
    """All loads in turn, round by round, so that a noisy minute harms all alike."""
    found: dict[str, list[Figures]] = {name: [] for name in loads}
    for _ in range(rounds):
        for name, (server, load) in loads.items():
            found[name].append(drive(server, load))
    return found


def _medians(
    found: Mapping[str, Sequence[Figures]], figure: Callable[[Figures], float]
) -> list[float]:
    return [median(map(figure, rounds)) for rounds in found.values()]


def _cpu_an_event(figures: Figures) -> float:
    return 1e6 * figures.cpu / figures.all_events


def _most_open(servers: _Servers) -> list[float]:
    """How many streams the simulator and the bare application hold."""
    held = climb((_OURS, _BARE), lambda name, streams: _lateness(servers[name], streams), _STEPS)
    return [held[_OURS], held[_BARE]]


def climb(
    names: Sequence[str], lateness: Callable[[str, int], float], steps: Iterable[int]
) -> dict[str, int]:
    """The last step that each name holds: its median lateness stays below the limit. 0 for none.

    All that still climb are measured in turn, so that a noisy minute harms all alike. One step
    that is not held may be such a minute; two in a row are the end.
    """
    held = dict.fromkeys(names, 0)
    failed = dict.fromkeys(names, 0)
    for step in steps:
        found: dict[str, list[float]] = {n: [] for n in names if failed[n] < _FAILED_STEPS}
        if not found:
            break
        for _ in range(_STEP_ROUNDS):
            for name, rounds in found.items():
                rounds.append(lateness(name, step))
        for name, rounds in found.items():
            if median(rounds) < _LATE_MS:
                held[name], failed[name] = step, 0
            else:
                failed[name] += 1
    return held


def _lateness(server: Server, streams: int) -> float:
    """The p99 of so many open streams, in ms. Measured again where others disturbed it.

    Whether they did is asked first, and not what came out.
    """
    load = Load(streams, _PACE, ramp=_LENGTH, warm=_LENGTH, window=2)
    due = streams * load.window * 1000 / _PACE
    figures = drive(server, load)
    for _ in range(_TRIES - 1):
        if figures.others < _QUIET:
            break
        figures = drive(server, load)
    # With too few events the streams were not all open, and what did come says nothing.
    return figures.late_p99 if figures.events >= _DUE * due else inf


def _memory_a_stream(name: str) -> float:
    """What an open stream adds to the server, in kB. Freshly started: memory is never returned."""
    with running(name) as server:
        before = drive(server, _FEW).memory
        return (drive(server, _HELD).memory - before) / _HELD.streams / 1000
