"""What clients do on the faults that matter most: `content/clients.toml` says which clients there
are, and `content/clients.json`, which `make clients` writes, what each was measured to do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from streamguide.content_file import STRICT, checked, inside, parse
from streamguide.guide.markup import fenced, table
from streamguide.guide.programs import GuideProgram, read_program

Verdict = Literal["whole", "error", "aside", "unnoticed", "waits"]

# Streams that hold the whole answer, though it may be late.
_WHOLE = ("none", "stall", "slow-first-token")


@dataclass(frozen=True, slots=True)
class Result:
    """A client's program on one fault, which is named as in a path.

    `limit` is the client's own time limit in seconds; None where it is longer than any run.
    `raised` is the class of the error that ended the program, or its exit status; None without an
    error. `aside` names what else tells of the fault: a callback, or the stop reason if it is not
    that of the whole answer. `characters` is the length of the text that was printed, and `seconds`
    the time from the first request to the end of the last response, for the server.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    fault: str
    limit: float | None
    raised: str | None
    aside: str | None
    requests: int
    characters: int
    complete: bool
    seconds: float

    @property
    def name(self) -> str:
        """The fault's name, without parameters."""
        return self.fault.partition(";")[0]

    @property
    def verdict(self) -> Verdict:
        """What a program of this client knows of the fault."""
        if self.raised is not None:
            return "error"
        if self.complete and self.limit is not None:
            return "waits"
        if self.complete and self.name in _WHOLE:
            return "whole"
        return "aside" if self.aside else "unnoticed"

    @property
    def words(self) -> str:
        """The verdict as a mark and a word or two, in Markdown."""
        text = {
            "whole": "● whole",
            "error": "▲ error",
            "aside": f"**✕ only `{self.aside}`**",
            "unnoticed": "**✕ unnoticed**",
            "waits": "**… waits on**",
        }[self.verdict]
        is_retried = self.verdict == "error" and self.requests > 1
        return f"{text}, {self.requests} requests" if is_retried else text


@dataclass(frozen=True, slots=True)
class MeasuredClient:
    """What a client was measured to do, and the versions of its packages."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    client: str
    versions: Mapping[str, str]
    results: tuple[Result, ...]

    @property
    def on_faults(self) -> list[Result]:
        """The results without that of the whole stream, which is the same for all."""
        return [result for result in self.results if result.fault != "none"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """The file: the day, the versions of the runtimes, the scenario, the number of its characters,
    and the clients in the order of `clients.toml`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    measured: str
    runtimes: Mapping[str, str]
    scenario: str
    characters: int
    clients: tuple[MeasuredClient, ...]


@dataclass(frozen=True)
class Client:
    """A client: the head of `clients.toml` describes the fields."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    title: str
    program: str
    install: str
    packages: tuple[str, ...]
    base_url: str
    reason: str = ""
    field: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Clients:
    """All clients with their programs by file name, and what was measured."""

    clients: tuple[Client, ...]
    programs: Mapping[str, GuideProgram]
    measurement: Measurement

    @cached_property
    def measured(self) -> Mapping[str, MeasuredClient]:
        """What was measured, by the client's name."""
        return {one.client: one for one in self.measurement.clients}

    def results(self) -> Iterator[tuple[Client, Result]]:
        """Every client with each of its results."""
        for client in self.clients:
            for result in self.measured[client.name].results:
                yield client, result


@with_config(STRICT)
class _ClientsFile(TypedDict):
    clients: tuple[Client, ...]


_CLIENTS = TypeAdapter(_ClientsFile)
_MEASUREMENT = TypeAdapter(Measurement)
NOTHING = Clients((), {}, Measurement("", {}, "", 0, ()))


def load(folder: Path) -> Clients:
    """Read clients, programs and measurement from the folder `content`. Raises ContentError.

    Clients that have not been measured are left out: the site runs, and measures them.
    """
    path = folder / "clients.json"
    measurement = NOTHING.measurement
    if path.exists():
        with inside(path.name):
            measurement = checked(_MEASUREMENT, json.loads(path.read_text(encoding="utf-8")))
    measured = {one.client for one in measurement.clients}
    clients = [one for one in load_clients(folder / "clients.toml") if one.name in measured]
    programs = {one.program: read_program(folder / "clients" / one.program) for one in clients}
    return Clients(tuple(clients), programs, measurement)


def load_clients(path: Path) -> tuple[Client, ...]:
    """The clients of a file. Raises ContentError."""
    with inside(path.name):
        return checked(_CLIENTS, parse(path.read_text(encoding="utf-8")))["clients"]


def dumps(measurement: Measurement) -> str:
    """The file's text: JSON with a line for each result, so that differences are readable."""
    data = _MEASUREMENT.dump_python(measurement, mode="json")
    clients = ",\n".join(_measured_text(one) for one in data.pop("clients"))
    return f'{_dumps(data)[:-1]}, "clients": [\n{clients}\n]}}\n'


def client_matrix(clients: Clients) -> str:
    """A column for each client and a row for each fault, with the verdicts; then the versions."""
    if not clients.clients:
        return "Nothing has been measured."
    head = ("Fault", *(client.title for client in clients.clients))
    every = [clients.measured[client.name].on_faults for client in clients.clients]
    rows = [
        (_fault(results[0]), *(result.words for result in results))
        for results in zip(*every, strict=True)
    ]
    return f"{table(head, rows)}\n\n{_measured_with(clients)}"


def client_sections(clients: Clients) -> str:
    """A section for each client: its program, and its result on each fault."""
    return "\n\n".join(_section(client, clients) for client in clients.clients)


def _section(client: Client, clients: Clients) -> str:
    measured = clients.measured[client.name]
    program = clients.programs[client.program]
    characters = clients.measurement.characters
    rows = [
        (
            _fault(result),
            _gets(result),
            str(result.requests),
            _characters(result, characters),
            f"{result.seconds:.1f}",
        )
        for result in measured.on_faults
    ]
    parts = [
        f"### {client.title} {{#{client.name}}}",
        f"{_versions(measured.versions)}: `{client.install}`. {client.base_url}",
        fenced(program.language, program.text),
        table(("Fault", "The program gets", "Requests", "Characters", "Seconds"), rows),
    ]
    return "\n\n".join(parts)


def _fault(result: Result) -> str:
    limit = "" if result.limit is None else f", limit {result.limit:g} s"
    return f"[`{result.fault}`](/guide/faults#fault-{result.name}){limit}"


def _gets(result: Result) -> str:
    match result.verdict:
        case "error":
            return f"`{result.raised}`"
        case "aside":
            return f"no error; only `{result.aside}` tells"
        case "unnoticed":
            return "**nothing**"
        case "waits":
            return "the whole answer, after the limit"
    return "the whole answer"


def _characters(result: Result, all_of_them: int) -> str:
    if result.complete:
        return "all"
    return f"{result.characters} of {all_of_them}" if result.characters else "none"


def _measured_with(clients: Clients) -> str:
    versions = [_versions(one.versions) for one in clients.measurement.clients if one.versions]
    runtimes = _versions(clients.measurement.runtimes)
    return f"Measured on {clients.measurement.measured}: {', '.join(versions)}, on {runtimes}."


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _measured_text(data: dict[str, Any]) -> str:
    results = ",\n".join(_dumps(result) for result in data.pop("results"))
    return f'{_dumps(data)[:-1]}, "results": [\n{results}\n]}}'


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
