"""Playing a plan: its frames at their times, in its framing, to its end."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus

from streamguide.connection import Wait, reset_on_close
from streamguide.scenarios.plan import Frame
from streamguide.simulator.journal import Entry
from streamguide.simulator.plan import Plan

Clock = Callable[[], float]


class Cut(ConnectionResetError):
    """Ends a response without ending its body: every server then closes the connection.

    It is the error that a connection reset by the client raises, which servers pass over
    without a word.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the plan ends here")


def play(
    plan: Plan,
    entry: Entry,
    wait: Wait,
    connection: socket.socket | None,
    clock: Clock = time.monotonic,
) -> Iterator[bytes]:
    """The plan's bytes, each held back until its time. Raises Cut where the plan says so.

    Times count from the first `next()`, so that a slow reader does not stretch the plan: a
    frame that is late goes out at once. `entry` learns what was sent, and how it ended.
    """
    # One generator, and no other around it: between two events of a stream, its server keeps
    # aside all that lies under the one that waits, and that is most of what an event costs.
    start = clock()
    try:
        for frame in plan.frames:
            early = start + frame.at / 1000 - clock()
            if early > 0 and not wait(connection, early):
                raise Cut
            if frame.data:
                yield frame.data
                entry.sent(frame)
        if plan.end == "whole":
            entry.end("complete")
            return
        _break_off(plan, entry, connection)
        raise Cut
    finally:
        # Here without an end: a write failed, or the client left while nothing was written.
        entry.end("left")


def play_raw(
    plan: Plan,
    headers: Mapping[str, str],
    entry: Entry,
    wait: Wait,
    connection: socket.socket,
    clock: Clock = time.monotonic,
) -> Iterator[bytes]:
    """The plan in a way that the server does not offer, written on the client's socket.

    It has at least one frame. Yields nothing; ends with Cut, so that the server closes the
    connection and adds nothing.
    """
    chunked = plan.framing != "http10"
    try:
        head = Frame(plan.head_at if plan.head_first else plan.frames[0].at, _head(plan, headers))
        for frame in _timed((head, *plan.frames), wait, connection, clock):
            if frame is head:
                connection.sendall(head.data)
                continue
            connection.sendall(_chunk(frame.data) if chunked else frame.data)
            entry.sent(frame)
        if plan.end == "whole":
            connection.sendall(b"0\r\n\r\n" if chunked else b"")
            entry.end("complete")
        else:
            _break_off(plan, entry, connection)
        raise Cut
    finally:
        entry.end("left")
    yield b""  # The servers ask for an iterator.


def _break_off(plan: Plan, entry: Entry, connection: socket.socket | None) -> None:
    entry.end("cut")
    if plan.end == "reset" and connection is not None:
        reset_on_close(connection)


def _timed(
    frames: tuple[Frame, ...], wait: Wait, connection: socket.socket | None, clock: Clock
) -> Iterator[Frame]:
    start = clock()
    for frame in frames:
        early = start + frame.at / 1000 - clock()
        if early > 0 and not wait(connection, early):
            raise Cut
        if frame.data:
            yield frame


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
