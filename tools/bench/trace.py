"""The tasks of a page's main thread, from a trace that Chromium recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# The category in which Chromium's own performance panel finds tasks, and none of those that are on
# by default, because tracing itself costs time.
CATEGORIES = ("-*", "disabled-by-default-devtools.timeline")

LONG_TASK_MS = 50.0

_Events = Iterable[Mapping[str, Any]]
_Thread = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Task:
    """One task: how long it took and how long the thread ran meanwhile, in ms.

    `cpu` leaves out the time in which the system ran another program on the core.
    """

    wall: float
    cpu: float


def main_thread_tasks(trace: bytes) -> list[Task]:
    """The tasks of the busiest page's main thread: scripts, style, layout and paint."""
    events = json.loads(trace)["traceEvents"]
    threads = _main_threads(events)
    tasks = [
        ((event["pid"], event["tid"]), Task(event["dur"] / 1000, event.get("tdur", 0) / 1000))
        for event in events
        if event["name"] == "RunTask" and event["ph"] == "X"
    ]
    # A browser keeps a spare process for the next page, which has a main thread, too.
    busy: Counter[_Thread] = Counter()
    for thread, task in tasks:
        if thread in threads:
            busy[thread] += round(task.cpu * 1000)
    page = max(busy, key=busy.__getitem__, default=None)
    return [task for thread, task in tasks if thread == page]


def _main_threads(events: _Events) -> set[_Thread]:
    return {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
