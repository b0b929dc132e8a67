"""All faults by name, and reading them from a path: `drop;at=9` or `slow;factor=0+drop;at=9`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from streamguide.protocol.table import Table
from streamguide.scenarios.answer import Answer
from streamguide.simulator.faults import before, events, framing, timing
from streamguide.simulator.faults.parameters import FaultError, read_all
from streamguide.simulator.faults.stage import MOMENTS, Fault, FaultContext, RecordedAnswer
from streamguide.simulator.plan import Plan

_NONE = Fault(
    "none",
    "No fault",
    "The stream plays as the scenario is written.",
    "On most days.",
    "harmless",
    "show the whole answer.",
    "/guide/stream#minimum",
    lambda plan, context: plan,
)

# In the order in which they apply, however a path joins them: content first, then time, then
# lines and connections.
FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        fault.name: fault
        for fault in (
            _NONE,
            *before.FAULTS,
            *events.FAULTS,
            *timing.FAULTS,
            *framing.FAULTS,
        )
    }
)

# The same for readers: under the title of their moment, and there in the order of FAULTS.
BY_MOMENT: Mapping[str, tuple[Fault, ...]] = MappingProxyType(
    {
        title: tuple(fault for fault in FAULTS.values() if fault.moment == moment)
        for moment, title in MOMENTS.items()
    }
)

# More at once would be no test of anything.
MOST = 4
_LONGEST = 1000
_LONGEST_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """One fault of a path with its values."""

    fault: Fault
    values: Mapping[str, Any]

    @property
    def counts(self) -> bool:
        """Whether it depends on a request's number."""
        names = ("times", "only", "from", "rate", "rpm", "tpm")
        return any(self.values[name] is not None for name in names)

    def meets(self, number: int) -> bool:
        """Whether the request of this number meets it; the first is 1."""
        only, rate = self.values["only"], self.values["rate"]
        if only is not None:
            return bool(number == only)
        start, times = self.values["from"] or 1, self.values["times"]
        if number < start or (times is not None and number >= start + times):
            return False
        drawn = Random(f"{self.values['seed']} {self.fault.name} {number}")
        return rate is None or drawn.random() < rate

    def apply(
        self,
        plan: Plan,
        answer: Answer | RecordedAnswer,
        table: Table,
        *,
        takes_gzip: bool = False,
    ) -> Plan:
        """The plan with this fault. What is no event stream has no events to change."""
        if self.fault.in_stream and not (plan.streamed and plan.frames):
            return plan
        faulty = self.fault.stage(plan, FaultContext(answer, table, self.values, takes_gzip))
        return replace(faulty, altered=True) if self.fault.moment == "order" else faulty


def read(text: str) -> tuple[FaultSpec, ...]:
    """The faults of a path's part, joined by `+`. Raises FaultError."""
    if len(text) > _LONGEST:
        raise FaultError(f"The faults are longer than {_LONGEST} characters")
    parts = text.split("+")
    if len(parts) > MOST:
        raise FaultError(f"{len(parts)} faults at once; at most {MOST} can be joined")
    names = [part.split(";")[0] for part in parts]
    if len(set(names)) < len(names):
        raise FaultError("A fault is joined to itself; name each one once")
    return in_order(_read_one(part) for part in parts)


def page_address(fault: str, scenario: str = "") -> str:
    """Where the simulator's page has this choice. Faults are spelled as in a path, "" for none.

    Without a scenario it is one that shows the fault. Raises FaultError.
    """
    scenario = scenario or read(fault)[0].fault.scenario
    return "/simulator?" + urlencode({"scenario": scenario} | ({"fault": fault} if fault else {}))


def in_order(chosen: Iterable[FaultSpec]) -> tuple[FaultSpec, ...]:
    """The faults in the order in which they apply."""
    order = list(FAULTS)
    return tuple(sorted(chosen, key=lambda one: order.index(one.fault.name)))


def _read_one(text: str) -> FaultSpec:
    name, *parameters = text.split(";")
    fault = FAULTS.get(name)
    if fault is None:
        raise FaultError(f"No fault is called {name!r}. There are: {', '.join(FAULTS)}.")
    try:
        return FaultSpec(fault, read_all(parameters, fault.parameters))
    except FaultError as error:
        raise FaultError(f"{name}: {error}") from error


def apply_all(
    plan: Plan,
    chosen: Iterable[FaultSpec],
    answer: Answer | RecordedAnswer,
    table: Table,
    *,
    takes_gzip: bool = False,
) -> Plan:
    """The plan with all of these faults. Raises FaultError if it would last too long."""
    for one in chosen:
        plan = one.apply(plan, answer, table, takes_gzip=takes_gzip)
    if plan.frames and plan.frames[-1].at > _LONGEST_MS:
        raise FaultError("The faults stretch the stream beyond an hour, which is the limit")
    return plan


def active_faults(chosen: tuple[FaultSpec, ...], count: Callable[[], int]) -> tuple[FaultSpec, ...]:
    """Those that this request meets; `count` gives its number for its key and path, from 1.

    It is asked only if something depends on it.
    """
    if not any(one.counts for one in chosen):
        return chosen
    number = count()
    return tuple(one for one in chosen if one.meets(number))
