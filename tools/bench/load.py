"""A light load client: keeps a number of connections busy with one request, in this process.

It builds the request once, learns the length of the response from the first one, and then only
counts bytes, which costs far less than answering does. `busy` shows whether it was idle.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from urllib.parse import urlsplit

_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)
_READ = 1 << 18
_SILENCE_SECONDS = 10.0


class BadResponse(RuntimeError):
    """The server answered otherwise than the measurement expects."""


@dataclass(frozen=True, slots=True)
class Load:
    """The answered requests. `busy` is the client's own share of one core, 0 to 1."""

    requests: int
    seconds: float
    busy: float


def first_response(url: str, headers: Mapping[str, str]) -> bytes:
    """One response, head and body."""
    with _connect(url) as connection:
        connection.sendall(_request(url, headers))
        received = b""
        while b"\r\n\r\n" not in received:
            received += _read(connection, _READ)
        head, _, body = received.partition(b"\r\n\r\n")
        found = _LENGTH.search(head + b"\r\n")
        missing = (int(found[1]) if found else 0) - len(body)
        while missing > 0:
            received += (more := _read(connection, missing))
            missing -= len(more)
    return received


def drive(
    url: str, headers: Mapping[str, str], status: int, connections: int, seconds: float
) -> Load:
    """Send the request on all connections for that long, on each again as soon as it was answered.

    All responses have the same length: the same headers with another date. The connections are read
    in turn; while one is waited for, the server has the requests of all others.
    """
    sample, request = first_response(url, headers), _request(url, headers)
    if not sample.startswith(b"HTTP/1.1 %d " % status):
        raise BadResponse(f"{url}: {sample[:80]!r} instead of {status}")
    with ExitStack() as stack:
        opened = [stack.enter_context(_connect(url)) for _ in range(connections)]
        for connection in opened:
            connection.sendall(request)
        done = 0
        started, started_cpu = time.perf_counter(), time.thread_time()
        while (passed := time.perf_counter() - started) < seconds:
            connection = opened[done % connections]
            begin = _read(connection, len(sample))
            if begin[:12] != sample[: len(begin[:12])]:
                raise BadResponse(f"{url}: {begin[:80]!r} instead of {sample[:80]!r}")
            missing = len(sample) - len(begin)
            while missing > 0:
                missing -= len(_read(connection, missing))
            connection.sendall(request)
            done += 1
        busy = (time.thread_time() - started_cpu) / passed
    return Load(done, passed, busy)


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=_SILENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
    return connection


def _read(connection: socket.socket, most: int) -> bytes:
    data = connection.recv(min(most, _READ))
    if not data:
        raise BadResponse("the connection was closed in a response")
    return data


def _request(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()
