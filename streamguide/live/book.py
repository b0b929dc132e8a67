"""Where live mode counts: what a book offers, and the book that one process keeps in memory."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock

from limits import RateLimitItem
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

# A day's count outlives its day, because a stream that crosses midnight is settled in the new one.
KEPT_SECONDS = 2 * 24 * 3600
_TIDY_SECONDS = 60


class Unavailable(Exception):
    """The counts cannot be had; says why, without an address."""


@dataclass(frozen=True, slots=True)
class Lease:
    """An open place: whose, and its own id. It ends by itself unless it is renewed."""

    visitor: str
    id: str


@dataclass(frozen=True, slots=True)
class Most:
    """How much there may be: requests in a window, open places, and the amount of each count.

    The window's `namespace` is the name of its limit.
    """

    window: RateLimitItem
    visitor_places: int
    places: int
    counts: Mapping[str, int]


# Whose a window is that all share.
EVERYONE = "all"


class Book(ABC):
    """Requests in a moving window, amounts spent, and leases. Every method raises Unavailable.

    `limits` counts windows and amounts; it has no leases, so that those are each book's own.
    """

    def __init__(self, storage: MemoryStorage | RedisStorage) -> None:
        self._storage = storage
        self._windows = MovingWindowRateLimiter(storage)

    def hit(self, window: RateLimitItem, name: str) -> bool:
        """Count a request, unless `name` has no room left in this window: then False."""
        with self._asking():
            return self._windows.hit(window, name)

    def wait(self, window: RateLimitItem, name: str) -> float:
        """Seconds until there is room for one more; 0 or less when there is."""
        with self._asking():
            if self._windows.test(window, name):
                return 0
            return self._windows.get_window_stats(window, name).reset_time - time.time()

    def spent(self, count: str) -> int:
        """What a count stands at."""
        with self._asking():
            return self._storage.get(count)

    @abstractmethod
    def open(self, lease: Lease, amounts: Mapping[str, int], most: Most) -> str | None:
        """Count a request, open a place and add to each count its amount, all in one step.

        Unless there is no room: then the name of what is full is returned, that of a window or a
        count, "visitor_streams" or "streams". What concerns the visitor comes first, and everyone's
        window last, so that nobody uses up what is everyone's. A refused request changes nothing.
        """

    @abstractmethod
    def renew(self, lease: Lease) -> None:
        """Let a lease begin anew, also one that has ended: its stream is open all the same."""

    @abstractmethod
    def close(self, lease: Lease, changes: Mapping[str, int]) -> None:
        """End a lease, if it has not ended, and change each count, which never falls below zero."""

    @abstractmethod
    def leases(self) -> int:
        """How many run."""

    @abstractmethod
    def _asking(self) -> AbstractContextManager[object]:
        """Held around whatever asks the storage."""


class MemoryBook(Book):
    """The book of a single process. `clock` gives seconds, for leases."""

    def __init__(self, clock: Callable[[], float], lease_seconds: float) -> None:
        self._memory = MemoryStorage()
        super().__init__(self._memory)
        # The library's own locks let a count be lost while its key is new.
        self._lock = Lock()
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._ends: dict[Lease, float] = {}
        self._tidied = clock()

    def hit(self, window: RateLimitItem, name: str) -> bool:
        self._tidy()
        return super().hit(window, name)

    def open(self, lease: Lease, amounts: Mapping[str, int], most: Most) -> str | None:
        self._tidy()
        with self._lock:
            full = self._full(lease, amounts, most)
            if full is None:
                self._ends[lease] = self._clock() + self._lease_seconds
                self._add(amounts)
            return full

    def _full(self, lease: Lease, amounts: Mapping[str, int], most: Most) -> str | None:
        """What is full; else the request is counted."""
        self._end_leases()
        if sum(one.visitor == lease.visitor for one in self._ends) >= most.visitor_places:
            return "visitor_streams"
        if len(self._ends) >= most.places:
            return "streams"
        for count, amount in amounts.items():
            if self._memory.get(count) + amount > most.counts[count]:
                return count
        if not self._windows.hit(most.window, EVERYONE):
            return most.window.namespace
        return None

    def renew(self, lease: Lease) -> None:
        with self._lock:
            self._ends[lease] = self._clock() + self._lease_seconds

    def close(self, lease: Lease, changes: Mapping[str, int]) -> None:
        with self._lock:
            self._ends.pop(lease, None)
            self._add(changes)

    def leases(self) -> int:
        with self._lock:
            self._end_leases()
            return len(self._ends)

    def _asking(self) -> AbstractContextManager[object]:
        return self._lock

    def _add(self, amounts: Mapping[str, int]) -> None:
        for count, amount in amounts.items():
            if amount >= 0:
                self._memory.incr(count, KEPT_SECONDS, amount)
            else:
                self._memory.decr(count, -amount)

    def _end_leases(self) -> None:
        now = self._clock()
        self._ends = {lease: end for lease, end in self._ends.items() if end > now}

    def _tidy(self) -> None:
        """Forget visitors without requests, of each of whom the library keeps an empty list."""
        with self._lock:
            if self._clock() - self._tidied < _TIDY_SECONDS:
                return
            self._tidied = self._clock()
            for name in [name for name, hits in self._memory.events.copy().items() if not hits]:
                self._memory.clear(name)
