"""A light load client: keeps a number of connections busy with one request, in this process.

It builds the request once, learns the length of the response from the first one, and then
only counts bytes, which costs far less than answering does. `busy` shows whether it was idle.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)
_READ = 1 << 18
_SILENCE_SECONDS = 10.0


class BadResponse(RuntimeError):
    """The server answered otherwise than the measurement expects."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was sent and answered. `busy` is the client's own share of one core, 0 to 1."""

    requests: int
    seconds: float
    busy: float


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    missing: int


def first_response(url: str, headers: Mapping[str, str]) -> bytes:
    """One response, head and body."""
    with _connect(url) as connection:
        connection.sendall(_request(url, headers))
        received = b""
        while (missing := _missing(received)) != 0:
            received += (more := connection.recv(_READ))
            if not more:
                raise BadResponse(
                    f"{url}: closed, {missing} bytes missing, after {received[:80]!r}"
                )
    return received


def drive(
    url: str, headers: Mapping[str, str], status: int, connections: int, seconds: float
) -> Load:
    """Send the request on all connections, each as soon as it has its answer, for that long."""
    sample = first_response(url, headers)
    if not sample.startswith(b"HTTP/1.1 %d " % status):
        raise BadResponse(f"{url}: {sample[:80]!r} instead of {status}")
    opened = [_connect(url) for _ in range(connections)]
    try:
        return _drive(opened, _request(url, headers), len(sample), seconds)
    finally:
        for connection in opened:
            connection.close()


def _drive(opened: Sequence[socket.socket], request: bytes, response: int, seconds: float) -> Load:
    """All responses have the same length, in bytes: the same headers with another date."""
    done = 0
    with selectors.DefaultSelector() as selector:
        for connection in opened:
            selector.register(connection, selectors.EVENT_READ, _Connection(connection, response))
            connection.sendall(request)
        started, started_cpu = time.perf_counter(), time.thread_time()
        while (passed := time.perf_counter() - started) < seconds:
            ready = selector.select(_SILENCE_SECONDS)
            if not ready:
                raise BadResponse(f"no answer for {_SILENCE_SECONDS} s")
            done += sum(_take(key.data, request, response) for key, _ in ready)
        busy = (time.thread_time() - started_cpu) / passed
    return Load(done, passed, busy)


def _take(connection: _Connection, request: bytes, response: int) -> bool:
    """Read what is there; with the response complete, send the next request."""
    received = len(connection.socket.recv(_READ))
    connection.missing -= received
    if received == 0 or connection.missing < 0:
        raise BadResponse("the connection was closed, or the responses differ in length")
    if connection.missing > 0:
        return False
    connection.missing = response
    connection.socket.sendall(request)
    return True


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=_SILENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return connection


def _request(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def _missing(received: bytes) -> int | None:
    """How many bytes of a response are still to come; None before its head is complete."""
    head, end, body = received.partition(b"\r\n\r\n")
    if not end:
        return None
    found = _LENGTH.search(head + b"\r\n")
    return (int(found[1]) if found else 0) - len(body)
