"""Endless responses of the upstream end in time and in bounded memory, and other visitors are served."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator
from functools import cache

import httpx2
import pytest

from streamguide.protocol.sse import encode
from tests.attack.conftest import first_of
from tests.attack.hostile import CHUNKED, HEAD, chunk, events, hostile
from tests.live.asking import TIMEOUT, LiveSite, live_site

ERROR = b"HTTP/1.1 %d Odd\r\ncontent-type: application/json\r\n"
LONG = json.dumps({"error": {"type": "api_error", "message": 20_000_000 * "x"}}).encode()
# The bytes that are sent first, those that are repeated, and the resulting status and code.
FLOODS = {
    "100": (b"", 5000 * b"HTTP/1.1 100 Continue\r\n\r\n", 502, "live_unreachable"),
    "103": (b"", 5000 * b"HTTP/1.1 103 Early\r\n\r\n", 502, "live_unreachable"),
    "head": (HEAD, 2000 * b"x" + b"\r\n", 502, "live_unreachable"),
    "comments": (CHUNKED, chunk(20_000 * b":\n\n"), 502, "live_no_stream"),
    "blank lines": (CHUNKED, chunk(30_000 * b"\n"), 502, "live_no_stream"),
    "no line": (CHUNKED, chunk(60_000 * b":"), 502, "live_no_stream"),
    "an error": (ERROR % 500 + b"\r\n", 65536 * b"x", 500, "api_error"),
    "an error in chunks": (
        ERROR % 500 + b"transfer-encoding: chunked\r\n\r\n",
        5000 * chunk(b"x"),
        500,
        "api_error",
    ),
    "a redirect": (ERROR % 302 + b"location: /a\r\n\r\n", 65536 * b"x", 502, "live_no_stream"),
}
SETTINGS = {
    "LIVE_RETRIES": "0",
    "LIVE_FIRST_EVENT_SECONDS": "3",
    "LIVE_REQUEST_SECONDS": "4",
    "LIVE_SILENCE_SECONDS": "3",
}
MOST_MEMORY = 300_000_000


@cache
def bomb() -> bytes:
    """300 MB of zeros."""
    return gzip.compress(bytes(300_000_000), 1)


def answers(connection: socket.socket, prompt: str) -> None:
    """The flood that the prompt names, until the relay closes the connection."""
    if prompt in FLOODS:
        begin, more = FLOODS[prompt][:2]
    elif prompt == "small chunks":
        # Events, each byte in a chunk of its own.
        ping = b"".join(chunk(bytes([byte])) for byte in encode({"type": "ping"}))
        begin, more = CHUNKED + chunk(events("a").partition(b"event: message_delta")[0]), 200 * ping
    elif prompt == "trailers":
        begin, more = CHUNKED + chunk(events("whole")) + b"0\r\n", 5000 * b"a: b\r\n"
    else:
        body = bomb() if prompt == "bomb" else LONG
        packed = b"content-encoding: gzip\r\n" if prompt == "bomb" else b""
        head = ERROR % 400 + packed + b"content-length: %d\r\n\r\n" % len(body)
        return connection.sendall(head + body)
    connection.sendall(begin)
    while True:
        connection.sendall(more)


@pytest.fixture(scope="module")
def flooded() -> Iterator[LiveSite]:
    with hostile(answers) as claude, live_site(claude.url, SETTINGS) as site:
        yield site


# Until its limit, a flood uses two cores.
FEW = [flood for flood in FLOODS if flood not in ("103", "blank lines", "no line")]


@pytest.mark.parametrize("flood", first_of(FLOODS, *FEW))
def test_a_flood_before_the_first_event_is_a_refusal(flooded: LiveSite, flood: str) -> None:
    answer = flooded.ask(flood)
    assert (answer.status, answer.code) == FLOODS[flood][2:]
    assert len(answer.body) < 10_000
    assert flooded.server.most_memory() < MOST_MEMORY


def test_a_flood_after_the_end_keeps_nobody(flooded: LiveSite) -> None:
    answer = flooded.ask("trailers")
    assert (answer.status, answer.text) == (200, "whole")
    assert answer.events[-1]["type"] == "message_stop"


def test_pages_are_served_beside_a_flood_that_lasts_and_its_limit_ends_it(
    flooded: LiveSite,
) -> None:
    found = []
    asking = threading.Thread(target=lambda: found.append(flooded.ask("small chunks")))
    asking.start()
    pages = 0
    while asking.is_alive():
        assert httpx2.get(f"{flooded.url}/healthz", timeout=TIMEOUT).status_code == 200
        pages += 1
    asking.join()
    assert found[0].code == "live_too_long"
    # One before the flood and one after it would prove nothing.
    assert pages > 3
    assert flooded.server.most_memory() < MOST_MEMORY


@pytest.mark.parametrize("body", ["bomb", "long"])
def test_a_huge_error_is_passed_on_by_its_status_and_little_more(
    flooded: LiveSite, body: str
) -> None:
    answer = flooded.ask(body)
    assert (answer.status, answer.error["type"]) == (400, "api_error")
    assert len(answer.body) < 10_000
    assert flooded.server.most_memory() < MOST_MEMORY
