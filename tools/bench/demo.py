"""The demo in a real browser, with streams far longer than usual, against an ordinary page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from streamguide.content import load_content
from tools import browser
from tools.bench.report import Table, number, percentile, ratio
from tools.bench.streams import REPLACED, Stream, long_text, many_events
from tools.bench.trace import CATEGORIES, LONG_TASK_MS, Task, main_thread_tasks
from tools.server import running

_HERE = Path(__file__).parent
_RUNS = 3
# About one and a half heights of the list a step: faster than anyone reads, and every row is new.
_SCROLL_STEPS = 600
_PLACES = [place / 20 for place in range(21)]
# What a row shows of a data line, as static/js/views/events.js cuts it.
_ROW_CHARACTERS = 400

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
    """Run all subjects in turn, so that a noisy minute harms all alike."""
    found: dict[str, list[_NUMBERS]] = {subject.name: [] for subject in subjects}
    for _ in range(_RUNS):
        for subject in subjects:
            found[subject.name].append(one(subject))
    medians = [_medians(runs) for runs in found.values()]
    rows = tuple(_row(measure, medians) for measure in medians[0])
    headings = ("", *found, "typewriter ÷ ordinary", "as sent ÷ ordinary")
    return Table(title, headings, rows)


def _medians(runs: Sequence[_NUMBERS]) -> _NUMBERS:
    return {measure: median(run[measure] for run in runs) for measure in runs[0]}


def _row(measure: str, medians: Sequence[_NUMBERS]) -> tuple[str, ...]:
    """A dash for what the ordinary page did not do."""
    typed, sent, ordinary = (figures.get(measure) for figures in medians)
    assert typed is not None and sent is not None
    ours = (measure, number(typed), number(sent))
    if ordinary is None:
        return (*ours, "–", "–", "–")
    return (*ours, number(ordinary), ratio(typed, ordinary), ratio(sent, ordinary))


def _measure_playing(chromium: Browser, url: str, subject: Subject, stream: Stream) -> _NUMBERS:
    """Load the page and play the stream to its end."""
    with _page(chromium, stream) as page:
        loading = _traced(chromium, lambda: _load(page, url + subject.path))
        played: dict[str, Any] = {}
        playing = _traced(chromium, lambda: played.update(page.evaluate("bench.play()")))
        _check(played["text"] == stream.text, f"{subject.name}: the text is not the plan's")
        if subject.is_ours:
            _check_rows(page, stream)
    return {
        **_tasks("loading", loading),
        **_tasks("playing", playing),
        "frames that brought text": played["frames"],
        "from Start to the end, ms": played["ms"],
    }


def _measure_scrolling(chromium: Browser, url: str, subject: Subject, stream: Stream) -> _NUMBERS:
    """Play the stream to its end, then scroll through its events."""
    with _page(chromium, stream) as page:
        _load(page, url + subject.path)
        played: dict[str, Any] = {}
        playing = _traced(chromium, lambda: played.update(page.evaluate("bench.play()")))
        _check(played["text"] == stream.text, f"{subject.name}: the text is not the plan's")
        scrolled: dict[str, Any] = {}
        script = f"bench.scroll({_SCROLL_STEPS})"
        scrolling = _traced(chromium, lambda: scrolled.update(page.evaluate(script)))
        _check(scrolled["isAtEnd"], f"{subject.name}: scrolling did not reach the end")
        if subject.is_ours:
            _check_rows(page, stream)
    return {
        **(_tasks("playing", playing) if subject.is_ours else {}),
        **_tasks("scrolling", scrolling),
        "frame to frame, p50, ms": percentile(scrolled["intervals"], 0.5),
        "frame to frame, p99, ms": percentile(scrolled["intervals"], 0.99),
        "elements in the list at the end": scrolled["elements"],
    }


def _tasks(phase: str, tasks: Sequence[Task]) -> _NUMBERS:
    return {
        f"longest task while {phase}, ms": max(task.wall for task in tasks),
        f"longest task while {phase}, ms of CPU": max(task.cpu for task in tasks),
        f"tasks over {number(LONG_TASK_MS)} ms of CPU while {phase}": sum(
            task.cpu > LONG_TASK_MS for task in tasks
        ),
    }


@contextmanager
def _page(chromium: Browser, stream: Stream) -> Iterator[Page]:
    """A page of a fresh context, which gets the stream in place of the scenario's plan."""
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
    context.close()


def _serve_own(route: Route) -> None:
    """The ordinary page comes from this folder, under the site's address."""
    route.fulfill(path=_HERE / Path(urlsplit(route.request.url).path).name)


def _load(page: Page, address: str) -> None:
    page.goto(address)
    page.locator('[data-part="status"][data-kind="ready"]').wait_for(state="attached")


def _traced(chromium: Browser, action: Callable[[], object]) -> list[Task]:
    """The main thread's tasks during an action."""
    chromium.start_tracing(categories=list(CATEGORIES))
    action()
    return main_thread_tasks(chromium.stop_tracing())


def _check_rows(page: Page, stream: Stream) -> None:
    """Look at the list of events at several places: each row must show its own event."""
    for place in _PLACES:
        rows = page.evaluate("place => bench.rowsAt(place)", place)
        _check(len(rows) > 0, f"no row at {place:.0%} of the list")
        for position, data in rows:
            line = stream.frames[position - 1].split("\n")[1]
            _check(data == line[:_ROW_CHARACTERS], f"row {position} shows {data!r}, not {line!r}")


def _check(holds: bool, problem: str) -> None:
    if not holds:
        raise WrongResult(problem)
