"""The upstream, read byte by byte, and by the load client."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import pairwise

import pytest

from tools.bench.load import Load, drive
from tools.bench.relay_servers import OURS, answer, marked, upstream
from tools.bench.stream_servers import Server, body

TIME = re.compile(rb"@(\d{19})")


@pytest.fixture(scope="module")
def content() -> bytes:
    """The answer; its ids are drawn anew each time that it is made."""
    return answer()


@pytest.fixture(scope="module")
def source(content: bytes) -> Iterator[Server]:
    with upstream(content) as running:
        yield running


@pytest.fixture
def connection(source: Server) -> Iterator[HTTPConnection]:
    made = HTTPConnection("127.0.0.1", source.port, timeout=30)
    yield made
    made.close()


def asked(connection: HTTPConnection, pace: float) -> bytes:
    connection.request("POST", "/any/path", body(pace), {"content-type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["request-id"]
    return response.read()


def test_every_request_gets_the_answer_it_was_given(
    content: bytes, connection: HTTPConnection
) -> None:
    _, _, events = content.partition(b"\r\n\r\n")
    for _ in range(2):
        assert TIME.sub(b"@" + b"0" * 19, asked(connection, 0)) == events


def test_an_event_tells_when_it_was_due(connection: HTTPConnection) -> None:
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    times = [int(found) for found in TIME.findall(asked(connection, 1))]
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    assert before < times[0] < times[-1] < after
    # Not all events have a place for it: what is between two is a whole number of paces.
    assert {(later - earlier) % 1_000_000 for earlier, later in pairwise(times)} == {0}


def test_a_request_may_come_in_pieces(source: Server) -> None:
    with socket.create_connection(("127.0.0.1", source.port), 30) as connection:
        for byte in source.request(0):
            connection.sendall(bytes([byte]))
        assert connection.recv(15) == b"HTTP/1.1 200 OK"


def test_who_leaves_in_the_middle_harms_nobody(source: Server, connection: HTTPConnection) -> None:
    for pace in (0, 1, 20):
        with socket.create_connection(("127.0.0.1", source.port), 30) as left:
            left.sendall(source.request(pace))
            assert left.recv(15) == b"HTTP/1.1 200 OK"
    assert asked(connection, 0).endswith(b"\n\n")


def test_the_client_finds_all_events_and_their_age(content: bytes, source: Server) -> None:
    figures = drive(source, Load(4, pace=1, window=0.6))
    assert figures.fewest == figures.most == content.count(b"\n\n")
    assert 0.9 * figures.events < figures.ages <= figures.events
    assert 0 < figures.age_p50 <= figures.age_p99
    assert figures.first_event_p50 > 0


def test_the_marks_stand_in_the_text_of_events_that_stay_whole(content: bytes) -> None:
    _, _, events = content.partition(b"\r\n\r\n")
    found = [json.loads(event.partition(b"data: ")[2]) for event in events.split(b"\n\n")[:-1]]
    deltas = [event["delta"]["text"] for event in found if event["type"] == "content_block_delta"]
    assert deltas
    assert all(text.startswith("@" + "0" * 19) for text in deltas)
    assert found[0]["message"]["id"].startswith("msg_@0")


def test_what_has_no_place_for_a_mark_stays_as_it_is() -> None:
    ping = b'event: ping\ndata: {"type":"ping"}'
    assert marked(ping) == ping


def test_the_relay_is_asked_as_its_own_page_asks() -> None:
    head = Server(OURS, 8000, 1).request(20).partition(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /live/messages HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n")
    assert b"Origin: http://127.0.0.1:8000" in head
