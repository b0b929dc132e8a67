"""Whoever sends half of something, or nothing, does not stay; nor is the log filled with him."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from tests.attack.conftest import ADDRESS, COMMANDS, ONE_COMMAND, served
from tests.attack.raw import connect, head, reply, to_the_end
from tests.live.asking import TIMEOUT
from tests.live.deployed import started
from tools.server import Server

FORM = "content-type: application/x-www-form-urlencoded"
KEY = "x-api-key: any"
READS = ["/generator", "/generator/code", "/simulator/hello/v1/messages"]
BODIES = {
    "with a length": (("content-length: 100",), b"prompt=a"),
    "in chunks": (("transfer-encoding: chunked",), b"8\r\nprompt=a\r\n"),
    "half a chunk": (("transfer-encoding: chunked",), b"64\r\nprompt=a"),
}


@pytest.fixture(scope="module", params=ONE_COMMAND)
def hasty(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A site that waits for a client for a second."""
    with served(request.param, {"CLIENT_SECONDS": "1"}) as found:
        yield found
    assert "Traceback" not in found.log()


def drip(connection: socket.socket, piece: bytes) -> bytes:
    """Send the piece again and again, a little after each other, until the server has ended it."""
    connection.settimeout(0.1)
    deadline = time.monotonic() + TIMEOUT
    got = b""
    while time.monotonic() < deadline:
        try:
            connection.sendall(piece)
            more = connection.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            return got
        if not more:
            return got
        got += more
    raise TimeoutError("the server goes on with a client that drips")


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("body", BODIES)
def test_half_a_body_is_answered_with_a_408(hasty: Server, path: str, body: str) -> None:
    lines, begun = BODIES[body]
    with connect(hasty.url) as connection:
        connection.sendall(head(hasty.url, "POST", path, FORM, KEY, *lines) + begun)
        answer = reply(connection)
    assert answer.status == 408
    assert b"{" in answer.body or b"took too long" in answer.body


@pytest.mark.parametrize("path", READS)
def test_a_body_that_drips_is_answered_with_a_408(hasty: Server, path: str) -> None:
    with connect(hasty.url) as connection:
        chunked = "transfer-encoding: chunked"
        connection.sendall(head(hasty.url, "POST", path, FORM, KEY, chunked))
        assert drip(connection, b"1\r\na\r\n").startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", ["/", "/nowhere", "/healthz", "/simulator/key.json"])
def test_half_a_body_where_none_is_read_keeps_no_connection(hasty: Server, path: str) -> None:
    with connect(hasty.url) as connection:
        connection.sendall(head(hasty.url, "GET", path, "content-length: 100") + b"half")
        assert reply(connection).status in (200, 404)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nhost: a\r\nx-a: "])
def test_half_a_head_keeps_no_connection(hasty: Server, begun: bytes) -> None:
    with connect(hasty.url) as connection:
        connection.sendall(begun)
        assert not to_the_end(connection) or begun


def test_a_head_that_drips_keeps_no_connection(hasty: Server) -> None:
    with connect(hasty.url) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\nx-a: ")
        assert not drip(connection, b"a").startswith(b"HTTP/1.1 2")


def test_a_connection_that_is_idle_after_an_answer_ends(hasty: Server) -> None:
    with connect(hasty.url) as connection:
        connection.sendall(head(hasty.url, "GET", "/healthz"))
        assert reply(connection).status == 200


def test_who_leaves_in_the_middle_leaves_no_trace(hasty: Server) -> None:
    for path in READS:
        for lines, begun in BODIES.values():
            with connect(hasty.url) as connection:
                connection.sendall(head(hasty.url, "POST", path, FORM, KEY, *lines) + begun)
    assert httpx2.get(f"{hasty.url}/healthz", timeout=TIMEOUT).status_code == 200


def test_a_request_that_is_wrong_is_not_quoted_in_the_log() -> None:
    with served("app.py") as site, connect(site.url) as connection:
        connection.sendall(b'"content":"MY PRIVATE PROMPT"}\r\n\r\n')
        assert reply(connection).status == 400
        assert httpx2.get(f"{site.url}/healthz").status_code == 200
        assert "PRIVATE" not in site.log()


@pytest.mark.parametrize("program", ONE_COMMAND)
def test_a_shell_that_allows_few_open_files_does_not_shut_others_out(program: str) -> None:
    command = ["sh", "-c", 'ulimit -S -n 64 && exec "$@"', "sh", *COMMANDS[program]]
    with started(command, {}, ADDRESS) as site, ExitStack() as idle:
        url = site.url
        assert httpx2.get(f"{url}/healthz", timeout=TIMEOUT).status_code == 200
        for _ in range(100):
            idle.enter_context(connect(url)).sendall(b"GET / HT")
        assert httpx2.get(f"{url}/healthz", timeout=TIMEOUT).status_code == 200
        assert "Traceback" not in site.log()
