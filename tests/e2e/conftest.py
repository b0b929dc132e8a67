"""What every page must keep to, whatever a test does with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass
class Complaints:
    """What the browser complained about. A test that provokes a complaint names it in `expected`."""

    host: str
    found: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"console: {message.text}")

    def on_error(self, error: Exception) -> None:
        self.found.append(f"error: {error}")

    def on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https") and parts.netloc != self.host:
            self.found.append(f"request to another host: {request.url}")

    def unexpected(self) -> list[str]:
        return [one for one in self.found if not any(part in one for part in self.expected)]


@pytest.fixture(autouse=True)
def complaints(request: pytest.FixtureRequest) -> Iterator[Complaints | None]:
    """Fails a test with a page on any console error, CSP report, script error or foreign request."""
    if "page" not in request.fixturenames:
        yield None
        return
    page: Page = request.getfixturevalue("page")
    seen = Complaints(urlsplit(request.getfixturevalue("base_url")).netloc)
    page.add_init_script(_REPORT_VIOLATIONS)
    page.on("console", seen.on_console)
    page.on("pageerror", seen.on_error)
    page.on("request", seen.on_request)
    yield seen
    assert seen.unexpected() == []
    assert page.context.cookies() == []
