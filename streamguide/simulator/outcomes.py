"""What each client does on each fault: `content/outcomes.json`, which `make outcomes` writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Time = Literal["quick", "limit", "hang"]

# The measured clients: their names in the file and on pages.
CLIENTS: Mapping[str, str] = {
    "python-stream": "Python `stream()`",
    "python-create": "Python `create(stream=True)`",
    "python-async-stream": "Python, async `stream()`",
    "python-async-create": "Python, async `create(stream=True)`",
    "javascript-stream": "JavaScript `stream()`",
    "javascript-create": "JavaScript `create({ stream: true })`",
    "curl": "curl and jq",
}

# The packages that clients use, by the beginning of the client's name.
_PACKAGES = {"python": "anthropic", "javascript": "@anthropic-ai/sdk"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One client on one fault.

    `fault` is the fault as in a path, such as `drop;how=reset`. `raised` is the qualified class of
    the exception, or the exit codes of curl and jq; None without an error. `cause` is the code or
    the class of the error's cause, `status` and `type` are attributes of the error.

    `text_kept` is the number of characters that the program had at its end, and `complete` says
    whether these are all. `noticed` is None if neither text nor a type of event was missing.
    Otherwise it says whether the client raised an error.

    `time` is "quick" if the client ended with the stream, "limit" if its own time limit ended it,
    "hang" if it still waited when the measurement stopped.
    """

    client: str
    version: str
    runtime: str
    fault: str
    raised: str | None
    cause: str | None
    status: int | None
    type: str | None
    requests: int
    text_kept: int
    complete: bool
    noticed: bool | None
    time: Time

    @property
    def name(self) -> str:
        """The fault's name, without parameters."""
        return self.fault.partition(";")[0]


# The fields that all outcomes of a run share.
_OF_THE_RUN = ("client", "version", "runtime")


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of one client; `measured` is the day."""

    client: str
    version: str
    runtime: str
    measured: str
    outcomes: tuple[Outcome, ...] = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """The client, its version, and the runtime's major version, which identify the run."""
        return self.client, self.version, self.runtime


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All measurements: the last day, the scenario, and the number of its characters."""

    measured: str
    scenario: str
    characters: int
    runs: tuple[Run, ...]

    def of(self, fault: str) -> list[Outcome]:
        """The outcomes of a fault: of all variants for a name, of one for `name;key=value`."""
        return [one for run in self.runs for one in run.outcomes if fault in (one.name, one.fault)]

    @property
    def sdks(self) -> Mapping[str, str]:
        """The last measured version of each SDK by package."""
        found: dict[str, str] = {}
        for run in sorted(self.runs, key=lambda one: one.measured):
            package = _PACKAGES.get(run.client.partition("-")[0])
            if package is not None:
                found[package] = run.version
        return found

    @property
    def faults(self) -> list[str]:
        """The measured faults as in a path, in the order of the file."""
        return list(dict.fromkeys(one.fault for run in self.runs for one in run.outcomes))


NOTHING = Outcomes("", "", 0, ())


def load(path: Path) -> Outcomes:
    """Read a file that `dumps` wrote."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Outcomes(**{**data, "runs": tuple(_run(one) for one in data["runs"])})


def dumps(outcomes: Outcomes) -> str:
    """The file's text: JSON with a line for each outcome, so that differences are readable."""
    head = {name: getattr(outcomes, name) for name in ("measured", "scenario", "characters")}
    runs = ",\n".join(_run_text(run) for run in outcomes.runs)
    members = "".join(f"{_dumps(name)}: {_dumps(value)},\n" for name, value in head.items())
    return f'{{\n{members}"runs": [\n{runs}\n]\n}}\n'


def _run(data: Mapping[str, Any]) -> Run:
    shared = {name: data[name] for name in _OF_THE_RUN}
    outcomes = tuple(Outcome(**shared, **one) for one in data["outcomes"])
    return Run(**shared, measured=data["measured"], outcomes=outcomes)


def _run_text(run: Run) -> str:
    head = {name: getattr(run, name) for name in (*_OF_THE_RUN, "measured")}
    lines = ",\n".join(_dumps(_own(outcome)) for outcome in run.outcomes)
    return f'{_dumps(head)[:-1]}, "outcomes": [\n{lines}\n]}}'


def _own(outcome: Outcome) -> dict[str, Any]:
    return {name: value for name, value in asdict(outcome).items() if name not in _OF_THE_RUN}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
