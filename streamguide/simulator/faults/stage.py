"""What a fault is: a small stage, plan in, plan out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from streamguide.protocol.sse import encode
from streamguide.protocol.table import Table
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.plan import Frame
from streamguide.simulator.faults.parameters import TIMES, Parameter
from streamguide.simulator.plan import Plan


@dataclass(frozen=True, slots=True)
class Setting:
    """What a stage may look at beside the plan: the answer, the table, its own parameters."""

    answer: Answer
    table: Table
    values: Mapping[str, Any]

    def place(self, plan: Plan) -> int:
        """The index of the frame that `at` names: the middle without it, at most the last."""
        at = self.values.get("at")
        return max(0, min((at - 1) if at else len(plan.frames) // 2, len(plan.frames) - 1))


Stage = Callable[[Plan, Setting], Plan]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `in_stream` faults change events, so an answer without `stream` passes them.

    `help` says in a sentence or two what happens, and `seen` where it is met in life.
    """

    name: str
    title: str
    help: str
    seen: str
    stage: Stage
    own_parameters: tuple[Parameter, ...] = ()
    in_stream: bool = False
    times: int | None = None

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own, and `times`, which every fault takes."""
        return (*self.own_parameters, replace(TIMES, default=self.times))

    def as_json(self) -> dict[str, Any]:
        """For the index."""
        return {
            "name": self.name,
            "title": self.title,
            "help": self.help,
            "seen": self.seen,
            "in_stream": self.in_stream,
            "parameters": [parameter.as_json() for parameter in self.parameters],
        }


def event_frame(at: int, event: Mapping[str, Any]) -> Frame:
    """A frame for an event that the answer does not have."""
    return Frame(at, encode(event))


def with_frames(plan: Plan, frames: list[Frame]) -> Plan:
    """The plan with other frames, whose events are numbered anew in their order."""
    numbered = (replace(frame, event=number) for number, frame in enumerate(frames, 1))
    return replace(plan, frames=tuple(numbered))


def later(frames: tuple[Frame, ...], milliseconds: float) -> list[Frame]:
    """The frames, so much later."""
    return [replace(frame, at=round(frame.at + milliseconds)) for frame in frames]
