"""What each program survives, as measured by `make survival`: `content/survival.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from streamguide.generator.options import RECOVERY, Options

# What becomes of a program that meets a fault: a letter in the file, and words on the page.
VERDICTS: Mapping[str, str] = MappingProxyType(
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
# With these, nobody should copy the program.
BAD = ("u", "w")
_FINISHED = ("f", "r")


@dataclass(frozen=True, slots=True)
class Survival:
    """`measured` is the day, `versions` what it ran with, `faults` the order of the letters.

    `programs` has a letter of VERDICTS for each fault, by the program's key. `silences` has the
    seconds after which a language's program with nothing chosen gave up on a silent stream.
    """

    measured: str
    versions: Mapping[str, str]
    faults: tuple[str, ...]
    programs: Mapping[str, str]
    silences: Mapping[str, float]

    def of(self, options: Options) -> dict[str, str]:
        """Verdicts by fault for a program; empty if it was not measured."""
        letters = self.programs.get(key_of(options), "")
        return dict(zip(self.faults, letters, strict=False))

    def remedy(self, options: Options, fault: str) -> str | None:
        """The first level of recovery with which the program finishes; None without any.

        None as well if it finishes as it is.
        """
        if self.of(options).get(fault, "f") in _FINISHED:
            return None
        for level in RECOVERY:
            if self.of(replace(options, recovery=level)).get(fault) in _FINISHED:
                return level
        return None


NOTHING = Survival("", {}, (), {}, {})


def key_of(options: Options) -> str:
    """What of the options can matter to a fault, such as `python stream tool retry`."""
    parts = [options.language, "stream" if options.stream else "at-once"]
    parts += ["tool"] if options.tool else []
    parts += ["breaker"] if options.has_breaker else []
    return " ".join([*parts, options.effective_recovery])


def manner(options: Options) -> str:
    """How the program was run, in words; empty if it ran by itself."""
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


def load(path: Path) -> Survival:
    """The file, or nothing where there is none yet."""
    if not path.exists():
        return NOTHING
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Survival(
        read["measured"],
        read["versions"],
        tuple(read["faults"]),
        read["programs"],
        read.get("silences", {}),
    )


def dumps(survival: Survival) -> str:
    """For the file: a line for each program, so that differences can be read."""
    value = {
        "measured": survival.measured,
        "versions": dict(survival.versions),
        "faults": list(survival.faults),
        "programs": dict(survival.programs),
        "silences": dict(survival.silences),
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
