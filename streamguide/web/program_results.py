"""What a program does on each fault, as the generator's page shows it: by moment, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamguide.generator.fault_matrix import RESULTS, FaultMatrix
from streamguide.generator.options import Options
from streamguide.simulator.faults import BY_MOMENT, FAULTS, page_address


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """A way in which a program ends: its mark, and its words after a number."""

    name: str
    mark: str
    words: str


_ENDS: tuple[ProgramEnd, ...] = (
    ProgramEnd("finish", "●", "finish"),
    ProgramEnd("part", "◐", "keep the part"),
    ProgramEnd("fallback", "◆", "show the fallback"),
    ProgramEnd("fail", "▲", "fail and say so"),
    ProgramEnd("right", "△", "right to fail"),
    ProgramEnd("unnoticed", "✕", "unnoticed"),
)
_FINISH, _PART, _FALLBACK, _FAIL, _RIGHT, _UNNOTICED = _ENDS
_END_OF: Mapping[str, ProgramEnd] = {
    "f": _FINISH,
    "r": _FINISH,
    "p": _PART,
    "b": _FALLBACK,
    "x": _FAIL,
    "u": _UNNOTICED,
    "w": _UNNOTICED,
}


_RIGHT_TO_FAIL = "Right to fail"
_HEADINGS = {fault.name: heading for heading, faults in BY_MOMENT.items() for fault in faults}


@dataclass(frozen=True, slots=True)
class FaultResult:
    """A fault's path and title, and the level of recovery with which the program would finish.

    `address` is that of the simulator's page with this fault.
    """

    path: str
    title: str
    remedy: str | None
    address: str


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """Faults under a heading; those with one result stand together, after its mark and words."""

    title: str
    results: tuple[tuple[ProgramEnd, str, tuple[FaultResult, ...]], ...]

    @property
    def is_hopeless(self) -> bool:
        """Whether these are the faults on which no program has an answer."""
        return self.title == _RIGHT_TO_FAIL


@dataclass(frozen=True, slots=True)
class EndCount:
    """How many faults end in one way. `start` is the number of those before it in the bar."""

    end: ProgramEnd
    number: int
    start: int


@dataclass(frozen=True, slots=True)
class ProgramResults:
    """The results of one program; without groups it was not measured."""

    groups: tuple[FaultGroup, ...]
    counts: tuple[EndCount, ...]

    @property
    def total(self) -> int:
        """The number of faults."""
        return sum(count.number for count in self.counts)

    @property
    def finished(self) -> int:
        """The number of faults on which the program finishes."""
        return sum(count.number for count in self.counts if count.end is _FINISH)


def program_results(options: Options, matrix: FaultMatrix) -> ProgramResults:
    """The faults by moment, and apart from them those on which no program has an answer."""
    found = {path: letter for path, letter in matrix.of(options).items() if path != "none"}
    hopeless = matrix.hopeless(options)
    groups: dict[str, dict[str, list[FaultResult]]] = {
        title: {} for title in (*BY_MOMENT, _RIGHT_TO_FAIL)
    }
    numbers: Counter[ProgramEnd] = Counter()
    for path, letter in sorted(found.items(), key=lambda item: list(RESULTS).index(item[1])):
        fault = FAULTS[path.partition(";")[0]]
        title = _RIGHT_TO_FAIL if path in hopeless else _HEADINGS[fault.name]
        result = FaultResult(path, fault.title, matrix.remedy(options, path), page_address(path))
        groups[title].setdefault(letter, []).append(result)
        numbers[_end(letter, path in hopeless)] += 1
    return ProgramResults(
        tuple(
            FaultGroup(
                title,
                tuple(
                    (_end(letter, title == _RIGHT_TO_FAIL), RESULTS[letter], tuple(faults))
                    for letter, faults in results.items()
                ),
            )
            for title, results in groups.items()
            if results
        ),
        tuple(_counts(numbers)),
    )


def _end(letter: str, is_hopeless: bool) -> ProgramEnd:
    return _RIGHT if is_hopeless else _END_OF[letter]


def _counts(numbers: Mapping[ProgramEnd, int]) -> Iterator[EndCount]:
    start = 0
    for end in _ENDS:
        # That nothing goes unnoticed is worth saying.
        if numbers[end] or end is _UNNOTICED:
            yield EndCount(end, numbers[end], start)
        start += numbers[end]
