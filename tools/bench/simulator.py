"""The simulator's streams, against aimock's and against the least that a stream can cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from tools.bench.load import Figures, Load, drive, on_time, undisturbed
from tools.bench.machine import allow_files, on_cores, some_cores
from tools.bench.report import Table, headings, row
from tools.bench.rounds import LATE_MS, climb, in_turn, medians
from tools.bench.stream_servers import AIMOCK, SINGLY, Server, running

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

# The numbers of streams that are tried, one after the other.
_STEPS = range(500, 2001, 50)

# For memory: so slow that almost nothing happens, and so many that the sum is measurable.
_HELD = Load(1000, pace=1000, ramp=3, window=5)
_FEW = Load(20, window=0.5)

_OURS, _BARE, _AIMOCK, _JOINED = "simulator", "bare", "aimock", "aimock, joined"
_SERVERS = (_OURS, _BARE, _AIMOCK)
_Servers = Mapping[str, Server]


def measure() -> tuple[list[Table], str]:
    """The tables of unpaced and of paced streams, and the peer's version."""
    allow_files()
    with on_cores(*some_cores(_CORES)), ExitStack() as stack:
        memory = [_memory_per_stream(name) for name in _SERVERS]
        servers = {name: stack.enter_context(running(name)) for name in _SERVERS}
        for server in servers.values():
            drive(server, _UNPACED)
        return [_unpaced_table(servers), _paced_table(servers, memory)], AIMOCK


def _unpaced_table(servers: _Servers) -> Table:
    measures = {
        _OURS: partial(drive, servers[_OURS], _UNPACED),
        _BARE: partial(drive, servers[_BARE], _UNPACED),
        _AIMOCK: partial(drive, servers[_AIMOCK], _SINGLY),
        _JOINED: partial(drive, servers[_AIMOCK], _UNPACED),
    }
    found = in_turn(measures, _ROUNDS)
    rows = (
        row("events per second", medians(found, lambda one: one.events / one.seconds)),
        row("server CPU per event, µs", medians(found, lambda one: one.cpu_per_event)),
        row(
            "events in one read of the client",
            medians(found, lambda one: one.events / one.reads),
            with_ratios=False,
        ),
        row(
            "client busy, % of a core",
            medians(found, lambda one: 100 * one.busy),
            with_ratios=False,
        ),
    )
    title = f"{_STREAMS} unpaced streams at once (medians of {_ROUNDS} rounds of {_SECONDS:g} s)"
    return Table(title, headings(measures), rows)


def _paced_table(servers: _Servers, memory: Sequence[float]) -> Table:
    def of(load: Load) -> dict[str, list[Figures]]:
        measures = {name: partial(drive, server, load) for name, server in servers.items()}
        return in_turn(measures, _PACED_ROUNDS)

    steady, at_once = of(_STEADY), of(_AT_ONCE)
    rows = (
        row(f"open streams, p99 under {LATE_MS:g} ms late", [*_most_open(servers), None]),
        row("server CPU per event, µs", medians(steady, lambda one: one.cpu_per_event)),
        row("lateness of an event, p50, ms", medians(steady, lambda one: one.late_p50)),
        row("lateness of an event, p99, ms", medians(steady, lambda one: one.late_p99)),
        row("first byte, p50, ms", medians(steady, lambda one: one.first_byte_p50)),
        row("first byte, p99, ms", medians(steady, lambda one: one.first_byte_p99)),
        row(
            f"first byte, p99, ms, {_STREAMS} asked at once",
            medians(at_once, lambda one: one.first_byte_p99),
        ),
        row("memory per stream, kB", memory),
    )
    what = f"{_STREAMS} streams, an event every {_PACE:g} ms, where no other number is named"
    return Table(f"{what} (medians of {_PACED_ROUNDS} rounds)", headings(servers), rows)


def _most_open(servers: _Servers) -> list[float]:
    """How many streams the simulator and the bare application hold."""
    held = climb((_OURS, _BARE), lambda name, streams: _lateness(servers[name], streams), _STEPS)
    return [held[_OURS], held[_BARE]]


def _lateness(server: Server, streams: int) -> float:
    """The p99 of the lateness with this number of open streams, in ms."""
    load = Load(streams, _PACE, ramp=_LENGTH, warm=_LENGTH, window=2)
    return on_time(undisturbed(server, load), load, lambda one: one.late_p99)


def _memory_per_stream(name: str) -> float:
    """What an open stream adds to the server, in kB. Freshly started: memory is never returned."""
    with running(name) as server:
        before = drive(server, _FEW).memory
        return (drive(server, _HELD).memory - before) / _HELD.streams / 1000
