"""The cost of a request for a page, compared with the least possible and with rendering."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from tools.bench.load import BadResponse, Load, drive, first_response
from tools.bench.machine import cpu_seconds, on_cores, some_cores
from tools.bench.peers import PATHS, SITE_URL
from tools.bench.report import Table, headings, row
from tools.bench.rounds import in_turn, medians
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


_Rounds = Mapping[str, Sequence[Figures]]
_HEADINGS = headings(_COMMANDS, "request")


def _cpu_table(results: Mapping[Case, _Rounds]) -> Table:
    rows = tuple(
        row(case.name, medians(found, lambda one: one.cpu)) for case, found in results.items()
    )
    title = f"Server CPU a request, in µs: less is better (medians of {_ROUNDS} rounds)"
    return Table(title, _HEADINGS, rows)


def _rate_table(results: Mapping[Case, _Rounds]) -> Table:
    rows = tuple(
        (
            *row(case.name, medians(found, lambda one: one.rate)),
            f"{max(medians(found, lambda one: one.client)):.0%}",
        )
        for case, found in results.items()
    )
    title = f"Requests a second: more is better (medians of {_ROUNDS} rounds of {_SECONDS:g} s)"
    return Table(title, (*_HEADINGS, "client busy at most"), rows)


def _measure_case(case: Case, servers: Mapping[str, Server]) -> _Rounds:
    measures = {name: partial(_measure_once, case, one) for name, one in servers.items()}
    return in_turn(measures, _ROUNDS)


def _measure_once(case: Case, server: Server) -> Figures:
    url = server.url + case.path
    headers = _headers(url, case.status)
    before = cpu_seconds(server.pid)
    load: Load = drive(url, headers, case.status, case.connections, _SECONDS)
    used = cpu_seconds(server.pid) - before
    return Figures(load.requests / load.seconds, 1e6 * used / load.requests, load.busy)


def _headers(url: str, status: int) -> dict[str, str]:
    """A browser's headers: for a 304, with the ETag of its page."""
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
