"""A load on one server at a time: the client of client.py in a process of its own, and figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from tools.bench.machine import (
    QUIET,
    busy_now,
    cpu_seconds,
    family,
    resident_bytes,
    settle,
)
from tools.bench.stream_servers import Server
from tools.process import ROOT

_LOOK_SECONDS = 0.1
# The time beyond its load after which the client counts as stuck.
_SPARE_SECONDS = 60.0
# With fewer events than this share of those that are due, the streams are not all open.
_DUE = 0.9
_TRIES = 4


class BadStream(RuntimeError):
    """A server sent something else than whole streams: its figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """A number of streams or pages at once, each of which is requested again when it has ended.

    They begin one after the other over `ramp` seconds; the events of the `window` seconds after
    `warm` count. `pace` is the time in ms from event to event, 0 for none.
    """

    streams: int
    pace: float = 0
    ramp: float = 0
    warm: float = 0
    window: float = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of the window. Times are in ms; `busy` is the client's share of a core, 0 to 1.

    `late` is against the first event of a stream, `age` against the time that `ages` events had in
    them.
    Over the whole run: `all_events`, `cpu`, which is the server's in seconds, `memory`, its
    largest in bytes, `source_busy`, the upstream's share of a core, and `others`, what other
    programs took of all cores, 0 to 1.
    """

    seconds: float
    events: int
    reads: int
    all_events: int
    ended: int
    fewest: int
    most: int
    first_byte_p50: float
    first_byte_p99: float
    late_p50: float
    late_p99: float
    first_event_p50: float
    first_event_p99: float
    age_p50: float
    age_p99: float
    ages: int
    busy: float
    cpu: float
    memory: int
    source_busy: float
    others: float

    @property
    def cpu_per_event(self) -> float:
        """CPU of the server, in µs."""
        return 1e6 * self.cpu / self.all_events


def drive(server: Server, load: Load, request: bytes | None = None, status: int = 200) -> Figures:
    """Put the load on the server. Raises BadStream.

    Without a `request` of its own, each asks for a stream.
    """
    times = [1000 * load.ramp, 1000 * load.warm, 1000 * load.window]
    # A pace that only splits writes is no schedule.
    schedule = load.pace if load.pace >= 1 else 0
    numbers = (server.port, load.streams, *times, schedule, status)
    command = [sys.executable, "-m", "tools.bench.client", *(f"{n:.0f}" for n in numbers)]
    before, source_before = _cpu(server), _source_cpu(server)
    busy_before, started = busy_now(), time.monotonic()
    memory = _memory(server)
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as client:
        assert client.stdin is not None
        client.stdin.write(request or server.request(load.pace))
        client.stdin.close()
        client.stdin = None
        limit = load.warm + load.window + _SPARE_SECONDS
        while client.poll() is None and limit > 0:
            memory = max(memory, _memory(server))
            limit -= _LOOK_SECONDS
            _wait(client)
        client.kill()
        output, problem = client.communicate()
    if client.returncode != 0:
        raise BadStream(f"{server.name}, {load}: {problem.decode().strip() or 'time was up'}")
    found = json.loads(output)
    cpu, took = _cpu(server) - before, time.monotonic() - started
    source = _source_cpu(server) - source_before
    others = (busy_now() - busy_before - cpu - source) / took - found["busy"]
    share = max(0.0, others / len(os.sched_getaffinity(0)))
    figures = Figures(cpu=cpu, memory=memory, source_busy=source / took, others=share, **found)
    if figures.ended and figures.fewest != figures.most:
        raise BadStream(f"{server.name}: streams of {figures.fewest} to {figures.most} events")
    return figures


def undisturbed(server: Server, load: Load) -> Figures:
    """The load, and again where others disturbed it.

    Whether they did is asked first, and not what came out.
    """
    tries = 0
    while True:
        settle()
        figures = drive(server, load)
        tries += 1
        if figures.others < QUIET or tries == _TRIES:
            return figures


def on_time(figures: Figures, load: Load, figure: Callable[[Figures], float]) -> float:
    """A figure of lateness in ms; infinite where events are missing.

    Then the streams were not all open, and what did come says nothing.
    """
    due = load.streams * load.window * 1000 / load.pace
    return figure(figures) if figures.events >= _DUE * due else inf


def _wait(client: subprocess.Popen[bytes]) -> None:
    try:
        client.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _cpu(server: Server) -> float:
    return sum(map(cpu_seconds, _processes(server)))


def _source_cpu(server: Server) -> float:
    return cpu_seconds(server.source) if server.source else 0.0


def _memory(server: Server) -> int:
    return sum(map(resident_bytes, _processes(server)))


def _processes(server: Server) -> list[int]:
    """Its own: an upstream that is asked directly is no server of its streams, but their source."""
    return [pid for pid in (*family(server.pid), *server.helpers) if pid != server.source]
