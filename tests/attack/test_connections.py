"""Half a request, or none, keeps no connection open, and writes no traceback."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx2
import pytest

from tests.attack.conftest import ADDRESS, COMMANDS, ONE_COMMAND, served
from tests.attack.raw import Reply, connect, head, reply
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
    """A site with a time limit of a second."""
    with served(request.param, {"CLIENT_SECONDS": "1"}) as found:
        yield found
    assert "Traceback" not in found.log()


HEAD = b"GET / HTTP/1.1\r\nhost: a\r\nx-a: "


def replies(server: Server, begun: Sequence[bytes]) -> list[Reply]:
    """The responses to unfinished requests, which time out together."""
    with ExitStack() as open_:
        connections = [open_.enter_context(connect(server.url)) for _ in begun]
        for connection, begin in zip(connections, begun, strict=True):
            connection.sendall(begin)
        return [reply(connection) for connection in connections]


def dripped(server: Server, begun: Sequence[bytes], piece: bytes) -> list[bytes]:
    """The responses to requests that continue to drip, all at the same time."""

    def one(begin: bytes) -> bytes:
        with connect(server.url) as connection:
            connection.sendall(begin)
            return drip(connection, piece)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, begun))


def drip(connection: socket.socket, piece: bytes) -> bytes:
    """Send the piece again and again, with short pauses, until the server closes the connection."""
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


def test_half_a_body_is_answered_with_a_408(hasty: Server) -> None:
    requests = [
        head(hasty.url, "POST", path, FORM, KEY, *lines) + begun
        for path in READS
        for lines, begun in BODIES.values()
    ]
    for answer in replies(hasty, requests):
        assert answer.status == 408
        assert b"{" in answer.body or b"took too long" in answer.body


def test_a_body_that_drips_is_answered_with_a_408(hasty: Server) -> None:
    chunked = "transfer-encoding: chunked"
    begun = [head(hasty.url, "POST", path, FORM, KEY, chunked) for path in READS]
    for answer in dripped(hasty, begun, b"1\r\na\r\n"):
        assert answer.startswith(b"HTTP/1.1 408 ")


def test_half_a_body_where_none_is_read_keeps_no_connection(hasty: Server) -> None:
    paths = ("/", "/nowhere", "/healthz", "/simulator/key.json")
    begun = [head(hasty.url, "GET", path, "content-length: 100") + b"half" for path in paths]
    assert [answer.status for answer in replies(hasty, begun)] == [200, 404, 200, 200]


def test_half_a_head_keeps_no_connection(hasty: Server) -> None:
    nothing, *some = replies(hasty, [b"", b"GET / HT", HEAD])
    assert nothing.status == 0
    assert all(answer.status in (0, 400, 408) for answer in some)


def test_a_head_that_drips_keeps_no_connection(hasty: Server) -> None:
    (answer,) = dripped(hasty, [HEAD], b"a")
    assert not answer.startswith(b"HTTP/1.1 2")


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
