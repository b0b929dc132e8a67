"""How much live mode may be used: requests a minute, open streams, and a day's budgets."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Event, Lock
from uuid import uuid4

from redis import RedisError

from streamguide.live.stores import (
    Budget,
    CounterStore,
    Full,
    MemoryStore,
    Pool,
    RedisStore,
    Unavailable,
)
from streamguide.settings import LiveSettings, SettingsError

_log = logging.getLogger(__name__)

# How long the place of a stream that nobody renews stays taken.
LEASE_SECONDS = 60
_MINUTE = 60
_DAY = 24 * 3600
_STREAMS_RETRY_SECONDS = 5
_MOST_TRIES = 5
# Whose the limits are that all visitors share.
_EVERYONE = "all"

_MESSAGES = {
    "visitor_per_minute": "Your address has made as many requests as one may make in a minute "
    "({most}); try again in {wait} s.",
    "per_minute": "Live mode has had as many requests as it takes in a minute ({most}); "
    "try again in {wait} s.",
    "visitor_streams": "Your address has as many streams open as one may have ({most}); "
    "stop one, or wait until one ends.",
    "streams": "Live mode has as many streams open as it may have ({most}); "
    "try again when one has ended.",
    "tokens_per_day": "What is left of today's output tokens is less than this request may use; "
    "a smaller max_tokens may still fit, and a new day begins at midnight UTC.",
    "dollars_per_day": "What is left of today's dollars is less than this request may cost; "
    "a smaller max_tokens may still fit, and a new day begins at midnight UTC.",
    "access_tries": "Your address has tried too many wrong access codes; try again in {wait} s.",
}
# The names of all limits.
LIMITS = frozenset(_MESSAGES)


class LimitExceeded(Exception):
    """A limit is reached: its name, a sentence for the visitor, and whole seconds, at least 1."""

    def __init__(self, limit: str, most: int, wait: float) -> None:
        self.limit = limit
        self.retry_after = max(1, math.ceil(wait))
        self.message = _MESSAGES[limit].format(most=most, wait=self.retry_after)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a request uses of a day's budgets: output tokens, and millionths of a US dollar."""

    tokens: int
    microdollars: int


def open_limits(
    settings: LiveSettings,
    *,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    lease_seconds: float = LEASE_SECONDS,
) -> Limits:
    """The limits, counted in Redis if the settings name one. Does not connect yet.

    `clock` gives seconds since 1970, and tells the day. In memory, minutes and places go by
    `monotonic`; in Redis by its own clock. Raises SettingsError for an address of Redis that
    cannot be read.
    """
    url = settings.redis_url.get_secret_value()
    try:
        store = RedisStore(url) if url else MemoryStore(monotonic)
    except (ValueError, TypeError, RedisError):
        raise SettingsError(
            "REDIS_URL cannot be read; it takes the address of a Redis server, "
            "such as redis://127.0.0.1:6379/0"
        ) from None
    return Limits(settings, store, clock, lease_seconds)


