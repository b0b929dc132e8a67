"""The demo as its users know it: by roles and names."""

from __future__ import annotations

from urllib.parse import urlencode

from playwright.sync_api import Locator, Page, expect

# The last status of a scenario begins with one of these.
ENDINGS = ("Complete", "Stopped early", "HTTP")
# A script that keeps what a screen reader is told.
HEARD = """addEventListener("DOMContentLoaded", () => {
  window.heard = [];
  const region = document.querySelector("[aria-live=polite]");
  new MutationObserver(() => heard.push(region.textContent))
    .observe(region, { childList: true, characterData: true, subtree: true });
})"""


class DemoPage:
    """Home's or the demo page's player, with time that passes when the test says so."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.start = page.get_by_role("button", name="Start")
        self.pause = page.get_by_role("button", name="Pause")
        self.resume = page.get_by_role("button", name="Resume")
        self.again = page.get_by_role("button", name="Play again")
        self.step = page.get_by_role("button", name="Step")
        self.reset = page.get_by_role("button", name="Reset")
        self.retry = page.get_by_role("button", name="Retry")
        self.scenario = page.get_by_role("combobox", name="Scenario")
        self.fault = page.get_by_role("combobox", name="Fault")
        self.advice = page.locator("[data-part=advice]")
        self.speed = page.get_by_role("slider", name="Speed")
        self.position = page.get_by_role("slider", name="Position")
        self.events = page.get_by_role("listbox", name="Events")
        self.detail = page.get_by_role("region", name="The chosen event")
        self.compare = page.get_by_role("checkbox", name="without streaming")

    def open(self, query: str = "", path: str = "/demo") -> None:
        """Open the page with a clock that stands still, and wait until its stream is loaded."""
        self.page.clock.install(time="2026-01-01T00:00:00Z")
        self.page.goto(path + query)
        expect(self.status).not_to_have_text("Loading")
        self.page.clock.pause_at("2026-01-01T01:00:00Z")

    def set_speed(self, ms: int) -> None:
        """Move the slider, which phones show on request."""
        pace = self.page.get_by_role("button", name="Pace")
        is_phone = pace.is_visible()
        if is_phone:
            pace.click()
        self.speed.fill(str(ms))
        if is_phone:
            self.page.keyboard.press("Escape")

    def run(self, ms: int) -> None:
        """Let time pass."""
        self.page.clock.run_for(ms)

    def run_to_end(self, slice_ms: int = 5_000, slices: int = 60) -> None:
        """Let time pass until the stream has ended."""
        for _ in range(slices):
            if self.status_text().startswith(ENDINGS):
                return
            self.run(slice_ms)
        raise AssertionError(f"not at the end: {self.status_text()}")

    @property
    def status(self) -> Locator:
        return self.page.locator("[data-part=status]")

    def status_text(self) -> str:
        return self.status.inner_text()

    def readout(self, label: str) -> str:
        """The value beside a label."""
        group = self.page.locator(".stat", has=self.page.get_by_text(label, exact=True))
        return group.locator("dd").inner_text()

    def text(self) -> str:
        """The answer's text, exactly as it stands in the page."""
        script = """() => [...document.querySelectorAll("[data-part=answer] .block-text .block-body")]
            .map((node) => node.textContent).join("")"""
        found: str = self.page.evaluate(script)
        return found

    def shown(self, selector: str) -> list[str]:
        """The exact texts of blocks, by class."""
        script = """(selector) =>
            [...document.querySelectorAll(`[data-part=answer] ${selector} .block-body`)]
            .map((node) => node.textContent)"""
        found: list[str] = self.page.evaluate(script, selector)
        return found

    def event(self, number: int) -> Locator:
        """The row of an event, counted from 1, while it is in sight."""
        return self.page.locator(f"#event-{number}")

    def shows_address(self, **query: str) -> None:
        """Wait until the page's address has exactly this query: it follows what is loaded."""
        expect(self.page).to_have_url(f"/demo?{urlencode(query)}")
