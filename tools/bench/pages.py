"""The cost of a request for a page, compared with the least possible and with rendering."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection

from tools.bench.load import Figures, Load, drive
from tools.bench.machine import on_cores, some_cores
from tools.bench.peers import PATHS, SITE_URL
from tools.bench.report import Table, headings, row
from tools.bench.rounds import in_turn, medians
from tools.bench.stream_servers import Server
from tools.server import Process, environment, started

_SECONDS = 1.0
_ROUNDS = 3
_GZIP = {"Accept-Encoding": "gzip"}


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
                name: _server(name, stack.enter_context(started([sys.executable, *it], settings)))
                for name, it in _COMMANDS.items()
            }
        _check_same_bytes(servers)
        with on_cores(client_core):
            results = {case: _measure_case(case, servers) for case in _CASES}
    return [_cpu_table(results), _rate_table(results)], "load client of tools/bench/client.py"


_Rounds = Mapping[str, Sequence[Figures]]
_HEADINGS = headings(_COMMANDS, "request")


def _cpu_table(results: Mapping[Case, _Rounds]) -> Table:
    rows = tuple(
        row(case.name, medians(found, lambda one: 1e6 * one.cpu / one.ended))
        for case, found in results.items()
    )
    title = f"Server CPU a request, in µs: less is better (medians of {_ROUNDS} rounds)"
    return Table(title, _HEADINGS, rows)


def _rate_table(results: Mapping[Case, _Rounds]) -> Table:
    rows = tuple(
        (
            *row(case.name, medians(found, lambda one: one.ended / one.seconds)),
            f"{max(medians(found, lambda one: one.busy)):.0%}",
        )
        for case, found in results.items()
    )
    title = f"Requests per second: more is better (medians of {_ROUNDS} rounds of {_SECONDS:g} s)"
    return Table(title, (*_HEADINGS, "client busy at most"), rows)


def _measure_case(case: Case, servers: Mapping[str, Server]) -> _Rounds:
    measures = {name: partial(_measure_once, case, one) for name, one in servers.items()}
    return in_turn(measures, _ROUNDS)


def _measure_once(case: Case, server: Server) -> Figures:
    headers = _GZIP
    if case.status == 304:
        # As a browser that has the page.
        headers = {**_GZIP, "If-None-Match": _response(server, case.path)[0]["etag"]}
    lines = [f"GET {case.path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    request = "\r\n".join([*lines, "", ""]).encode()
    return drive(server, Load(case.connections, window=_SECONDS), request, case.status)


def _server(name: str, process: Process) -> Server:
    return Server(name, int(process.url.rpartition(":")[2]), process.pid)


def _response(server: Server, path: str) -> tuple[dict[str, str], bytes]:
    """The headers but the date, and the body."""
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", path, headers=_GZIP)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return {name: headers[name] for name in headers.keys() - {"date"}}, response.read()


def _check_same_bytes(servers: Mapping[str, Server]) -> None:
    """All servers must send the same response, or their figures do not compare."""
    for path in PATHS:
        first, *others = [_response(server, path) for server in servers.values()]
        if any(other != first for other in others):
            raise RuntimeError(f"the servers' responses for {path} differ")
