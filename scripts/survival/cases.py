"""What each program meets: every fault with the variants that matter, also such as pass."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.outcomes.cases import cases as outcome_cases
from streamguide.generator.options import Options
from streamguide.simulator.faults import FAULTS

SCENARIO = "hello"
# With a tool the request decides what is answered: the tool is called, its result is talked about.
WITH_TOOL = "auto"

# What comes is right, however it comes; the first word must be shown before the last has come.
WATCHED = ("none", "slow;factor=2", "unknown", "crlf")
_AT_ONCE = "slow;factor=0"
_TIMES = 2
# Faults that a later request may not meet any more.
_PASSING = (
    "status",
    "status;code=429",
    "no-response",
    "error-event",
    "error-event;at=1",
    "drop",
    "drop;at=1",
    "end-early",
    "garble",
    "empty-body",
)
# Longer than the limit that the programs get, so that it is the limit that ends the silence.
_SILENCE = 30
_LONG = ("slow-headers", "slow-first-token", "stall")


@dataclass(frozen=True, slots=True)
class Case:
    """One fault to meet: as the data names it, and as the path has it."""

    fault: str
    path: str

    @property
    def name(self) -> str:
        """The fault's name alone."""
        return self.fault.partition(";")[0]

    @property
    def passes(self) -> bool:
        """Whether a later request is spared."""
        return "times=" in self.fault or self.name == "status-then-ok"

    def base(self, options: Options, url: str) -> str:
        """What the program gets as ANTHROPIC_BASE_URL."""
        return f"{url}/simulator/{WITH_TOOL if options.tool else SCENARIO}/{self.path}"


def cases() -> list[Case]:
    """All of them, in the registry's order."""
    faults = [_own(one.fault) for one in outcome_cases()]
    passing = [f"{fault};times={_TIMES}" for fault in _PASSING]
    order = list(FAULTS)
    unique = dict.fromkeys((*faults, *passing))
    return sorted(map(_case, unique), key=lambda case: order.index(case.name))


def _own(fault: str) -> str:
    if fault in ("slow", "slow;factor=0"):
        return "slow;factor=2"
    return fault


def _case(fault: str) -> Case:
    name = fault.partition(";")[0]
    path = fault
    if name in _LONG and "seconds=" not in fault:
        path = f"{fault};seconds={_SILENCE}"
    if fault in WATCHED or name in ("pace", "slow"):
        return Case(fault, path)
    # A reset that comes together with data hides it.
    before = "slow;factor=2" if "how=reset" in fault and name == "drop" else _AT_ONCE
    return Case(fault, f"{before}+{path}")
