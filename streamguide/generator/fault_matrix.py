"""The result of every program on every fault: reads `content/survival.json`.

`make survival` measures it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType

from streamguide.generator.options import RECOVERY, Options

# A program's result on a fault: a letter in the file, words on the page.
RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "f": "Finished",
        "r": "Finished after another try",
        "p": "Partial, and said so",
        "x": "Failed, and said so",
        "b": "Fallback shown, and said so",
        "u": "Unclear",
        "w": "Wrong without noticing",
    }
)
# The results that no published program may have.
BAD = ("u", "w")
_FINISHED = ("f", "r")
_WITHOUT_ANSWER = ("x", "b")


@dataclass(frozen=True, slots=True)
class FaultMatrix:
    """`measured` is the day, `versions` those of the packages, `faults` the columns.

    `programs` are the rows by the program's key: a letter of RESULTS for each fault. `silences` has
    for each language the seconds after which its program with default options closed a silent
    stream.
    """

    measured: str
    versions: Mapping[str, str]
    faults: tuple[str, ...]
    programs: Mapping[str, str]
    silences: Mapping[str, float]

    def of(self, options: Options) -> dict[str, str]:
        """A program's results by fault; empty if it was not measured."""
        letters = self.programs.get(key_of(options), "")
        return dict(zip(self.faults, letters, strict=False))

    def hopeless(self, options: Options) -> frozenset[str]:
        """The faults on which no program, in any language, has any of an answer.

        Whether a program streams makes a difference: only programs that do as this one does count.
        """
        mode = _mode(options)
        rows = [row for key, row in self.programs.items() if key.split()[1] == mode]
        return frozenset(
            fault
            for fault, letters in zip(self.faults, zip(*rows, strict=True), strict=False)
            if set(letters) <= set(_WITHOUT_ANSWER)
        )

    def remedy(self, options: Options, fault: str) -> str | None:
        """The first level of recovery with which the program finishes on a fault.

        None if it finishes already, or with no level.
        """
        if self.of(options).get(fault, "f") in _FINISHED:
            return None
        for level in RECOVERY:
            if self.of(replace(options, recovery=level)).get(fault) in _FINISHED:
                return level
        return None


def key_of(options: Options) -> str:
    """The row of a program, such as `python stream tool retry`: options that affect its results."""
    parts = [options.language, _mode(options)]
    parts += ["tool"] if options.tool else []
    parts += ["breaker"] if options.has_breaker else []
    return " ".join([*parts, options.effective_recovery])


def _mode(options: Options) -> str:
    return "stream" if options.stream else "at-once"


def how_measured(options: Options) -> str:
    """How a relay was measured, in words; empty for a program that runs by itself."""
    if not options.is_relay:
        return ""
    asked = (
        "It was asked by its own page, whose script ran in Node.js: "
        "this is what the page said of the answer."
    )
    if not options.has_breaker:
        return asked
    return (
        f"{asked} As long as that failed, the page asked again, four times at most: "
        "where the fallback is named, the questions before it ended as without a circuit breaker."
    )


def load(path: Path) -> FaultMatrix:
    """Read the file."""
    values = json.loads(path.read_text(encoding="utf-8"))
    return FaultMatrix(**values | {"faults": tuple(values["faults"])})


def dumps(matrix: FaultMatrix) -> str:
    """The file's text, with a line for each program, so that differences are readable."""
    return json.dumps(asdict(matrix), ensure_ascii=False, indent=1) + "\n"
