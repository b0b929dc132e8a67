"""Playing a plan: its frames at their times, in its framing, to its end."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus

from streamguide.connection import Wait, reset_on_close
from streamguide.scenarios.frames import Frame
from streamguide.simulator.journal import Entry
from streamguide.simulator.plan import Plan

Clock = Callable[[], float]

# After so many frames without a wait, about a millisecond, other greenlets run.
_MOST_AT_ONCE = 50


class Cut(ConnectionResetError):
    """Ends a response without ending its body: every server then closes the connection.

    It is the error of a connection that the client has reset, which servers do not log.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the plan ends here")


class RawWriter:
    """Writes a response on the client's socket, in a framing that the server does not offer."""

    def __init__(self, connection: socket.socket, plan: Plan, headers: Mapping[str, str]) -> None:
        self._connection = connection
        self._is_chunked = plan.framing != "http10"
        self._head = _head(plan, headers)

    def write(self, data: bytes) -> None:
        """Send a piece of the body, after the head if that was not sent yet."""
        if self._head:
            self._connection.sendall(self._head)
            self._head = b""
        if data:
            self._connection.sendall(_chunk(data) if self._is_chunked else data)

    def end(self) -> None:
        """End the body as its framing does."""
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
    """The plan's bytes, each held back until its time. Raises Cut where the plan says so.

    Times count from the first `next()`, so that a slow reader does not stretch the plan: a
    frame that is late goes out at once. `entry` learns what was sent, and how it ended.

    With `raw` it writes all bytes itself, yields none, and ends with Cut, so that the server closes
    the connection and adds nothing.
    """
    # One generator, and no other around it: a greenlet that waits has the stack below it copied
    # away and back, and that is most of what an event costs.
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
        # Without an end so far, a write failed or the client closed the connection.
        entry.end("left")


def _head(plan: Plan, headers: Mapping[str, str]) -> bytes:
    version = "HTTP/1.0" if plan.framing == "http10" else "HTTP/1.1"
    lines = [f"{version} {plan.status} {HTTPStatus(plan.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if plan.framing != "chunked":
        lines += ["connection: close"]
    if plan.framing != "http10":
        lines += ["transfer-encoding: chunked"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