class Limits:
    """What may still be asked. A `visitor` is any text that is the same for the same visitor.

    Only a hash of it is written down. Every method raises Unavailable when the counts cannot be
    had.
    """

    def __init__(
        self,
        settings: LiveSettings,
        store: CounterStore,
        clock: Callable[[], float],
        lease_seconds: float,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._lease_seconds = lease_seconds

    def reach(self) -> None:
        """Ask the store for nothing, to see whether it can be had."""
        self._store.check(())

    def count(self, visitor: str) -> None:
        """Count a request, whatever becomes of it. Raises LimitExceeded for one too many."""
        most = self._settings.visitor_per_minute
        self._count(Pool("visitor_per_minute", _hashed(visitor), most, _MINUTE))

    def admit(self, visitor: str, worst: Amount) -> Reservation:
        """Open a place for a request's stream, and reserve the most that it can use.

        Raises LimitExceeded and Unavailable; then no place is open and nothing is reserved, except
        what Redis reserved in the moment in which it was lost.
        """
        settings, seconds, now = self._settings, self._lease_seconds, self._clock()
        streams = (
            Pool("visitor_streams", _hashed(visitor), settings.visitor_streams, seconds),
            Pool("streams", _EVERYONE, settings.streams, seconds),
        )
        minute = Pool("per_minute", _EVERYONE, settings.per_minute, _MINUTE)
        budgets = self._budgets(now, worst)
        reservation = Reservation(self._store, streams, budgets)
        try:
            full = self._store.take(reservation.id, (*streams, minute), budgets)
        except BaseException:
            # The answer is lost, and the place may be taken.
            reservation.close()
            raise
        if full is not None:
            # A stream may end long before its place would.
            is_stream = full.limit in ("visitor_streams", "streams")
            wait = _STREAMS_RETRY_SECONDS if is_stream else full.wait
            raise LimitExceeded(full.limit, full.most, wait)
        return reservation

    def check_tries(self, visitor: str) -> None:
        """Raises LimitExceeded after too many wrong access codes of this visitor in a minute.

        It is for a right code, as `wrong_try` is for a wrong one. So each try is one step of the
        store, and no more of them are answered when many are made at once.
        """
        _refuse(self._store.check((_tries(visitor),)))

    def wrong_try(self, visitor: str) -> None:
        """Count a wrong access code. Raises LimitExceeded after too many in a minute."""
        self._count(_tries(visitor))

    def _count(self, minute: Pool) -> None:
        _refuse(self._store.take(uuid4().hex, (minute,), ()))

    def _budgets(self, now: float, worst: Amount) -> tuple[Budget, Budget]:
        """The day's: tokens, then dollars."""
        day = time.strftime("%Y-%m-%d", time.gmtime(now))
        seconds = _DAY - now % _DAY
        tokens = self._settings.tokens_per_day
        microdollars = round(self._settings.dollars_per_day * 1_000_000)
        return (
            Budget("tokens_per_day", f"{day}/tokens", tokens, seconds, worst.tokens),
            Budget(
                "dollars_per_day", f"{day}/microdollars", microdollars, seconds, worst.microdollars
            ),
        )


class Reservation:
    """An admitted request: its open place, and what is reserved for it.

    While Redis is gone, its methods write a warning instead of raising, and the stream runs on.
    Then a place frees itself, and what was reserved stays spent.
    """

    def __init__(
        self, store: CounterStore, streams: tuple[Pool, ...], budgets: tuple[Budget, Budget]
    ) -> None:
        self.id = uuid4().hex
        self._store = store
        self._streams = streams
        self._budgets = budgets
        self._settled = Lock()
        self._closed = Event()

    def renew(self) -> None:
        """Keep the place for another LEASE_SECONDS. For a closed one it does nothing."""
        if self._closed.is_set():
            return
        try:
            self._store.renew(self.id, self._streams)
        except Unavailable as error:
            _log.warning("Live mode could not renew a place: %s", error)
        # Closed while this waited for Redis, which may have done both in the other order.
        if self._closed.is_set():
            self.close()

    def close(self, used: Amount | None = None) -> None:
        """Free the place; again is harmless.

        What is reserved is replaced, on the day on which it was, by the first `used` that is
        told; without one it stays spent.
        """
        self._closed.set()
        changes: dict[str, int] = {}
        if used is not None and self._settled.acquire(blocking=False):
            amounts = zip(self._budgets, (used.tokens, used.microdollars), strict=True)
            changes = {budget.key: amount - budget.amount for budget, amount in amounts}
        try:
            self._store.release(self.id, self._streams, changes)
        except Unavailable as error:
            _log.warning("Live mode could not close a place and settle its cost: %s", error)


def _tries(visitor: str) -> Pool:
    return Pool("access_tries", _hashed(visitor), _MOST_TRIES, _MINUTE)


def _refuse(full: Full | None) -> None:
    if full is not None:
        raise LimitExceeded(full.limit, full.most, full.wait)


def _hashed(visitor: str) -> str:
    return blake2b(visitor.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
