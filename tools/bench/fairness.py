"""How long other visitors wait while many ask for the dearest thing that a route has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tools.bench.dear import REQUESTS, USUAL
from tools.bench.flood import Wait, ask, flood, prepare, serving, waits
from tools.bench.machine import on_cores, scheduled_seconds, some_cores
from tools.bench.report import Table, number, percentile, ratio
from tools.server import Server

_VISITORS = 50
_SECONDS = 5.0
_SHARES = {"p50": 0.5, "p95": 0.95, "max": 1.0}
_HEADINGS = (
    *("50 at once of", "alone, ms of CPU"),
    *(f"{name}, {share}, ms" for name in USUAL for share in _SHARES),
    *("page, p95, ms of CPU", "page, p95 ÷ alone", "peak memory, MB"),
)
_Found = Mapping[str, list[Wait]]


def measure() -> tuple[list[Table], str]:
    """One row for each of the dearest requests."""
    with _site() as site:
        alone = waits(site, _SECONDS)
        rows = [_row("nothing", 0.0, alone, alone, site)]
    rows += [_measured(name, alone) for name in REQUESTS]
    title = f"What others wait while {_VISITORS} ask, for {_SECONDS:g} s: less is better"
    return [Table(title, _HEADINGS, tuple(rows))], "load client of tools/bench/flood.py"


@contextmanager
def _site(live: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A site of its own for each row, on a core of its own: a flood leaves requests behind."""
    server_core, others = some_cores(2)
    with on_cores(others), serving(live, on_cores(server_core)) as site:
        yield site


def _measured(name: str, alone: _Found) -> tuple[str, ...]:
    dear = REQUESTS[name]
    with _site(dear.live) as site:
        prepare(site.url, dear)
        requests = dear.requests(site.url)
        # The first one in a process imports modules.
        ask(site.url, next(requests))
        before = scheduled_seconds(site.pid)
        ask(site.url, next(requests))
        cpu = scheduled_seconds(site.pid) - before
        with flood(site.url, name, _VISITORS):
            found = waits(site, _SECONDS)
        return _row(name, cpu, found, alone, site)


def _row(name: str, cpu: float, found: _Found, alone: _Found, server: Server) -> tuple[str, ...]:
    figures = [_ms(found[usual], share) for usual in USUAL for share in _SHARES.values()]
    row = (
        name,
        number(1000 * cpu),
        *map(number, figures),
        number(1000 * percentile([wait.cpu for wait in found["page"]], 0.95)),
        ratio(_ms(found["page"], 0.95), _ms(alone["page"], 0.95)),
        number(server.most_memory() / 1e6),
    )
    print(" | ".join(row), flush=True)
    return row


def _ms(found: list[Wait], share: float) -> float:
    return 1000 * percentile([wait.seconds for wait in found], share)
