"""What each client does on each fault, as measured by `make outcomes`: `content/outcomes.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Time = Literal["quick", "limit", "hang"]

# The measured clients: their names in the file, and what they are called on a page.
CLIENTS: Mapping[str, str] = MappingProxyType(
    {
        "python-stream": "Python `stream()`",
        "python-create": "Python `create(stream=True)`",
        "python-async-stream": "Python, async `stream()`",
        "python-async-create": "Python, async `create(stream=True)`",
        "javascript-stream": "JavaScript `stream()`",
        "javascript-create": "JavaScript `create({ stream: true })`",
        "curl": "curl and jq",
    }
)

# What clients whose names begin so are ways of using.
_PACKAGES = {"python": "anthropic", "javascript": "@anthropic-ai/sdk"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One client on one fault.

    `fault` is the fault as it stands in a path, such as `drop;how=reset`. `raised` is the class
    of the exception with its package, or of curl and jq the exit codes; None: there was none.
    `cause` is the code or the class of what lies behind it. `status` and `type` are what the
    error says of itself.

    `text_kept` counts the characters that a program had when it ended, and `complete` says
    whether these are all. `noticed` is None if nothing was missing: no text, and no kind of
    event, message_stop least of all. Otherwise it says whether the client raised something.

    `time`: "quick" if it ended with the stream, "limit" if its own limit ended it, "hang" if
    it still waited when the measurement gave up.
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


# What an outcome has in common with the others of its run.
_OF_THE_RUN = ("client", "version", "runtime")


@dataclass(frozen=True, slots=True)
class Run:
    """All outcomes of one client; `measured` is the day, `runtime` what it ran on."""

    client: str
    version: str
    runtime: str
    measured: str
    outcomes: tuple[Outcome, ...] = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """What is compared with what: the client, its version, the runtime's major version."""
        return self.client, self.version, self.runtime


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Everything that was measured: the newest day, the scenario, its characters of text."""

    measured: str
    scenario: str
    characters: int
    runs: tuple[Run, ...]

    def of(self, fault: str) -> list[Outcome]:
        """The outcomes of a fault: by its name all its variants, or of `name;key=value` one."""
        return [one for run in self.runs for one in run.outcomes if fault in (one.name, one.fault)]

    @property
    def sdks(self) -> Mapping[str, str]:
        """The newest measured version of each SDK, by the name of its package."""
        found: dict[str, str] = {}
        for run in sorted(self.runs, key=lambda one: one.measured):
            package = _PACKAGES.get(run.client.partition("-")[0])
            if package is not None:
                found[package] = run.version
        return found

    @property
    def faults(self) -> list[str]:
        """The faults that were measured, as they stand in a path, in the file's order."""
        return list(dict.fromkeys(one.fault for run in self.runs for one in run.outcomes))


NOTHING = Outcomes("", "", 0, ())


def load(path: Path) -> Outcomes:
    """The outcomes of a file that `dumps` wrote."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return Outcomes(**{**data, "runs": tuple(_run(one) for one in data["runs"])})


def dumps(outcomes: Outcomes) -> str:
    """The file's text: JSON with one outcome a line, so that a difference can be read."""
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
