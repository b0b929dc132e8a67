"""The machine of a run: cores, processor, Python; and the CPU and memory of processes, by Linux's /proc."""

from __future__ import annotations

import os
import platform
import re
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path

from tools.process import Missing

_CPU_INFO = Path("/proc/cpuinfo")
# Places in a line of /proc/stat: user, nice, system, steal. Not: idle, waiting, interrupts.
_TAKEN = (0, 1, 2, 7)
# More than there are streams in any measurement, and connections behind them.
_FILES = 8192
# Where other programs take more than this share of the cores, figures are disturbed.
QUIET = 0.05
_SETTLE_SECONDS = 5.0
_LOOK_SECONDS = 0.25


def describe(*more: str) -> str:
    """The machine in one line; `more` are versions of what else took part."""
    cores = os.cpu_count() or 1
    python = f"Python {platform.python_version()}"
    return ", ".join([f"{cores} cores", _processor(), platform.system(), python, *more])


def _processor() -> str:
    """The processor's model where the system tells it, else its architecture."""
    text = _CPU_INFO.read_text(encoding="utf-8") if _CPU_INFO.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def some_cores(count: int) -> list[int]:
    """The first of the cores that this process may use. Raises Missing."""
    if not hasattr(os, "sched_getaffinity"):
        raise Missing("this part pins processes to cores, which needs Linux")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < count:
        raise Missing(f"this part needs {count} cores")
    return cores[:count]


@contextmanager
def on_cores(*cores: int) -> Iterator[None]:
    """Run on these cores only. A process that is started meanwhile stays there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def allow_files() -> None:
    """Let this process, and those that it starts, have as many files open as streams need."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if most == resource.RLIM_INFINITY else min(_FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [pid, *map(int, children.split())]


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used, in user and system mode."""
    # The name of the program, in brackets, may itself contain spaces and brackets.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def scheduled_seconds(pid: int) -> float:
    """CPU that the first thread of a process has used, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="utf-8").split()[0]) / 1e9


def resident_bytes(pid: int) -> int:
    """Memory of a process that is not swapped out."""
    fields = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def busy_seconds(stat: str, cores: Iterable[int], ticks: int) -> float:
    """CPU that programs and other virtual machines took of these cores, by /proc/stat's text."""
    lines = {line.split()[0]: line.split()[1:] for line in stat.splitlines()}
    return sum(int(lines[f"cpu{core}"][place]) for core in cores for place in _TAKEN) / ticks


def busy_now() -> float:
    """`busy_seconds` of the cores that this process may use."""
    stat = Path("/proc/stat").read_text(encoding="utf-8")
    return busy_seconds(stat, os.sched_getaffinity(0), os.sysconf("SC_CLK_TCK"))


def settle(
    sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic
) -> None:
    """Wait some seconds until servers have finished the work that the last load left."""
    cores = len(os.sched_getaffinity(0))
    deadline = clock() + _SETTLE_SECONDS
    busy = inf
    while busy > QUIET * cores * _LOOK_SECONDS and clock() < deadline:
        before = busy_now()
        sleep(_LOOK_SECONDS)
        busy = busy_now() - before
