"""The client of stream_client.c: compiled here, run on one server at a time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bench.machine import NotHere, busy_now, cpu_seconds, family, resident_bytes
from bench.stream_servers import Server
from scripts.process import run

_SOURCE = Path(__file__).with_name("stream_client.c")
_PROGRAM = Path(__file__).parent.parent / "build" / "stream_client"
_COMPILE_SECONDS = 60.0
_LOOK_SECONDS = 0.1
# Beyond what it was told to take, before the client counts as stuck.
_SPARE_SECONDS = 60.0


class BadStream(RuntimeError):
    """A server sent something else than whole streams: its figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """So many streams at once, each asked for again once it has ended.

    They begin one after the other over `ramp` seconds; what comes in the `window` seconds after
    `warm` is counted. `pace` is the time in ms from event to event, 0 for none.
    """

    streams: int
    pace: float = 0
    ramp: float = 0
    warm: float = 0
    window: float = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What came in the window. Times are in ms; `busy` is the client's share of a core, 0 to 1.

    Over the whole run: `all_events`, `cpu`, which is the server's in seconds, `memory`, its
    largest in bytes, and `others`, what other programs took of all cores, 0 to 1.
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
    busy: float
    cpu: float
    memory: int
    others: float


def compiled() -> Path:
    """The program, compiled if its source is newer. Raises NotHere without a compiler."""
    if _PROGRAM.exists() and _PROGRAM.stat().st_mtime >= _SOURCE.stat().st_mtime:
        return _PROGRAM
    compiler = shutil.which("cc")
    if compiler is None:
        raise NotHere("the load client needs a C compiler (Debian, Ubuntu: apt install gcc)")
    _PROGRAM.parent.mkdir(exist_ok=True)
    command = (compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", str(_PROGRAM), str(_SOURCE))
    ended = run(command, seconds=_COMPILE_SECONDS)
    if not ended.ok:
        raise NotHere(f"the load client cannot be compiled, which needs Linux:\n{ended.output}")
    return _PROGRAM


def drive(server: Server, load: Load) -> Figures:
    """Put the load on the server. Raises BadStream."""
    times = [1000 * load.ramp, 1000 * load.warm, 1000 * load.window]
    # A pace that only splits writes is no schedule.
    schedule = load.pace if load.pace >= 1 else 0
    command = [
        str(compiled()),
        *(f"{n:.0f}" for n in (server.port, load.streams, *times, schedule)),
    ]
    before, busy_before, started = _cpu(server), busy_now(), time.monotonic()
    memory = _memory(server)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as client:
        assert client.stdin is not None
        client.stdin.write(server.request(load.pace))
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
    others = (busy_now() - busy_before - cpu) / took - found["busy"]
    share = max(0.0, others / len(os.sched_getaffinity(0)))
    figures = Figures(cpu=cpu, memory=memory, others=share, **found)
    if figures.ended and figures.fewest != figures.most:
        raise BadStream(f"{server.name}: streams of {figures.fewest} to {figures.most} events")
    return figures


def _wait(client: subprocess.Popen[bytes]) -> None:
    try:
        client.wait(_LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _cpu(server: Server) -> float:
    return sum(map(cpu_seconds, family(server.pid)))


def _memory(server: Server) -> int:
    return sum(map(resident_bytes, family(server.pid)))
