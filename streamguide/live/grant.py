"""What an admitted request holds, until it is settled and closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Event, Lock

from streamguide.live.book import Book, Lease, Unavailable
from streamguide.live.spend import Spend

_log = logging.getLogger(__name__)


class Grant:
    """An admitted request: its open place, and what is reserved for it.

    Where Redis is gone, its methods write a warning instead of raising, and the stream runs on.
    Then a place frees itself, and what was reserved stays spent.
    """

    def __init__(self, book: Book, lease: Lease, reserved: Mapping[str, int]) -> None:
        self._book = book
        self._lease = lease
        self._reserved = reserved
        self._settled = Lock()
        self._closed = Event()

    def renew(self) -> None:
        """Keep the place for another LEASE_SECONDS. For a closed one it does nothing."""
        if self._closed.is_set():
            return
        attempt("renew a place", self._book.renew, self._lease)
        # Closed while this waited for Redis, which may have heard of it in the other order.
        if self._closed.is_set():
            self.close()

    def close(self, spent: Spend | None = None) -> None:
        """Free the place; again is harmless.

        What is reserved is replaced, on the day on which it was, by the first `spent` that is
        told; without one it stays spent.
        """
        self._closed.set()
        changes: dict[str, int] = {}
        if spent is not None and self._settled.acquire(blocking=False):
            used = zip(self._reserved.items(), (spent.tokens, spent.microdollars), strict=True)
            changes = {count: amount - reserved for (count, reserved), amount in used}
        attempt("close a place and settle its cost", self._book.close, self._lease, changes)


def attempt(what: str, function: Callable[..., None], *arguments: object) -> None:
    """Call it; that the counts cannot be had is only written to the log."""
    try:
        function(*arguments)
    except Unavailable as error:
        _log.warning("Live mode could not %s: %s", what, error)
