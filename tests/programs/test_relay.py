"""content/programs/relay.py, run by gunicorn, between the simulator and a client."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "content" / "programs"
GOLDENS = ROOT / "tests" / "golden" / "scenarios"

_ADDRESS = re.compile(r"Listening at: (http://\S+)")
_SECONDS = 60.0

FORM = """
<form>
  <input name="question" value="Hello"> <button>Ask</button>
  <button type="button" name="stop">Stop</button> <output></output>
</form>
<script type="module" src="/read-stream.mjs"></script>
"""


def without_ids(stream: bytes) -> bytes:
    """The stream without what is new in every request."""
    return re.sub(rb"\b(msg|req)_\w+", b"", stream)


BEGINNING = b'event: message_start\ndata: {"type":"message_start"}\n\n'
END = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'


@contextmanager
def relay(upstream: str) -> Iterator[str]:
    """Run the relay in front of the API at this address, and give its own address."""
    gunicorn = ("-m", "gunicorn", "--worker-class=gthread", "--threads=4", "--bind=127.0.0.1:0")
    with subprocess.Popen(
        [sys.executable, *gunicorn, "relay:app"],
        cwd=PROGRAMS,
        env={**os.environ, "ANTHROPIC_BASE_URL": upstream, "ANTHROPIC_API_KEY": "any"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            found = (_ADDRESS.search(line) for line in process.stderr)
            address = next((match[1] for match in found if match), None)
            assert address is not None, "gunicorn ended before it listened"
            yield address
        finally:
            process.terminate()


@contextmanager
def upstream(*pieces: bytes, chunked: bool = True, endless: bool = False) -> Iterator[Upstream]:
    """An API that answers one request with these pieces, and then closes the connection.

    An endless one goes on with them as soon as `go_on` is set.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Upstream(listener, pieces, chunked, endless)
        server.start()
        yield server


class Upstream(threading.Thread):
    """Answers one request. `left` is set when the relay has closed the connection meanwhile."""

    def __init__(
        self, listener: socket.socket, pieces: tuple[bytes, ...], chunked: bool, endless: bool
    ) -> None:
        super().__init__(daemon=True)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.go_on = threading.Event()
        self.left = threading.Event()
        self._listener = listener
        self._pieces = pieces
        self._chunked = chunked
        self._endless = endless

    def run(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            self._read_request(connection)
            length = b"transfer-encoding: chunked" if self._chunked else b"connection: close"
            connection.sendall(
                b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n" + length + b"\r\n\r\n"
            )
            self._send(connection)
            if self._endless:
                self.go_on.wait(_SECONDS)
                try:
                    while True:
                        self._send(connection)
                except OSError:
                    self.left.set()

    def _send(self, connection: socket.socket) -> None:
        for piece in self._pieces:
            connection.sendall(self._framed(piece))

    def _read_request(self, connection: socket.socket) -> None:
        # To the end: a connection closed with something unread is reset, and the answer is lost.
        with connection.makefile("rb") as request:
            headers = iter(request.readline, b"\r\n")
            lengths = [line for line in headers if line.lower().startswith(b"content-length:")]
            request.read(int(lengths[0].split(b":")[1]))

    def _framed(self, piece: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(piece), piece) if self._chunked else piece


def ask(address: str, **payload: object) -> httpx2.Response:
    return httpx2.post(f"{address}/answer", json=payload or {"question": "Hi"}, timeout=_SECONDS)


@pytest.mark.parametrize("scenario", ["hello", "overloaded"])
def test_a_stream_arrives_byte_for_byte(site: str, scenario: str) -> None:
    with relay(f"{site}/simulator/{scenario}") as address:
        response = ask(address)

    assert response.status_code == 200
    golden = (GOLDENS / f"{scenario}.sse").read_bytes()
    assert without_ids(response.content) == without_ids(golden)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["x-accel-buffering"] == "no"
    assert response.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("chunked", [True, False], ids=["break", "clean early end"])
def test_a_stream_that_ends_early_ends_with_one_error_event(chunked: bool) -> None:
    with (
        upstream(BEGINNING + b"event: content_bl", chunked=chunked) as api,
        relay(api.url) as address,
    ):
        content = ask(address).content

    assert content.startswith(BEGINNING + b"event: error\ndata: {")
    assert content.endswith(b"\n\n")
    assert content.count(b"event: ") == 2
    assert json.loads(content.split(b"data: ")[2])["error"]["type"] == "api_error"


def test_an_event_in_two_pieces_is_handed_on_whole() -> None:
    with (
        upstream(BEGINNING + END[:9], END[9:], chunked=False) as api,
        relay(api.url) as address,
    ):
        assert ask(address).content == BEGINNING + END


def test_a_refusal_before_the_stream_keeps_its_status(site: str) -> None:
    with relay(f"{site}/simulator/nothing") as address:
        response = ask(address)

    assert response.status_code == 404
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["type"] == "not_found_error"


def test_an_api_out_of_reach_is_a_bad_gateway() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with relay(f"http://127.0.0.1:{port}") as address:
        response = ask(address)

    assert response.status_code == 502
    assert response.json()["error"]["type"] == "api_error"


def test_a_request_without_a_question_never_reaches_the_api(site: str) -> None:
    with relay(f"{site}/simulator/hello") as address:
        assert ask(address, model="claude-fable-5-2").status_code == 400


def test_the_request_to_the_api_ends_when_the_visitor_leaves() -> None:
    with upstream(BEGINNING, endless=True) as api, relay(api.url) as address:
        with httpx2.stream("POST", f"{address}/answer", json={"question": "Hi"}) as response:
            next(response.iter_bytes())

        api.go_on.set()
        assert api.left.wait(_SECONDS)


def open_page(page: Page, address: str) -> None:
    """The page of the guide, on the relay's own origin."""
    script = PROGRAMS / "read-stream.mjs"
    page.route(f"{address}/", lambda route: route.fulfill(body=FORM, content_type="text/html"))
    page.route(
        f"{address}/read-stream.mjs",
        lambda route: route.fulfill(path=script, content_type="text/javascript"),
    )
    page.goto(f"{address}/")
    page.get_by_role("button", name="Ask").click()


def test_a_page_shows_the_text_of_the_answer(page: Page, site: str) -> None:
    message = json.loads((GOLDENS / "hello.json").read_text(encoding="utf-8"))
    with relay(f"{site}/simulator/hello") as address:
        open_page(page, address)
        expect(page.locator("output")).to_have_text(
            message["content"][0]["text"], timeout=_SECONDS * 1000
        )


def test_a_page_shows_what_came_before_an_error_and_says_so(page: Page, site: str) -> None:
    said = re.compile("It is a better question.*overloaded_error: Overloaded", re.DOTALL)
    with relay(f"{site}/simulator/overloaded") as address:
        open_page(page, address)
        expect(page.locator("output")).to_have_text(said, timeout=_SECONDS * 1000)


def test_a_page_can_stop_an_answer(page: Page) -> None:
    delta = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"x"}}'
    event = b"event: content_block_delta\ndata: " + delta + b"\n\n"
    with upstream(event, endless=True) as api, relay(api.url) as address:
        open_page(page, address)
        expect(page.locator("output")).to_contain_text("x", timeout=_SECONDS * 1000)
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("output")).to_contain_text("aborted", timeout=_SECONDS * 1000)

        api.go_on.set()
        assert api.left.wait(_SECONDS)
