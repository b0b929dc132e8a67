"""Framing and cuts as they are on the wire, under both servers."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.connections import (
    ask,
    connect,
    ended,
    gunicorn,
    head,
    read_to_end,
    read_until,
)


@pytest.fixture(scope="module", params=["gevent", "gunicorn"])
def served(request: pytest.FixtureRequest) -> Iterator[str]:
    """The site's address, under each server."""
    if request.param == "gevent":
        yield request.getfixturevalue("site")
    else:
        with gunicorn() as url:
            yield url


def received(site: str, fault: str, key: str = "wire") -> tuple[str, bytes, bool]:
    """Head, body as it came, and whether a reset ended it, of an unpaced stream."""
    with connect(site) as connection:
        ask(connection, f"hello/slow;factor=0+{fault}", key)
        whole, reset = read_to_end(connection)
    headers, _, body = whole.partition(b"\r\n\r\n")
    return headers.decode("latin-1").lower(), body, reset


def chunks(body: bytes) -> tuple[list[bytes], bool]:
    """The chunks of a body, and whether the last one, which is empty, came."""
    found: list[bytes] = []
    while match := re.match(rb"([0-9a-fA-F]+)\r\n", body):
        size = int(match[1], 16)
        if size == 0:
            return found, True
        found.append(body[match.end() : match.end() + size])
        body = body[match.end() + size + 2 :]
    return found, False


