"""Requests that no client would send, as bytes on a socket, and their responses."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

_SECONDS = 30.0


@dataclass(frozen=True)
class Reply:
    """A response, read until the connection closes; `status` is 0 without one."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def connect(url: str) -> socket.socket:
    """A connection to the server of an address."""
    parts = urlsplit(url)
    return socket.create_connection((str(parts.hostname), parts.port), _SECONDS)


def head(url: str, method: str, path: str, *headers: str) -> bytes:
    """The head of a request, with these header lines."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {urlsplit(url).netloc}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def to_the_end(connection: socket.socket) -> bytes:
    """Everything until the server closes the connection. Raises TimeoutError if it does not."""
    got = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            got += piece
    return got


def reply(connection: socket.socket) -> Reply:
    """The response, after which the server closes the connection."""
    top, _, body = to_the_end(connection).partition(b"\r\n\r\n")
    first, *lines = top.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Reply(int(first.split()[1]) if first else 0, headers, body)


def sent(connection: socket.socket, pieces: Iterable[bytes]) -> int:
    """Send the pieces until the server accepts no more; returns the number of bytes sent."""
    count = 0
    with suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)
            count += len(piece)
    return count


def chunk(data: bytes) -> bytes:
    """A chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
