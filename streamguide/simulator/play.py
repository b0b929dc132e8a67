"""Plays a plan: its frames at their times, in its framing, until its end."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import responses

from streamguide.connection import Cut, Wait, reset_on_close
from streamguide.scenarios.frames import Frame
from streamguide.simulator.journal import Entry
from streamguide.simulator.plan import Plan

Clock = Callable[[], float]

# The number of frames without a wait, about a millisecond, after which other greenlets run.
_MOST_AT_ONCE = 50
# How long a connection stays open at most after the end of a plan that does not close it.
OPEN_SECONDS = 600


class RawWriter:
    """Writes a response on the client's socket, in a framing that the server does not offer."""

    def __init__(self, connection: socket.socket, plan: Plan, headers: Mapping[str, str]) -> None:
        self._connection = connection
        self._is_chunked = plan.framing != "http10"
        self._head = _head(plan, headers)

    def write(self, data: bytes) -> None:
        """Send a part of the body, and first the head if it was not sent yet."""
        if self._head:
            self._connection.sendall(self._head)
            self._head = b""
        if data:
            self._connection.sendall(_chunk(data) if self._is_chunked else data)

    def end(self) -> None:
        """Send the end of the body."""
        if self._is_chunked:
            self._connection.sendall(b"0\r\n\r\n")


def play(
    plan: Plan,
    entry: Entry,
    wait: Wait,
    connection: socket.socket | None,
    clock: Clock = time.monotonic,
    raw: RawWriter | None = None,
) -> Iterator[bytes]:
    """Yields the plan's bytes at their times. Raises Cut for a plan that ends with a cut.

    Times are relative to the first `next()`: a slow reader does not delay the plan, because late
    frames are sent at once. `entry` gets what was sent, and how the response ended.

    With `raw` the function writes all bytes itself, yields none, and raises Cut at the end, so that
    the server adds nothing and closes the connection.
    """
    # A single generator, because gevent copies the stack of a greenlet that waits: that is most of
    # the cost of an event.
    start = clock()
    frames = (Frame(plan.head_at, b""), *plan.frames) if plan.head_first else plan.frames
    try:
        for number, frame in enumerate(frames, 1):
            early = start + frame.at / 1000 - clock()
            has_to_wait = early > 0 or number % _MOST_AT_ONCE == 0
            if has_to_wait and not wait(connection, max(early, 0)):
                raise Cut
            if raw is not None:
                raw.write(frame.data)
            elif frame.data:
                yield frame.data
            if frame.data:
                entry.sent(frame)
        if plan.end == "open" and not wait(connection, OPEN_SECONDS):
            raise Cut
        if plan.end != "whole":
            entry.end("cut")
            if plan.end == "reset" and connection is not None:
                reset_on_close(connection)
            raise Cut
        if raw is not None:
            raw.end()
        entry.end("complete")
        if raw is not None:
            raise Cut
    finally:
        # Without an earlier end, a write failed or the client closed the connection.
        entry.end("left")


def _head(plan: Plan, headers: Mapping[str, str]) -> bytes:
    version = "HTTP/1.0" if plan.framing == "http10" else "HTTP/1.1"
    lines = [f"{_status_line('HTTP/1.1', status)}\r\n" for status in plan.informational]
    lines += [_status_line(version, plan.status)]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if plan.framing != "chunked":
        lines += ["connection: close"]
    if plan.framing != "http10":
        lines += ["transfer-encoding: chunked"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _status_line(version: str, status: int) -> str:
    # Some statuses of proxies have no standard phrase.
    return f"{version} {status} {responses.get(status, 'Unknown')}"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
