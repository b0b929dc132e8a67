"""A page is painted when it is received whole, and nothing moves after that: a part that is painted
early moves when the rest is received, and a part that the server leaves to a script moves when the
script has loaded."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.test_every_page import SHIFTS

EXPECT = b'<link rel="expect" href="#end" blocking="render">'
IS_PAINTED = "performance.getEntriesByType('paint').length > 0"


@contextmanager
def half_sent(html: bytes, rest: threading.Event) -> Iterator[str]:
    """The address of a page whose last part waits for `rest`, from inside the footer on."""
    half = html.index(b">", html.index(b"<footer")) + 1

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html[:half])
            rest.wait()
            self.wfile.write(html[half:])

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        rest.set()
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_page_that_has_come_in_part_is_not_painted(browser: Browser, site: str) -> None:
    with urllib.request.urlopen(f"{site}/simulator") as response:
        html = response.read()
    assert html.count(EXPECT) == 1
    rest = threading.Event()

    def from_the_site(route: Route) -> None:
        file = route.request.url.partition("/static/")[2]
        route.fulfill(response=route.fetch(url=f"{site}/static/{file}"))

    def opened(url: str) -> Page:
        page = browser.new_page()
        page.route("**/static/**", from_the_site)
        page.goto(url, wait_until="commit")
        expect(page.locator("main h1")).to_be_attached()
        return page

    with half_sent(html, rest) as address, half_sent(html.replace(EXPECT, b""), rest) as other:
        page = opened(address)
        # Without the link the same page is painted; by then this one would have been as well.
        without = opened(other)
        without.wait_for_function(IS_PAINTED, polling=20)
        assert not page.evaluate(IS_PAINTED)
        rest.set()
        page.wait_for_function(IS_PAINTED, polling=20)
        for one in (page, without):
            # A file still on its way would be an error of the test that comes next.
            one.unroute_all(behavior="wait")
            one.close()


# Pages and addresses, each with an element that is there when its scripts have done their work.
PAGES = {
    "/": "[data-part=status]:not([data-kind=loading])",
    "/demo": "[data-part=status]:not([data-kind=loading])",
    "/demo?scenario=two-tools&fault=drop%3Bat%3D9&event=5": "[data-part=detail]:not([hidden])",
    "/simulator?scenario=thinking&fault=drop%3Bat%3D9": "pre:has-text('sk-simulator-')",
    "/live": "main",
    "/generator?recovery=resume&usage=1": "button.copy",
    "/models?input=10000&cached=8000&output=1000": "main",
    "/guide": "main",
    "/guide/errors": "button.copy",
}


UNTIL_PAINTED = """
new Promise((resolve) => {
  new PerformanceObserver(() => resolve()).observe({ type: "paint", buffered: true });
})
"""
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


# The larger windows show what is below the stage, too.
@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1600), (1440, 1600)])
def test_nothing_moves_when_the_scripts_come_after_the_first_paint(
    page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.add_init_script(SHIFTS)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for path, done in PAGES.items():
        held.clear()
        page.route("**/js/pages/*.js", hold)
        page.goto(path, wait_until="commit")
        page.evaluate(UNTIL_PAINTED)
        assert held
        # What is held goes on with this.
        page.unroute("**/js/pages/*.js")
        page.wait_for_load_state()
        expect(page.locator(done).first).to_be_attached()
        page.evaluate(FRAMES)
        assert page.evaluate("shifts") == [], path
