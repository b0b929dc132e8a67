"""A client that disconnects from a page or a stream writes no traceback to the log."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from uuid import uuid4

import httpx2
import pytest

from streamguide.connection import reset_on_close
from tests.attack.conftest import first_of
from tests.attack.raw import connect, head
from tests.live.asking import TIMEOUT, request_of, within
from tools.server import Server

# Streams that are paced, silent, in pieces, cut, written to the socket, and unpaced.
FAULTS = [
    "pace;seconds=0.05",
    "stall;seconds=30",
    "drip",
    "drop",
    "connection-close",
    "slow;factor=0",
]
LEAVING: dict[str, Callable[[socket.socket], object]] = {
    "closed": lambda connection: None,
    "reset": reset_on_close,
    "half closed": lambda connection: connection.shutdown(socket.SHUT_WR),
}


def begin(server: Server, fault: str, key: str) -> socket.socket:
    """Request a stream without reading it."""
    body = json.dumps({**request_of("Hello"), "stream": True}).encode()
    path = f"/simulator/long-prose/{fault}/v1/messages"
    lines = (f"content-length: {len(body)}", f"x-api-key: {key}", "anthropic-version: 2026-10-21")
    connection = connect(server.url)
    connection.sendall(head(server.url, "POST", path, *lines) + body)
    return connection


@pytest.mark.parametrize("leave", first_of(LEAVING, "reset"))
def test_who_leaves_a_stream_at_its_beginning_is_not_told_of(server: Server, leave: str) -> None:
    key = uuid4().hex

    def ends() -> list[str | None]:
        answer = httpx2.get(f"{server.url}/simulator/journal.json", headers={"x-api-key": key})
        return [request["ended"] for request in answer.json()["requests"]]

    for fault in FAULTS:
        for read in (0, 1):
            with begin(server, fault, key) as connection:
                if read:
                    connection.recv(read)
                LEAVING[leave](connection)
    within(TIMEOUT, lambda: len(ends()) == 2 * len(FAULTS) and None not in ends())
    assert "Traceback" not in server.log()


@pytest.mark.parametrize("leave", LEAVING)
def test_who_leaves_a_page_is_not_told_of(server: Server, leave: str) -> None:
    for path in ("/guide/python", "/protocol.json", "/static/missing", "/guide"):
        # Two at once, and the second is not awaited.
        with connect(server.url) as connection:
            connection.sendall(head(server.url, "GET", path) * 2)
            LEAVING[leave](connection)
    assert httpx2.get(f"{server.url}/healthz", timeout=TIMEOUT).status_code == 200
    assert "Traceback" not in server.log()
