"""Loads in turn, round by round; and the climb to the number of streams that a server holds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from statistics import median

from tools.bench.machine import busy_now
from tools.bench.stream_client import Figures, Load, drive
from tools.bench.stream_servers import Server

LATE_MS = 50.0
_STEP_ROUNDS = 5
_FAILED_STEPS = 2
# With fewer events than this share of those that are due, the streams are not all open.
_DUE = 0.9
# Where other programs took more than this share of the cores, it is measured again.
_QUIET = 0.05
_TRIES = 4
_SETTLE_SECONDS = 5.0
_LOOK_SECONDS = 0.25


def in_turn(
    loads: Mapping[str, tuple[Server, Load]],
    rounds: int,
    measure: Callable[[Server, Load], Figures] = drive,
) -> dict[str, list[Figures]]:
    """All loads in turn, round by round, so that a noisy minute harms all alike."""
    found: dict[str, list[Figures]] = {name: [] for name in loads}
    for _ in range(rounds):
        for name, (server, load) in loads.items():
            found[name].append(measure(server, load))
    return found


def medians(
    found: Mapping[str, Sequence[Figures]], figure: Callable[[Figures], float]
) -> list[float]:
    """The median of a figure over the rounds, for each name."""
    return [median(map(figure, rounds)) for rounds in found.values()]


def cpu_an_event(figures: Figures) -> float:
    """CPU of the server for an event, in µs."""
    return 1e6 * figures.cpu / figures.all_events


def undisturbed(server: Server, load: Load) -> Figures:
    """The load, and again where others disturbed it.

    Whether they did is asked first, and not what came out.
    """
    settle()
    figures = drive(server, load)
    for _ in range(_TRIES - 1):
        if figures.others < _QUIET:
            break
        settle()
        figures = drive(server, load)
    return figures


def settle(
    sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait until servers are done with what the last load has left them, a few seconds at most."""
    cores = len(os.sched_getaffinity(0))
    deadline = clock() + _SETTLE_SECONDS
    busy = inf
    while busy > _QUIET * cores * _LOOK_SECONDS and clock() < deadline:
        before = busy_now()
        sleep(_LOOK_SECONDS)
        busy = busy_now() - before


def on_time(figures: Figures, load: Load, figure: Callable[[Figures], float]) -> float:
    """A figure of lateness in ms; infinite where events are missing.

    Then the streams were not all open, and what did come says nothing.
    """
    due = load.streams * load.window * 1000 / load.pace
    return figure(figures) if figures.events >= _DUE * due else inf


def climb(
    names: Sequence[str], lateness: Callable[[str, int], float], steps: Iterable[int]
) -> dict[str, int]:
    """The last step that each name holds: its median lateness stays below the limit. 0 for none.

    All that still climb are measured in turn, so that a noisy minute harms all alike; a round
    that can change a median no more is left out. One step that is not held may be a noisy minute;
    two in a row are the end.
    """
    held = dict.fromkeys(names, 0)
    failed = dict.fromkeys(names, 0)
    for step in steps:
        found: dict[str, list[bool]] = {n: [] for n in names if failed[n] < _FAILED_STEPS}
        if not found:
            break
        for _ in range(_STEP_ROUNDS):
            for name, rounds in found.items():
                if not _is_decided(rounds):
                    rounds.append(lateness(name, step) < LATE_MS)
        for name, rounds in found.items():
            if rounds.count(True) > _STEP_ROUNDS / 2:
                held[name], failed[name] = step, 0
            else:
                failed[name] += 1
    return held


def _is_decided(rounds: Sequence[bool]) -> bool:
    return max(rounds.count(True), rounds.count(False)) > _STEP_ROUNDS / 2
