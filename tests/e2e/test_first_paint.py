"""A page is painted when all of it has come: what is painted in part moves when the rest comes."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser, Page, Route, expect

EXPECT = b'<link rel="expect" href="#end" blocking="render">'
IS_PAINTED = "performance.getEntriesByType('paint').length > 0"


@contextmanager
def half_sent(html: bytes, rest: threading.Event) -> Iterator[str]:
    """The address of a page whose second half waits for `rest`."""
    half = html.index(b"<footer")

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
