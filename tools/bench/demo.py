"""The demo in a real browser, with streams far longer than usual, against an ordinary page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from streamguide.content import load_content
from tools import browser
from tools.bench.report import Table, number, percentile, row
from tools.bench.rounds import in_turn
from tools.bench.streams import REPLACED, Stream, long_text, many_events
from tools.bench.trace import CATEGORIES, LONG_TASK_MS, Task, main_thread_tasks
from tools.server import running

_HERE = Path(__file__).parent
_RUNS = 3
# About one and a half heights of the list a step: faster than anyone reads, and every row is new.
_SCROLL_STEPS = 600
_PLACES = [place / 20 for place in range(21)]

_NUMBERS = dict[str, float]


class WrongResult(AssertionError):
    """A page did not show what its plan says: its figures are worth nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A page to measure: its name in the tables, its address, and whether it is ours."""

    name: str
    path: str
    is_ours: bool = True


_TYPED = Subject("demo, typewriter", f"/demo?scenario={REPLACED}&mode=typewriter&speed=0")
_SENT = Subject("demo, as sent", f"/demo?scenario={REPLACED}&mode=sent&speed=0")
_ORDINARY = Subject("ordinary page", "/bench/ordinary.html", is_ours=False)
# For scrolling, the ordinary page gets all rows at once: playing so many events takes it minutes.
_FILLED = Subject("ordinary page", "/bench/ordinary.html?filled", is_ours=False)


def measure() -> tuple[list[Table], str]:
    """Both tables, and the version of the browser that they are about."""
    library = load_content()
    path = browser.ensure()
    with running() as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=browser.LAUNCH_FLAGS)
        long, many = long_text(library), many_events(library)
        tables = [
            _table(
                _long_title(long),
                lambda subject: _measure_playing(chromium, site.url, subject, long),
                (_TYPED, _SENT, _ORDINARY),
            ),
            _table(
                _many_title(many),
                lambda subject: _measure_scrolling(chromium, site.url, subject, many),
                (_TYPED, _SENT, _FILLED),
            ),
        ]
        version = f"Chromium {chromium.version}"
        chromium.close()
    return tables, version


def _long_title(stream: Stream) -> str:
    size = f"{len(stream.text):,} characters in {len(stream.frames):,} events"
    return f"A text of {size}, played at 0 ms (medians of {_RUNS} runs)"


def _many_title(stream: Stream) -> str:
    steps = f"scrolled from top to bottom in {_SCROLL_STEPS} steps, one a frame"
    return f"{len(stream.frames):,} events, played at 0 ms, then {steps} (medians of {_RUNS} runs)"


def _table(
    title: str, one: Callable[[Subject], _NUMBERS], subjects: tuple[Subject, Subject, Subject]
) -> Table:
    found = in_turn({subject.name: partial(one, subject) for subject in subjects}, _RUNS)
    rows = tuple(_row(measure, found) for measure in found[_TYPED.name][0])
    headings = ("", *found, "typewriter ÷ ordinary", "as sent ÷ ordinary")
    return Table(title, headings, rows)


def _row(measure: str, found: Mapping[str, Sequence[_NUMBERS]]) -> tuple[str, ...]:
    def of(runs: Sequence[_NUMBERS]) -> float | None:
        return median(run[measure] for run in runs) if measure in runs[0] else None

    typed, sent, ordinary = map(of, found.values())
    _, typed_cell, ordinary_cell, typed_ratio = row(measure, [typed, ordinary])
    _, sent_cell, _, sent_ratio = row(measure, [sent, ordinary])
    return (measure, typed_cell, sent_cell, ordinary_cell, typed_ratio, sent_ratio)


def _measure_playing(chromium: Browser, url: str, subject: Subject, stream: Stream) -> _NUMBERS:
    """Load the page and play the stream to its end."""
    with _page(chromium, subject, stream) as page:
        _, loading = _traced(chromium, lambda: _load(page, url + subject.path))
        played, playing = _play(chromium, page, stream)
    return {
        **_tasks("loading", loading),
        **_tasks("playing", playing),
        "frames that brought text": played["frames"],
        "from Start to the end, ms": played["ms"],
    }


def _measure_scrolling(chromium: Browser, url: str, subject: Subject, stream: Stream) -> _NUMBERS:
    """Play the stream to its end, then scroll through its events."""
    with _page(chromium, subject, stream) as page:
        _load(page, url + subject.path)
        _, playing = _play(chromium, page, stream)
        script = f"bench.scroll({_SCROLL_STEPS})"
        scrolled, scrolling = _traced(chromium, lambda: page.evaluate(script))
        _check(scrolled["isAtEnd"], f"{page.url}: scrolling did not reach the end")
    return {
        **(_tasks("playing", playing) if subject.is_ours else {}),
        **_tasks("scrolling", scrolling),
        "frame to frame, p50, ms": percentile(scrolled["intervals"], 0.5),
        "frame to frame, p99, ms": percentile(scrolled["intervals"], 0.99),
        "elements in the list at the end": scrolled["elements"],
    }


def _play(chromium: Browser, page: Page, stream: Stream) -> tuple[dict[str, Any], list[Task]]:
    played, tasks = _traced(chromium, lambda: page.evaluate("bench.play()"))
    _check(played["text"] == stream.text, f"{page.url}: the text is not the plan's")
    return played, tasks


def _tasks(phase: str, tasks: Sequence[Task]) -> _NUMBERS:
    return {
        f"longest task while {phase}, ms": max(task.wall for task in tasks),
        f"longest task while {phase}, ms of CPU": max(task.cpu for task in tasks),
        f"tasks over {number(LONG_TASK_MS)} ms of CPU while {phase}": sum(
            task.cpu > LONG_TASK_MS for task in tasks
        ),
    }


@contextmanager
def _page(chromium: Browser, subject: Subject, stream: Stream) -> Iterator[Page]:
    """A page of a fresh context, which gets the stream instead of the scenario's plan.

    At the end, the rows of ours must show their own events.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(path=_HERE / "watch.js")
    page = context.new_page()
    # An ordinary page may well need longer than Playwright's usual half a minute.
    page.set_default_timeout(0)
    body = stream.body
    page.route(
        f"**/demo/plans/{REPLACED}.json",
        lambda route: route.fulfill(body=body, content_type="application/json"),
    )
    page.route("**/bench/*", _serve_own)
    yield page
    if subject.is_ours:
        _check_rows(page, stream)
    context.close()


def _serve_own(route: Route) -> None:
    """The ordinary page comes from this folder, under the site's address."""
    route.fulfill(path=_HERE / Path(urlsplit(route.request.url).path).name)


def _load(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('[data-part="status"][data-kind="ready"]').wait_for(state="attached")


def _traced(chromium: Browser, action: Callable[[], Any]) -> tuple[Any, list[Task]]:
    """An action's result, and the main thread's tasks during it."""
    chromium.start_tracing(categories=list(CATEGORIES))
    result = action()
    return result, main_thread_tasks(chromium.stop_tracing())


def _check_rows(page: Page, stream: Stream) -> None:
    """Look at the list of events at several places: each row must show its own event."""
    for place in _PLACES:
        rows = page.evaluate("place => bench.rowsAt(place)", place)
        _check(len(rows) > 0, f"no row at {place:.0%} of the list")
        for position, shown in rows:
            event = json.loads(stream.frames[position - 1].split("\n")[1].removeprefix("data: "))
            text = event.get("delta", {}).get("text", "").replace("\n", "↵")
            _check(text in shown, f"row {position} shows {shown!r}, without {text!r}")


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise WrongResult(problem)
