"""What a request for a page costs, against the least that it can cost and against rendering."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from tools.bench.load import BadResponse, Load, drive, first_response
from tools.bench.machine import cpu_seconds, on_cores, some_cores
from tools.bench.peers import PATHS, SITE_URL
from tools.bench.report import Table, number, ratio
from tools.server import Server, environment, started

_SECONDS = 1.0
_ROUNDS = 3
_GZIP = {"Accept-Encoding": "gzip"}
_ETAG = re.compile(rb"^etag: *(\S+)\r$", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date: [^\r]*\r\n", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request: the page, 200 or 304, and how many connections ask at once."""

    path: str
    status: int
    connections: int

    @property
    def name(self) -> str:
        plural = "s" if self.connections > 1 else ""
        return f"{self.path}, {self.status}, {self.connections} connection{plural}"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one server in one case: requests a second, CPU in µs a request, the client's share."""

    rate: float
    cpu: float
    client: float


_COMMANDS = {
    "site": ("app.py",),
    "bare": ("-m", "tools.bench.peers", "bare"),
    "rendered": ("-m", "tools.bench.peers", "rendered"),
}
_SITE, _BARE, _RENDERED = _COMMANDS
_CASES = [
    Case(path, status, connections)
    for status, connections in ((200, 1), (200, 32), (304, 32))
    for path in PATHS
]


def measure() -> tuple[list[Table], str]:
    """The tables of CPU and of rates, and the load client that was used."""
    server_core, client_core = some_cores(2)
    settings = environment({"SITE_URL": SITE_URL})
    with ExitStack() as stack:
        with on_cores(server_core):
            servers = {
                name: stack.enter_context(started([sys.executable, *command], settings))
                for name, command in _COMMANDS.items()
            }
        _check_same_bytes(servers)
        with on_cores(client_core):
            results = {case: _measure_case(case, servers) for case in _CASES}
    return [_cpu_table(results), _rate_table(results)], "load client of tools/bench/load.py"


_Results = dict[Case, dict[str, Figures]]


def _cpu_table(results: _Results) -> Table:
    rows = tuple(
        _row(case.name, [figures[name].cpu for name in _COMMANDS])
        for case, figures in results.items()
    )
    title = f"Server CPU a request, in µs: less is better (medians of {_ROUNDS} rounds)"
    return Table(title, _HEADINGS, rows)


def _rate_table(results: _Results) -> Table:
    rows = tuple(
        (
            *_row(case.name, [figures[name].rate for name in _COMMANDS]),
            f"{max(one.client for one in figures.values()):.0%}",
        )
        for case, figures in results.items()
    )
    title = f"Requests a second: more is better (medians of {_ROUNDS} rounds of {_SECONDS:g} s)"
    return Table(title, (*_HEADINGS, "client busy at most"), rows)


_HEADINGS = ("request", *_COMMANDS, "site ÷ bare", "site ÷ rendered")


def _row(name: str, values: Sequence[float]) -> tuple[str, ...]:
    site, bare, rendered = values
    return (name, *map(number, values), ratio(site, bare), ratio(site, rendered))


def _measure_case(case: Case, servers: Mapping[str, Server]) -> dict[str, Figures]:
    """All servers in turn, round by round, so that a noisy minute harms all alike."""
    rounds: dict[str, list[Figures]] = {name: [] for name in servers}
    for _ in range(_ROUNDS):
        for name, server in servers.items():
            rounds[name].append(_measure_once(case, server))
    return {name: _medians(found) for name, found in rounds.items()}


def _measure_once(case: Case, server: Server) -> Figures:
    url = server.url + case.path
    headers = _headers(url, case.status)
    before = cpu_seconds(server.pid)
    load: Load = drive(url, headers, case.status, case.connections, _SECONDS)
    used = cpu_seconds(server.pid) - before
    return Figures(load.requests / load.seconds, 1e6 * used / load.requests, load.busy)


def _medians(rounds: Sequence[Figures]) -> Figures:
    return Figures(
        rate=median(one.rate for one in rounds),
        cpu=median(one.cpu for one in rounds),
        client=median(one.client for one in rounds),
    )


def _headers(url: str, status: int) -> dict[str, str]:
    """What a browser sends: for a 304, the ETag of the page that it has."""
    if status != 304:
        return _GZIP
    found = _ETAG.search(first_response(url, _GZIP))
    if not found:
        raise BadResponse(f"{url} has no ETag")
    return {**_GZIP, "If-None-Match": found[1].decode()}


def _check_same_bytes(servers: Mapping[str, Server]) -> None:
    """All servers must send the same response, or their figures do not compare."""
    for path in PATHS:
        answers = {
            _DATE.sub(b"", first_response(one.url + path, _GZIP)) for one in servers.values()
        }
        if len(answers) != 1:
            raise BadResponse(f"the servers' responses for {path} differ")
