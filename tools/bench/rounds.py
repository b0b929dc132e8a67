"""Measurements in turn, round by round; and the climb to the most streams that a server holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import TypeVar

Figures = TypeVar("Figures")

LATE_MS = 50.0
_STEP_ROUNDS = 5
_FAILED_STEPS = 2


def in_turn(measures: Mapping[str, Callable[[], Figures]], rounds: int) -> dict[str, list[Figures]]:
    """Measure all in turn, round by round, so that a noisy minute harms all alike."""
    found: dict[str, list[Figures]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return found


def medians(
    found: Mapping[str, Sequence[Figures]], figure: Callable[[Figures], float]
) -> list[float]:
    """The median of a figure over the rounds, for each name."""
    return [median(map(figure, rounds)) for rounds in found.values()]


def climb(
    names: Sequence[str], lateness: Callable[[str, int], float], steps: Iterable[int]
) -> dict[str, int]:
    """The last step that each name holds: its median lateness stays below the limit. 0 for none.

    All that still climb are measured in turn. A round that cannot change a median any more is left
    out. One step that is not held may be a noisy minute; two in a row are the end.
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
