"""Turns for long computations: one request at a time, in pieces, with other requests between.

While one greenlet computes, no other runs. Without turns, fifty requests that compute would block
all visitors for the sum of their times.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from threading import Event, Lock

# A computation calls it between two pieces.
Pause = Callable[[], None]

# The length of a piece, which is how long it blocks other requests.
_PIECE_SECONDS = 0.01
# Shorter computations need no rest after them: fifty of these take a tenth of a second.
_SHORT_SECONDS = 0.002
_REST_SECONDS = 0.001
# Bodies over this size have the same priority: else one that had begun would hold its memory while
# smaller ones are preferred.
LARGE = 256 * 1024
# The priority of a request without a body whose answer takes some time, in bytes of a body.
_NO_BODY = 64 * 1024
# A request of LARGE is next after it has waited so much longer than the smallest one.
_HANDICAP_SECONDS = 60.0


def no_pause() -> None:
    """For callers without other requests."""


def rest() -> None:
    """Let other greenlets run, and let new requests arrive.

    After a sleep of 0 s gevent runs up to fifty greenlets before it looks for events.
    """
    time.sleep(_REST_SECONDS)


class Left(Exception):
    """The client of a request left while it waited for its turn."""


class Turns:
    """One request computes at a time. A smaller one is next unless a larger one has waited longer.

    So a small request waits for few others, and a large one does not starve. `has_left` tells
    whether the client of the current request has left: its computation is dropped.
    """

    def __init__(self, has_left: Callable[[], bool] = lambda: False) -> None:
        self._has_left = has_left
        self._lock = Lock()
        self._taken = False
        self._waiting: list[tuple[float, int, Event]] = []
        self._numbers = itertools.count()

    @contextmanager
    def take(self, size: int = _NO_BODY) -> Iterator[Pause]:
        """Wait for the turn of a request with a body of `size` bytes, and hold it.

        Yields a function to call between pieces: when one is over, it lets other requests run.
        Both raise Left if the client left while they waited.
        """
        handicap = _HANDICAP_SECONDS * min(size, LARGE) / LARGE
        due, number = time.monotonic() + handicap, next(self._numbers)
        has_waited = self._enter(due, number)
        began = time.monotonic()

        def pause() -> None:
            nonlocal began
            if time.monotonic() - began < _PIECE_SECONDS:
                return
            rest()
            if self._waiting and self._waiting[0] < (due, number):
                self._leave()
                self._enter(due, number)
                self._check_client()
            began = time.monotonic()

        try:
            if has_waited:
                self._check_client()
            yield pause
        finally:
            if time.monotonic() - began > _SHORT_SECONDS:
                # Before the turn ends, so that no other piece follows at once.
                rest()
            self._leave()

    def _check_client(self) -> None:
        if self._has_left():
            raise Left

    def _enter(self, due: float, number: int) -> bool:
        """Take the turn; returns whether it had to wait for it."""
        with self._lock:
            if not self._taken:
                self._taken = True
                return False
            turn = Event()
            heappush(self._waiting, (due, number, turn))
        # `_leave` hands the turn over, so it is not free in between.
        turn.wait()
        return True

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                heappop(self._waiting)[2].set()
            else:
                self._taken = False
