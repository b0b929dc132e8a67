"""A light client for streams and pages: N connections, each of which asks again when its answer is
complete.

    python -m tools.bench.client PORT CONNECTIONS RAMP_MS WARM_MS WINDOW_MS PACE_MS STATUS <request

The connections begin one after the other over RAMP_MS; what arrives between WARM_MS and WARM_MS +
WINDOW_MS is counted, and printed as JSON (`all_events`, `ended`: of the whole run).
An event ends with an empty line. It is late against the first event of its stream, PACE_MS for
each event in between (0: nothing is due at any time). An @ and 19 digits in it are the time at
which its server meant to send it, in nanoseconds of CLOCK_MONOTONIC: its age is the time since then.
"""

from __future__ import annotations

import gc
import json
import re
import select
import socket
import sys
import time
from collections.abc import Iterator

from tools.bench.report import percentile

MARK = re.compile(rb"@(\d{19})")
_LENGTH = re.compile(rb"^content-length: *(\d+)\r$", re.IGNORECASE | re.MULTILINE)
_READ_BYTES = 1 << 16
_SILENCE_SECONDS = 20


class Run:
    """What is counted, and when. Times are in nanoseconds, those of `lists` by name."""

    def __init__(self, warm: int, window: int, pace: int, status: bytes, request: bytes) -> None:
        self.started = time.monotonic_ns()
        self.begin = self.started + warm
        self.end = self.begin + window
        self.pace, self.status, self.request = pace, status, request
        self.lists: dict[str, list[int]] = {
            name: [] for name in ("first_byte", "first_event", "late", "age")
        }
        self.events = self.reads = self.all_events = 0
        self.counts: list[int] = []

    def is_counted(self, now: int) -> bool:
        return self.begin <= now < self.end

    def figures(self, busy: float) -> dict[str, float]:
        """The figures, with times in ms."""
        found: dict[str, float] = {
            "seconds": (self.end - self.begin) / 1e9,
            "events": self.events,
            "reads": self.reads,
            "all_events": self.all_events,
            "ended": len(self.counts),
            "fewest": min(self.counts, default=0),
            "most": max(self.counts, default=0),
            "ages": len(self.lists["age"]),
            "busy": busy,
        }
        for name, times in self.lists.items():
            for share in (50, 99):
                value = percentile(times, share / 100) if times else 0
                found[f"{name}_p{share}"] = round(value / 1e6, 3)
        return found


class Connection:
    """One connection: asks, reads the answer, and asks again."""

    def __init__(self, run: Run, port: int) -> None:
        self._run = run
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._ask()

    def _ask(self) -> None:
        self._asked, self._first, self._events = time.monotonic_ns(), 0, 0
        # Bytes before a chunk, or of the head, that are not complete; those of an event.
        self._pending, self._event = b"", b""
        self._in_head, self._in_chunks, self._left = True, False, 0
        self._has_bytes = False
        self.socket.sendall(self._run.request)

    def read(self) -> None:
        """Read what has arrived. Exits with a message if it is no complete answer."""
        data = self.socket.recv(_READ_BYTES)
        run, now = self._run, time.monotonic_ns()
        if not data:
            sys.exit(f"an answer was closed after {self._events} events")
        if run.is_counted(now):
            run.reads += 1
            if not self._has_bytes:
                run.lists["first_byte"].append(now - self._asked)
        self._has_bytes = True
        is_over = False
        if self._in_head:
            data = self._pending + data
            is_over, data = self._read_head(data)
        if self._in_chunks:
            for piece in self._chunks(data):
                is_over = is_over or not piece
                self._read_events(piece, now)
        elif not self._in_head:
            self._left -= len(data)
            is_over = self._left <= 0
        if is_over:
            run.counts.append(self._events)
            self._ask()

    def _read_head(self, data: bytes) -> tuple[bool, bytes]:
        """Whether the answer is complete without a body, and the rest of the bytes."""
        head, end, rest = data.partition(b"\r\n\r\n")
        status = data[9:12]
        if not self._run.status.startswith(status):
            sys.exit(f"not a {self._run.status.decode()}, but: {data[:200]!r}")
        if not end:
            self._pending = data
            return False, b""
        self._in_head, self._pending = False, b""
        length = _LENGTH.search(head + b"\r\n")
        if length or status == b"304":
            self._left = int(length[1]) if length and status != b"304" else 0
            return self._left == 0, rest
        if b"transfer-encoding: chunked" not in head.lower():
            sys.exit(f"neither a length nor chunks: {head!r}")
        self._in_chunks = True
        # Before the size of each other chunk there is the end of a line, too.
        return False, b"\r\n" + rest

    def _chunks(self, data: bytes) -> Iterator[bytes]:
        """The bytes of the chunks; nothing for the last one."""
        data, at = self._pending + data, 0
        self._pending = b""
        while at < len(data):
            if self._left == 0:
                end = data.find(b"\r\n", at + 2)
                size = int(data[at:end], 16) if end > 0 else 0
                if end < 0 or (size == 0 and len(data) < end + 4):
                    self._pending = data[at:]
                    return
                if size == 0:
                    yield b""
                    return
                self._left, at = size, end + 2
            piece = data[at : at + self._left]
            self._left -= len(piece)
            at += len(piece)
            if piece:
                yield piece

    def _read_events(self, piece: bytes, now: int) -> None:
        """Count the events that these bytes complete."""
        *events, self._event = (self._event + piece).split(b"\n\n")
        run, is_counted = self._run, self._run.is_counted(now)
        run.all_events += len(events)
        for event in events:
            number, self._events = self._events, self._events + 1
            if number == 0:
                self._first = now
            if not is_counted:
                continue
            run.events += 1
            if number == 0:
                run.lists["first_event"].append(now - self._asked)
            elif run.pace:
                run.lists["late"].append(max(0, now - self._first - number * run.pace))
            if mark := MARK.search(event):
                run.lists["age"].append(now - int(mark[1]))


def main() -> None:
    """Put the load on the server that the command line names."""
    port, count, *milliseconds, status = map(int, sys.argv[1:])
    ramp, warm, window, pace = (1_000_000 * one for one in milliseconds)
    run = Run(warm, window, pace, b"%d" % status, sys.stdin.buffer.read())
    poller = select.epoll()
    by_file: dict[int, Connection] = {}
    # Nothing here is cyclic, and a collection would make events late.
    gc.disable()
    used, now = 0.0, run.started
    while now < run.end:
        while len(by_file) < count and now >= run.started + ramp * len(by_file) // count:
            connection = Connection(run, port)
            by_file[connection.socket.fileno()] = connection
            poller.register(connection.socket, select.EPOLLIN)
        is_begun = len(by_file) == count
        ready = poller.poll(_SILENCE_SECONDS if is_begun else 0.001)
        if is_begun and not ready:
            sys.exit(f"nothing arrived for {_SILENCE_SECONDS} s")
        for file, _ in ready:
            by_file[file].read()
        now = time.monotonic_ns()
        if not used and now >= run.begin:
            used = time.process_time()
    busy = (time.process_time() - used) * 1e9 / (run.end - run.begin)
    print(json.dumps(run.figures(busy)))


if __name__ == "__main__":
    main()
