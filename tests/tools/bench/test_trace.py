"""The tasks of a trace that count."""

from __future__ import annotations

import json
from typing import Any

from tools.bench.trace import Task, main_thread_tasks

PAGE, SPARE, BROWSER = 10, 20, 30


def thread(process: int, name: str) -> dict[str, Any]:
    return {"name": "thread_name", "ph": "M", "pid": process, "tid": 1, "args": {"name": name}}


def task(process: int, wall_us: int, cpu_us: int, name: str = "RunTask") -> dict[str, Any]:
    times = {"dur": wall_us, "tdur": cpu_us}
    return {"name": name, "ph": "X", "pid": process, "tid": 1, "args": {}, **times}


def trace(*events: dict[str, Any]) -> bytes:
    names = [
        thread(PAGE, "CrRendererMain"),
        thread(SPARE, "CrRendererMain"),
        thread(BROWSER, "CrBrowserMain"),
    ]
    return json.dumps({"traceEvents": [*names, *events]}).encode()


def test_the_tasks_of_the_busiest_pages_main_thread_count() -> None:
    found = main_thread_tasks(
        trace(task(PAGE, 3000, 2500), task(SPARE, 9000, 100), task(PAGE, 1000, 1000))
    )
    assert found == [Task(3.0, 2.5), Task(1.0, 1.0)]


def test_the_browsers_own_tasks_do_not_count() -> None:
    found = main_thread_tasks(trace(task(BROWSER, 9000, 9000), task(PAGE, 1000, 900)))
    assert found == [Task(1.0, 0.9)]


def test_what_happens_inside_a_task_is_not_a_task() -> None:
    found = main_thread_tasks(trace(task(PAGE, 3000, 3000), task(PAGE, 2000, 2000, "Layout")))
    assert found == [Task(3.0, 3.0)]


def test_a_trace_without_a_page_has_no_tasks() -> None:
    assert main_thread_tasks(trace()) == []
