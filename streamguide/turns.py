"""Taking turns: what computes for long does so in pieces, one request at a time, with pages between.

While one greenlet computes, no other runs. Fifty that compute at once would hold up every visitor
for as long as all of them take together.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from threading import Event, Lock

# To be called between pieces of work.
Pause = Callable[[], None]

# So long a piece holds up whoever came meanwhile.
_PIECE_SECONDS = 0.01
# What is shorter needs no rest after it: fifty of them are a tenth of a second.
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
    """Where nobody waits."""


def rest() -> None:
    """Let others run, those too whose request is only about to be noticed.

    Not by a sleep of 0 s, after which gevent runs up to fifty greenlets before it looks for events.
    """
    time.sleep(_REST_SECONDS)


class Turns:
    """One request computes at a time. A smaller one is next unless a larger one has waited longer.

    So a small request waits for few others, and a large one does not starve.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken = False
        self._waiting: list[tuple[float, int, Event]] = []
        self._numbers = itertools.count()

    @contextmanager
    def take(self, size: int = _NO_BODY) -> Iterator[Pause]:
        """Compute in turn, for a request of so many bytes.

        Gives what to call between pieces: it lets others run, when it is time.
        """
        handicap = _HANDICAP_SECONDS * min(size, LARGE) / LARGE
        due, number = time.monotonic() + handicap, next(self._numbers)
        self._enter(due, number)
        began = time.monotonic()

        def pause() -> None:
            nonlocal began
            if time.monotonic() - began < _PIECE_SECONDS:
                return
            rest()
            if self._waiting and self._waiting[0] < (due, number):
                self._leave()
                self._enter(due, number)
            began = time.monotonic()

        try:
            yield pause
        finally:
            if time.monotonic() - began > _SHORT_SECONDS:
                # In its turn still, so that nobody's piece follows at once.
                rest()
            self._leave()

    def _enter(self, due: float, number: int) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            turn = Event()
            heappush(self._waiting, (due, number, turn))
        # The turn is handed over, and never free in between.
        turn.wait()

    def _leave(self) -> None:
        with self._lock:
            if self._waiting:
                heappop(self._waiting)[2].set()
            else:
                self._taken = False
