"""Screenshots of every page and of the demo's states, at three widths and in both themes.

`make shots` writes them to `shots/`, which git ignores. `make shots ONLY=demo` writes only
those whose name contains the word; README_SHOT=1 also renews the picture in README.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools import browser
from tools.process import ROOT
from tools.server import live, running

FOLDER = ROOT / "shots"
README_PICTURE = ROOT / "docs" / "home.png"
WIDTHS = (360, 768, 1440)
THEMES = ("light", "dark")


def _nothing(page: Page) -> None:
    """The page as it loads."""


def _stop_home(page: Page) -> None:
    page.get_by_role("button", name="Reset").click()
    for _ in range(14):
        page.get_by_role("button", name="Step").click()


def _finish(page: Page) -> None:
    page.get_by_role("button", name="Start").click()
    page.get_by_role("button", name="Play again").wait_for()


def _run(page: Page) -> None:
    page.get_by_role("button", name="Run it here").click()
    page.get_by_role("button", name="Run again").wait_for()
    page.locator("[data-part=journal] tbody tr").wait_for()


def _ask(page: Page, prompt: str) -> None:
    page.get_by_label("Prompt").fill(prompt)
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("button", name="Replay").and_(page.locator(":enabled")).wait_for()


def _ask_whole(page: Page) -> None:
    _ask(page, "simulate: thinking/slow;factor=0")


def _ask_cut(page: Page) -> None:
    _ask(page, "simulate: hello/slow;factor=0+drop;at=12")


def _focus_event(page: Page) -> None:
    page.get_by_role("listbox").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, the address, and what is done before it is taken.

    `live` is for a site with live mode on, which asks the simulator.
    """

    name: str
    path: str
    prepare: Callable[[Page], None] = _nothing
    live: bool = False


SHOTS = (
    Shot("home", "/", _stop_home),
    Shot("demo-ready", "/demo"),
    Shot("demo-paused", "/demo?scenario=thinking&event=14&speed=30"),
    Shot("demo-tool", "/demo?scenario=two-tools&event=30&mode=sent", _focus_event),
    Shot("demo-finished", "/demo?scenario=markdown&compare=1&speed=0", _finish),
    Shot("demo-early", "/demo?scenario=refusal-midway&speed=0", _finish),
    Shot("demo-error", "/demo?scenario=overloaded&event=17"),
    Shot("simulator", "/simulator?scenario=hello&fault=drop%3Bat%3D9", _run),
    Shot("record", "/record"),
    Shot("generator", "/generator?recovery=resume&usage=1"),
    Shot("models", "/models?input=10000&cached=8000&output=1000"),
    Shot("models-wrong", "/models?input=many&colour=red"),
    Shot("inspect", "/inspect"),
    Shot("inspect-found", "/inspect#corpus=usage-zero&event=6"),
    Shot("inspect-cost", "/cost#scenario=two-tools"),
    Shot("live-off", "/live"),
    Shot("live-ready", "/live", live=True),
    Shot("live-finished", "/live", _ask_whole, live=True),
    Shot("live-cut", "/live", _ask_cut, live=True),
    Shot("events", "/guide/events"),
    # The figures, the longest programs, and the most tables.
    Shot("guide-streaming", "/guide/streaming"),
    Shot("guide-browser", "/guide/browser"),
    Shot("guide-errors", "/guide/errors"),
    Shot("guide-blocks", "/guide/blocks"),
    Shot("guide-changes", "/guide/changes"),
    Shot("guide-faults", "/guide/faults"),
    Shot("guide-overview", "/guide"),
    Shot("not-found", "/no/such/page"),
)


def main() -> None:
    """Take all the pictures that ONLY asks for."""
    FOLDER.mkdir(exist_ok=True)
    only = os.environ.get("ONLY", "")
    path = browser.ensure()
    with (
        running() as server,
        running(live(f"{server.url}/simulator")) as asking,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=path, args=browser.LAUNCH_FLAGS)
        for picture in _take(chromium, server.url, asking.url, only):
            print(picture, flush=True)
        if os.environ.get("README_SHOT"):
            README_PICTURE.parent.mkdir(exist_ok=True)
            _picture(chromium, server.url, SHOTS[0], 1280, "light", README_PICTURE, whole=False)
        chromium.close()


def _take(chromium: Browser, url: str, live_url: str, only: str) -> Iterator[Path]:
    for shot in SHOTS:
        if only not in shot.name:
            continue
        for width in WIDTHS:
            for theme in THEMES:
                target = FOLDER / f"{shot.name}-{width}-{theme}.png"
                _picture(
                    chromium, live_url if shot.live else url, shot, width, theme, target, whole=True
                )
                yield target.relative_to(ROOT)


def _picture(
    chromium: Browser, url: str, shot: Shot, width: int, theme: str, target: Path, *, whole: bool
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(url + shot.path, wait_until="networkidle")
    shot.prepare(page)
    page.screenshot(path=target, full_page=whole)
    context.close()


if __name__ == "__main__":
    main()
