"""A light server of one event stream, for relays to ask: one thread, any number of connections.

    python -m tools.bench.upstream <answer

listens on a free port of 127.0.0.1, which it prints as "ready on port N". The answer is the head of
the response up to its empty line, then the events, each with the empty line that ends it. Every
request gets it in HTTP/1.1 chunks, one event per chunk and one chunk per write. The request's body
says how many milliseconds are from event to event: "an event every 20 ms"; with 0, a write has four
events, and the next follows as soon as it is taken.

Where an event has an @ and 19 zeros, they become the nanoseconds of CLOCK_MONOTONIC at which it was
due; without a pace, at which it was written. A server that falls behind is late by its own figures,
therefore, as whoever waits for it sees it.
"""

from __future__ import annotations

import gc
import re
import select
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from heapq import heappop, heappush

MARK = b"@" + 19 * b"0"
_PACE = re.compile(rb"an event every ([\d.]+) ms")
_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)
_READ_BYTES = 1 << 16
_BACKLOG = 4096
# Without a pace, so many events are a write, before others have their turn.
_TURN = 4
# An answer fits into the buffers of a connection, so that a write waits for a relay that hangs only.
_WRITE_SECONDS = 10


class Connection:
    """One connection: the bytes of its request, and where it is in the answer."""

    def __init__(self, made: socket.socket) -> None:
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(_WRITE_SECONDS)
        self.socket = made
        self.request = b""
        self.next = 0
        self.pace = 0
        self.due = 0

    def __lt__(self, other: Connection) -> bool:
        return False

    def read(self) -> bool:
        """Whether a request is complete. Raises OSError when the relay has left."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionResetError
        self.request += data
        head, end, body = self.request.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if not end or len(body) < (int(length[1]) if length else 0):
            return False
        pace = _PACE.search(body)
        self.request = b""
        self.next, self.pace = 0, round(float(pace[1]) * 1e6) if pace else 0
        self.due = time.monotonic_ns()
        return True


class Answer:
    """The head, and the chunks with what is before and after the time in each."""

    def __init__(self, text: bytes) -> None:
        head, _, events = text.partition(b"\r\n\r\n")
        self.head = head + b"\r\n\r\n"
        self.chunks = [
            (b"%x\r\n%s\r\n" % (len(event), event)).split(MARK)
            for event in re.findall(rb".+?\n\n", events, re.DOTALL)
        ]

    def some(self, start: int, end: int, sent: int) -> bytes:
        """These chunks with the time in them; the end of the body follows the last one."""
        mark = b"@%019d" % sent
        last = b"0\r\n\r\n" if end >= len(self.chunks) else b""
        return b"".join([mark.join(chunk) for chunk in self.chunks[start:end]]) + last


class Upstream:
    """The connections, and which of them gets its next events when."""

    def __init__(self, answer: Answer, listener: socket.socket) -> None:
        self._answer = answer
        self._listener = listener
        self._poller = select.epoll()
        self._poller.register(listener, select.EPOLLIN)
        self._by_file: dict[int, Connection] = {}
        self._waiting: list[tuple[int, Connection]] = []
        self._turns: deque[Connection] = deque()

    def serve(self) -> None:
        """Serve for ever."""
        while True:
            # epoll counts its time in milliseconds, select in microseconds.
            select.select([self._poller], [], [], self._seconds())
            for file, _ in self._poller.poll(0):
                if file == self._listener.fileno():
                    self._accept()
                else:
                    self._read(file)
            now = time.monotonic_ns()
            while self._waiting and self._waiting[0][0] <= now:
                _, connection = heappop(self._waiting)
                self._send(connection, 1, connection.due)
            for _ in range(len(self._turns)):
                self._send(self._turns.popleft(), _TURN, time.monotonic_ns())

    def _seconds(self) -> float | None:
        if self._turns:
            return 0
        if not self._waiting:
            return None
        return max(0, self._waiting[0][0] - time.monotonic_ns()) / 1e9

    def _accept(self) -> None:
        made, _ = self._listener.accept()
        self._by_file[made.fileno()] = Connection(made)
        self._poller.register(made, select.EPOLLIN)

    def _read(self, file: int) -> None:
        connection = self._by_file[file]
        try:
            if connection.read():
                connection.socket.sendall(self._answer.head)
                self._plan(connection)
        except OSError:
            # Where it has events to come, sending the next one fails.
            self._poller.unregister(file)
            del self._by_file[file]
            connection.socket.close()

    def _plan(self, connection: Connection) -> None:
        if connection.pace:
            heappush(self._waiting, (connection.due, connection))
        else:
            self._turns.append(connection)

    def _send(self, connection: Connection, count: int, sent: int) -> None:
        start, end = connection.next, connection.next + count
        with suppress(OSError):
            connection.socket.sendall(self._answer.some(start, end, sent))
            connection.next, connection.due = end, connection.due + connection.pace
            if end < len(self._answer.chunks):
                self._plan(connection)


def main() -> None:
    """Serve the answer that stdin has."""
    answer = Answer(sys.stdin.buffer.read())
    gc.disable()
    with socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG) as listener:
        print(f"ready on port {listener.getsockname()[1]}", flush=True)
        Upstream(answer, listener).serve()


if __name__ == "__main__":
    main()
