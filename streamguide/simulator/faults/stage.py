"""What a fault is: a small stage, plan in, plan out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

from streamguide.protocol.sse import encode
from streamguide.protocol.table import Table
from streamguide.recordings import Recording
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.frames import Frame
from streamguide.scenarios.message import full_message
from streamguide.simulator.faults.parameters import (
    FROM,
    ONLY,
    RATE,
    RPM,
    SEED,
    TIMES,
    TPM,
    FaultError,
    Parameter,
)
from streamguide.simulator.plan import Plan


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """A recording instead of an answer that is made from a scenario."""

    request_id: str
    recording: Recording


def message_of(answer: Answer | RecordedAnswer) -> Mapping[str, Any]:
    """The finished message. Raises FaultError for a recording that has none."""
    if isinstance(answer, Answer):
        return full_message(answer)
    message = answer.recording.message()
    if message is None:
        raise FaultError(f"{answer.recording.path} has no message to send in one piece")
    return message


@dataclass(frozen=True, slots=True)
class FaultContext:
    """What a stage may look at beside the plan.

    `takes_gzip` tells whether the request's accept-encoding allows it.
    """

    answer: Answer | RecordedAnswer
    table: Table
    values: Mapping[str, Any]
    takes_gzip: bool = False

    def index(self, plan: Plan) -> int:
        """The index of the frame that `at` names: the middle without it, at most the last."""
        at = self.values.get("at")
        return max(0, min((at - 1) if at else len(plan.frames) // 2, len(plan.frames) - 1))


Moment = Literal["before", "breaks", "pace", "order", "harmless"]
# What a list of faults calls each moment, in the order of lists.
MOMENTS: Mapping[Moment, str] = MappingProxyType(
    {
        "before": "Before the stream",
        "breaks": "It breaks off",
        "pace": "Silence and pace",
        "order": "Out of order or malformed",
        "harmless": "Harmless variations",
    }
)

Stage = Callable[[Plan, FaultContext], Plan]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `in_stream` faults change events, so an answer without `stream` passes them.

    `help` says in a sentence or two what happens, and `seen` where it is met in life. `moment`
    groups the faults by when a program meets them. `should` completes "Your program should", and
    `remedy` is the address of the guide's section about it, and `scenario` an answer that shows it.
    """

    name: str
    title: str
    help: str
    seen: str
    moment: Moment
    should: str
    remedy: str
    stage: Stage
    own_parameters: tuple[Parameter, ...] = ()
    in_stream: bool = False
    times: int | None = None
    scenario: str = "hello"

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its own, and those of its schedule."""
        return (*self.own_parameters, *self.schedule)

    @property
    def schedule(self) -> tuple[Parameter, ...]:
        """The parameters that say which requests meet it, which every fault takes."""
        return (replace(TIMES, default=self.times), ONLY, FROM, RATE, SEED, RPM, TPM)

    def as_json(self) -> dict[str, Any]:
        """For the index."""
        return {
            "name": self.name,
            "title": self.title,
            "help": self.help,
            "seen": self.seen,
            "moment": self.moment,
            "should": self.should,
            "in_stream": self.in_stream,
            "parameters": [parameter.as_json() for parameter in self.parameters],
        }


class Faults(list[Fault]):
    """The faults of a module, in the order in which they apply."""

    def add(
        self,
        name: str,
        title: str,
        help: str,
        seen: str,
        *parameters: Parameter,
        moment: Moment,
        should: str,
        remedy: str,
        in_stream: bool = False,
        times: int | None = None,
        scenario: str = "hello",
    ) -> Callable[[Stage], Stage]:
        """Make a fault of the function below."""

        def added(stage: Stage) -> Stage:
            about = (name, title, help, seen, moment, should, remedy)
            self.append(Fault(*about, stage, parameters, in_stream, times, scenario))
            return stage

        return added


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
