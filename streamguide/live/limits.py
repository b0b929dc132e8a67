"""The limits of live mode: requests per minute, open streams, and budgets per day."""

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

# The seconds after which a stream's place is free if it is not renewed.
LEASE_SECONDS = 60
_MINUTE = 60
_DAY = 24 * 3600
_STREAMS_RETRY_SECONDS = 5
_MOST_TRIES = 5
# The owner of the limits that all visitors share.
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
    """A limit is reached: its name, a sentence for the visitor, and whole seconds until a retry."""

    def __init__(self, limit: str, most: int, wait: float) -> None:
        self.limit = limit
        self.retry_after = max(1, math.ceil(wait))
        self.message = _MESSAGES[limit].format(most=most, wait=self.retry_after)
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a request uses of the day's budgets: output tokens, and millionths of a US dollar."""

    tokens: int
    microdollars: int


def open_limits(
    settings: LiveSettings,
    *,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
    lease_seconds: float = LEASE_SECONDS,
) -> Limits:
    """The limits, counted in Redis if the settings name one. It does not connect yet.

    `clock` returns seconds since 1970, for the day. In memory, minutes and places are timed by
    `monotonic`, in Redis by its own clock. Raises SettingsError for an invalid address of Redis.
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
    """The limits. A `visitor` is any text that identifies a visitor; only its hash is stored.

    Every method raises Unavailable if the store cannot be reached.
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
        """Raises Unavailable if the store cannot be reached."""
        self._store.check(())

    def count(self, visitor: str) -> None:
        """Count a request, also if it is refused later. Raises LimitExceeded for one too many."""
        most = self._settings.visitor_per_minute
        self._count(Pool("visitor_per_minute", _hashed(visitor), most, _MINUTE))

    def admit(self, visitor: str, worst: Amount) -> Reservation:
        """Take a place for a request's stream, and reserve the most that it can use.

        After LimitExceeded and Unavailable no place is taken and nothing is reserved, unless the
        connection to Redis broke after Redis had reserved it.
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
            # Without a response of Redis the place may be taken.
            reservation.close()
            raise
        if full is not None:
            # A stream usually ends long before its place expires.
            is_stream = full.limit in ("visitor_streams", "streams")
            wait = _STREAMS_RETRY_SECONDS if is_stream else full.wait
            raise LimitExceeded(full.limit, full.most, wait)
        return reservation

    def check_tries(self, visitor: str) -> None:
        """Raises LimitExceeded after too many wrong access codes of this visitor in a minute.

        Call it for a right code, and `wrong_try` for a wrong one: each try then is one atomic step
        of the store, so that concurrent tries are counted like consecutive ones.
        """
        _refuse(self._store.check((_tries(visitor),)))

    def wrong_try(self, visitor: str) -> None:
        """Count a wrong access code. Raises LimitExceeded after too many in a minute."""
        self._count(_tries(visitor))

    def _count(self, minute: Pool) -> None:
        _refuse(self._store.take(uuid4().hex, (minute,), ()))

    def _budgets(self, now: float, worst: Amount) -> tuple[Budget, Budget]:
        """The budgets of the day: tokens, then dollars."""
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
    """The place and the reserved amount of an admitted request.

    While Redis cannot be reached, its methods log a warning instead of raising, and the stream
    continues. Its place then expires, and the reserved amount stays spent.
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
        """Keep the place for another LEASE_SECONDS, unless it was closed."""
        if self._closed.is_set():
            return
        try:
            self._store.renew(self.id, self._streams)
        except Unavailable as error:
            _log.warning("Live mode could not renew a place: %s", error)
        # `close` was called meanwhile, and Redis may have run both in the other order.
        if self._closed.is_set():
            self.close()

    def close(self, used: Amount | None = None) -> None:
        """Free the place. It may be called again.

        The first `used` amount replaces the reserved one, on the day of the reservation; without
        one the reserved amount stays spent.
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
