"""When visitors read nothing, read late, or leave in any way, the request to Claude ends."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx2
import pytest

from streamguide.connection import reset_on_close
from streamguide.protocol.sse import encode
from streamguide.reading.events import event_of
from streamguide.reading.frames import FrameParser
from tests.attack.conftest import ONE_COMMAND, served
from tests.attack.hostile import CHUNKED, chunk, events, hostile, whole
from tests.attack.raw import to_the_end
from tests.live.asking import (
    KEY,
    SETTINGS,
    TIMEOUT,
    LiveSite,
    answer_of,
    request_of,
    within,
)
from tests.live.endless import DELTA

BEGIN = events("a").partition(b"event: message_delta")[0]
SILENT, FLOOD = "silent", "flood"
LATEST = 3


class Claude:
    """An upstream that is silent or endless, as the prompt says. `left` counts cancelled requests."""

    def __init__(self) -> None:
        self.is_held = threading.Event()
        self.left = threading.Semaphore(0)

    def answer(self, connection: socket.socket, prompt: str) -> None:
        if prompt not in (SILENT, FLOOD):
            return connection.sendall(whole(prompt))
        connection.sendall(CHUNKED + chunk(BEGIN))
        try:
            if prompt == FLOOD:
                self._flood(connection)
            connection.recv(1)
        finally:
            self.left.release()

    def _flood(self, connection: socket.socket) -> None:
        before = connection.gettimeout()
        connection.settimeout(1)
        try:
            while True:
                connection.sendall(chunk(encode(DELTA)))
        except TimeoutError:
            self.is_held.set()
        connection.settimeout(before)


@contextmanager
def live(command: str) -> Iterator[tuple[LiveSite, Claude]]:
    """A site with one place, served by one of the commands."""
    claude = Claude()
    with hostile(claude.answer) as upstream:
        settings = {
            **SETTINGS,
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": upstream.url,
            # The time limit of idle connections.
            "CLIENT_SECONDS": "2",
            "LIVE_STREAMS": "1",
            "LIVE_SILENCE_SECONDS": "60",
            "LIVE_REQUEST_SECONDS": str(LATEST),
        }
        with served(command, settings) as server:
            yield LiveSite(server, upstream.url), claude


@pytest.fixture(scope="module", params=ONE_COMMAND)
def site(request: pytest.FixtureRequest) -> Iterator[tuple[LiveSite, Claude]]:
    with live(request.param) as found:
        yield found
    log = found[0].server.log()
    assert "Traceback" not in log, log


def close(connection: socket.socket) -> None:
    connection.close()


def reset(connection: socket.socket) -> None:
    reset_on_close(connection)
    connection.close()


def shut(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def send_more_and_close(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\n")
    connection.close()


def is_free(site: LiveSite) -> None:
    """Fails unless the one place becomes free."""
    within(TIMEOUT, lambda: site.ask("hello").text == "hello")


@pytest.mark.parametrize("prompt", [SILENT, FLOOD])
@pytest.mark.parametrize("leave", [close, reset, shut, send_more_and_close])
def test_however_a_visitor_leaves_the_request_to_claude_is_ended(
    site: tuple[LiveSite, Claude], leave: Callable[[socket.socket], None], prompt: str
) -> None:
    here, claude = site
    with here.connect(prompt) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        leave(connection)
        # After pipelined data a disconnect is polled for.
        assert claude.left.acquire(timeout=LATEST - 1)
    is_free(here)


# The relay waits ten seconds for one who takes what is left.
@pytest.mark.soak
def test_a_visitor_who_takes_nothing_is_cut_and_his_place_is_free(
    site: tuple[LiveSite, Claude],
) -> None:
    here, claude = site
    with here.connect(FLOOD):
        assert claude.left.acquire(timeout=TIMEOUT)
        is_free(here)


def test_a_visitor_who_takes_it_late_gets_whole_events_and_is_told_the_end(
    site: tuple[LiveSite, Claude],
) -> None:
    here, claude = site
    claude.is_held.clear()
    with here.connect(FLOOD) as connection:
        assert claude.is_held.wait(TIMEOUT)
        head, _, body = to_the_end(connection).partition(b"\r\n\r\n")
        assert claude.left.acquire(timeout=TIMEOUT)
    assert head.startswith(b"HTTP/1.1 200")
    content = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        content, body = content + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    first, _, rest = content.partition(BEGIN)
    assert not first
    # A blocked upstream is silent, so heartbeats may be among the frames.
    *deltas, last = [frame for frame in FrameParser().feed(rest) if frame.data is not None]
    assert {delta.raw for delta in deltas} == {encode(DELTA)}
    error = event_of(last)
    assert error is not None
    assert error["error"]["details"]["error_code"] == "live_too_long"
    is_free(here)


def test_one_connection_serves_stream_after_stream(site: tuple[LiveSite, Claude]) -> None:
    here, _ = site
    with httpx2.Client(headers={"origin": here.url}, timeout=TIMEOUT) as client:
        for number in range(20):
            answer = client.post(f"{here.url}/live/messages", json=request_of(f"hello {number}"))
            assert answer_of(answer).text == f"hello {number}"


def test_a_request_that_comes_during_another_on_its_connection_is_answered_after_it(
    site: tuple[LiveSite, Claude],
) -> None:
    here, _ = site
    body = json.dumps(request_of(SILENT)).encode()
    with here.connect(SILENT) as connection:
        assert connection.recv(12) == b"HTTP/1.1 200"
        connection.sendall(
            f"POST /live/messages HTTP/1.1\r\nhost: {urlsplit(here.url).netloc}\r\n"
            f"origin: {here.url}\r\nconnection: close\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        got = to_the_end(connection)
    assert got.count(b"HTTP/1.1 200") == 1
    assert got.count(b"live_too_long") == 2