def test_a_whole_stream_is_chunked_and_the_connection_stays(served: str) -> None:
    with connect(served) as connection:
        for _ in range(2):
            ask(connection, "hello/slow;factor=0", "wire")
            answer = read_until(connection, b"\r\n0\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert b"transfer-encoding: chunked" in answer.lower()
            assert b"connection: close" not in answer.lower()


def test_each_event_is_a_write_of_its_own(served: str) -> None:
    with connect(served) as connection:
        ask(connection, "hello/slow;factor=0", "wire")
        body = read_until(connection, b"\r\n0\r\n\r\n").partition(b"\r\n\r\n")[2]
    events, _ = chunks(body)
    assert len(events) == 28
    assert all(event.startswith(b"event: ") and event.endswith(b"\n\n") for event in events)


@pytest.mark.parametrize(("fault", "reset"), [("drop;at=5", False), ("drop;at=5;how=reset", True)])
def test_a_drop_is_a_chunked_body_without_its_end(served: str, fault: str, reset: bool) -> None:
    headers, body, was_reset = received(served, fault)
    events, whole = chunks(body)
    assert "transfer-encoding: chunked" in headers
    assert "connection: close" not in headers
    assert (len(events), whole, was_reset) == (4, False, reset)


def test_a_drop_inside_an_event_sends_its_beginning(served: str) -> None:
    _, body, _ = received(served, "drop;at=5;byte=20")
    events, whole = chunks(body)
    assert events[4] == b"event: content_block"
    assert not whole


def test_a_drop_at_the_first_event_is_a_response_that_has_begun(served: str) -> None:
    headers, body, _ = received(served, "drop;at=1")
    assert headers.startswith("http/1.1 200 ok")
    assert "connection: close" not in headers
    assert body == b""
    headers, body, reset = received(served, "drop;at=1;how=reset;byte=9")
    assert (body, reset) == (b"9\r\nevent: me\r\n", True)


def test_connection_close_says_so_and_can_break(served: str) -> None:
    headers, body, _ = received(served, "connection-close")
    assert headers.startswith("http/1.1 200 ok")
    assert "connection: close" in headers and "transfer-encoding: chunked" in headers
    assert (len(chunks(body)[0]), chunks(body)[1]) == (28, True)
    headers, body, _ = received(served, "connection-close;at=5")
    assert "connection: close" in headers
    assert (len(chunks(body)[0]), chunks(body)[1]) == (4, False)


def test_http_1_0_ends_with_the_connection(served: str) -> None:
    headers, body, reset = received(served, "http10")
    assert headers.startswith("http/1.0 200 ok")
    assert "transfer-encoding" not in headers and "content-length" not in headers
    assert body.count(b"\n\n") == 28
    assert not reset
    _, body, _ = received(served, "http10;at=5")
    assert body.count(b"\n\n") == 4


@pytest.mark.parametrize(("how", "reset"), [("close", False), ("reset", True)])
def test_no_response_is_not_a_byte(served: str, how: str, reset: bool) -> None:
    assert received(served, f"no-response;how={how}") == ("", b"", reset)


def test_the_raw_framings_carry_the_same_headers(served: str) -> None:
    plain, _, _ = received(served, "drop")
    raw, _, _ = received(served, "http10")
    for name in ("request-id", "content-type", "anthropic-ratelimit-tokens-limit", "cache-control"):
        assert f"{name}: " in plain and f"{name}: " in raw


# The client that leaves


@pytest.mark.parametrize("fault", ["stall;at=5;seconds=600", "slow-headers;seconds=600"])
def test_a_client_that_leaves_in_the_silence_is_noticed_within_a_second(
    served: str, fault: str
) -> None:
    key = f"silent {fault} {served}"
    with connect(served) as connection:
        ask(connection, f"hello/slow;factor=0+{fault}", key)
        if fault.startswith("stall"):
            read_until(connection, b"\n\n\r\n")
    (only,) = ended(served, key)
    assert only["ended"] == "left"
    assert only["after_ms"] < 1500


def test_a_client_that_leaves_between_events_is_noticed_within_a_second(served: str) -> None:
    key = f"paced {served}"
    with connect(served) as connection:
        ask(connection, "long-prose/pace;seconds=0.1", key)
        read_until(connection, b"\n\n\r\n")
    (only,) = ended(served, key)
    assert only["ended"] == "left"
    assert only["after_ms"] < 1500


def test_what_was_cut_and_what_was_whole_is_in_the_journal(served: str) -> None:
    key = f"ends {served}"
    for fault in ("drop;at=5", "http10;at=5", "none", "http10"):
        received(served, fault, key) if fault != "none" else stream_whole(served, key)
    requests = ended(served, key, 4)
    assert [(one["ended"], one["event"]) for one in requests] == [
        ("cut", 4),
        ("cut", 4),
        ("complete", 28),
        ("complete", 28),
    ]


def stream_whole(site: str, key: str) -> None:
    with connect(site) as connection:
        ask(connection, "hello/slow;factor=0", key)
        read_until(connection, b"\r\n0\r\n\r\n")


# Odd clients


def test_a_request_whose_body_never_comes_costs_nothing_else(served: str) -> None:
    with connect(served) as connection:
        connection.sendall(head("hello", "slow body", 1000) + b'{"model":')
        stream_whole(served, f"meanwhile {served}")
    assert ended(served, f"meanwhile {served}")[0]["ended"] == "complete"


def test_a_claim_of_more_than_32_mb_is_refused_before_it_comes(served: str) -> None:
    with connect(served) as connection:
        connection.sendall(head("hello", "large", 40_000_000))
        answer = connection.recv(65536)
        connection.shutdown(socket.SHUT_WR)
    assert answer.startswith(b"HTTP/1.1 413 ")


# Several workers


def test_several_workers_stream_but_neither_count_nor_keep_a_journal() -> None:
    with gunicorn(workers=2) as url:
        stream_whole(url, "many")
        for path in ("/simulator/journal.json", None):
            status, message = refusal(url, path)
            assert status == 503
            assert "WEB_CONCURRENCY=1" in message


def refusal(site: str, path: str | None) -> tuple[int, str]:
    """Status and message of the journal's answer, or of a counted fault's without a path."""
    with connect(site) as connection:
        if path is None:
            ask(connection, "hello/status-then-ok", "many")
        else:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: many\r\n\r\n".encode()
            )
        response = http.client.HTTPResponse(connection)
        response.begin()
        body: dict[str, Any] = json.loads(response.read())
    return response.status, body["error"]["message"]


@pytest.mark.parametrize(
    "sent",
    [
        head("hello", "cut", 500) + b'{"model":',
        head("hello", "cut").replace(b"content-length: ", b"transfer-encoding: chunked\r\nx: ")
        + b"zz\r\n",
    ],
    ids=["cut", "badly chunked"],
)
def test_a_body_that_ends_early_or_is_framed_wrongly_is_a_400(served: str, sent: bytes) -> None:
    with connect(served) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer, _ = read_to_end(connection)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
