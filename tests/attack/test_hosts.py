"""Requests with a foreign Host (DNS rebinding) read nothing, and redirects stay on the site."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.attack.conftest import served
from tests.attack.raw import Reply, connect, reply
from tests.live.asking import LiveSite, live_site
from tools.server import Server

EVIL = "evil.example"
TELLS = ["/simulator/journal.json", "/simulator/key.json"]
SENT_ON = ["/guide", "/guide//python", "//evil.example/guide", "/\\evil.example", "//simulator"]
# An SSH tunnel has another port.
OWN = ["127.0.0.1:{port}", "localhost:{port}", "[::1]:{port}", "127.0.0.1:18000", "localhost"]


def get(url: str, path: str, host: str, *headers: str, method: str = "GET") -> Reply:
    """The response to a request with this Host."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", "connection: close", *headers, "", ""]
    with connect(url) as connection:
        connection.sendall("\r\n".join(lines).encode())
        return reply(connection)


@pytest.mark.parametrize("path", TELLS)
def test_what_tells_of_others_is_not_told_under_a_foreign_name(server: Server, path: str) -> None:
    for host in (EVIL, f"{EVIL}:8000", "127.0.0.1.evil.example", "localhost.evil.example", "a b"):
        answer = get(server.url, path, host, "x-api-key: any")
        assert answer.status in (400, 403), host
        assert b"requests" not in answer.body and b"sk-simulator" not in answer.body


@pytest.mark.parametrize("path", TELLS)
@pytest.mark.parametrize("host", OWN)
def test_whoever_calls_this_machine_by_one_of_its_names_is_told(
    server: Server, path: str, host: str
) -> None:
    host = host.format(port=urlsplit(server.url).port)
    assert get(server.url, path, host, "x-api-key: any").status == 200


def test_a_site_for_others_answers_to_its_names() -> None:
    settings = {"SITE_URL": "https://example.org", "ALLOWED_HOSTS": "www.example.org"}
    with served("app.py", settings) as known:
        for host, status in [("example.org", 200), ("WWW.example.org:443", 200), (EVIL, 403)]:
            answer = get(known.url, "/simulator/journal.json", host, "x-api-key: any")
            assert answer.status == status, host


@pytest.mark.parametrize("path", SENT_ON)
def test_nobody_is_sent_to_the_host_that_the_request_names(server: Server, path: str) -> None:
    answer = get(server.url, path, EVIL)
    location = answer.headers.get("location", "/")
    assert location.startswith("/") and not location.startswith(("//", "/\\"))
    assert EVIL not in location or location.startswith("/evil.example")


def test_an_address_that_is_corrected_still_leads_to_the_page(server: Server) -> None:
    answer = get(server.url, "/guide//python?a=1", EVIL)
    assert (answer.status, answer.headers["location"]) == (308, "/guide/python?a=1")
    assert httpx2.get(f"{server.url}/guide", follow_redirects=True).status_code == 200


PREFLIGHT = "access-control-request-headers: "


@pytest.mark.parametrize(
    "asked",
    ["x-a,\r\n x-b", "x-a,\r\n\tx-b", "x" * 7000, "x-a\x01", "x-ü", "x\x0by"],
    ids=["folded", "folded with a tab", "huge", "control", "not ASCII", "vertical tab"],
)
def test_an_odd_preflight_is_refused(server: Server, asked: str) -> None:
    host = urlsplit(server.url).netloc
    path = "/simulator/v1/messages"
    answer = get(server.url, path, host, PREFLIGHT + asked, method="OPTIONS")
    assert 400 <= answer.status < 500
    assert "Traceback" not in server.log()


class _Inventive(BaseHTTPRequestHandler):
    """An API whose every error has a new code."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["content-length"])).decode()
        details = {"error_code": f"made-up-{len(asked)}"}
        error = {"type": f"odd-{len(asked)}", "message": "No.", "details": details}
        body = json.dumps({"type": "error", "error": error}).encode()
        self.send_response(400)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def inventive() -> Iterator[str]:
    """The address of such an API."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Inventive)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def live() -> Iterator[LiveSite]:
    """A site whose live mode asks it."""
    with inventive() as api, live_site(api) as found:
        yield found


def test_metrics_are_not_told_under_a_foreign_name(live: LiveSite) -> None:
    assert get(live.url, "/metrics", EVIL).status == 403
    assert get(live.url, "/metrics", urlsplit(live.url).netloc).status == 200


def test_a_code_that_the_api_makes_up_is_told_but_counted_among_the_others(live: LiveSite) -> None:
    codes = {live.ask("a" * length).code for length in (1, 10, 100)}
    assert len(codes) == 3
    assert all(code.startswith("made-up-") for code in codes)
    text = httpx2.get(f"{live.url}/metrics").text
    assert 'live_refusals_total{code="other"} 3.0' in text
    assert "made-up" not in text and "odd-" not in text
