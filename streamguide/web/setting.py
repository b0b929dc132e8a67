"""What the address of the simulator's page asks for: a scenario, and faults with their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streamguide.scenarios.load import Scenario
from streamguide.simulator import faults
from streamguide.simulator.directive import AUTO
from streamguide.simulator.faults import FAULTS, FaultSpec

NONE = "none"


@dataclass(frozen=True, slots=True)
class PageSetting:
    """A scenario's name (or AUTO) and at least one fault; `problem` says what was passed over."""

    scenario: str
    faults: tuple[FaultSpec, ...]
    problem: str = ""

    @property
    def fault_text(self) -> str:
        """The faults as a base URL spells them: only what differs from the defaults."""
        return "+".join(_text(one) for one in self.faults if one.fault.name != NONE)

    @property
    def path(self) -> str:
        """The base URL's path."""
        parts = [self.scenario, self.fault_text]
        if not self.fault_text and self.scenario == AUTO:
            parts = []
        return "/".join(["/simulator", *filter(None, parts)])


def read_setting(
    query: Mapping[str, str], fault_texts: Sequence[str], scenarios: Mapping[str, Scenario]
) -> PageSetting:
    """The setting of an address. What it asks for in vain is passed over, and told.

    `fault` is the whole text that a base URL has. A form without a script sends the fault's
    name there, and each of its parameters by its own name.
    """
    problems = []
    scenario = query.get("scenario") or next(iter(scenarios))
    if scenario not in scenarios and scenario != AUTO:
        problems.append(f"No scenario is called {scenario!r}.")
        scenario = next(iter(scenarios))
    chosen = faults.read(NONE)
    text = "+".join(filter(None, fault_texts)) or NONE
    if text in FAULTS:
        text = ";".join([text, *_own_parameters(text, query)])
    try:
        chosen = faults.read(text)
    except faults.FaultError as error:
        problems.append(f"{str(error).rstrip('.')}.")
    real = tuple(one for one in chosen if one.fault.name != NONE)
    return PageSetting(scenario, real or faults.read(NONE), " ".join(problems))


def _own_parameters(name: str, query: Mapping[str, str]) -> list[str]:
    parameters = FAULTS[name].parameters
    return [f"{one.name}={query[one.name]}" for one in parameters if query.get(one.name)]


def _text(chosen: FaultSpec) -> str:
    values = [
        f"{parameter.name}={number_text(chosen.values[parameter.name])}"
        for parameter in chosen.fault.parameters
        if chosen.values[parameter.name] not in (None, parameter.default)
    ]
    return ";".join([chosen.fault.name, *values])


def number_text(value: Any) -> str:
    """A value as it is written: whole numbers without a point."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)
