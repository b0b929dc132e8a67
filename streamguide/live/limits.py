"""How much live mode may be used: requests a minute, open streams, and a day's budgets."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import blake2b
from uuid import uuid4

from limits import RateLimitItem, RateLimitItemPerMinute

from streamguide.live.book import EVERYONE, Book, Lease, MemoryBook, Most, Unavailable
from streamguide.live.grant import Grant
from streamguide.live.over import Limit, Over
from streamguide.live.redis_book import RedisBook
from streamguide.live.spend import Spend
from streamguide.settings import LiveSettings, SettingsError

__all__ = [
    "LEASE_SECONDS",
    "Grant",
    "Limit",
    "Limits",
    "Over",
    "Spend",
    "Unavailable",
    "open_limits",
]

# How long the place of a stream stays taken that nobody renews.
LEASE_SECONDS = 60
_STREAMS_RETRY_SECONDS = 5
_DAY_SECONDS = 24 * 3600
_TRIES = RateLimitItemPerMinute(5, namespace="access_tries")


def open_limits(
    settings: LiveSettings,
    *,
    clock: Callable[[], float] = time.time,
    lease_seconds: float = LEASE_SECONDS,
) -> Limits:
    """The limits, counted in Redis if the settings name one. Does not connect yet.

    `clock` gives seconds since 1970: it tells the day, and in memory ends leases. Raises
    SettingsError for an address of Redis that cannot be read.
    """
    url = settings.redis_url.get_secret_value()
    if not url:
        return Limits(settings, MemoryBook(clock, lease_seconds), clock)
    try:
        return Limits(settings, RedisBook(url, lease_seconds), clock)
    except (ValueError, TypeError):
        raise SettingsError(
            "REDIS_URL cannot be read; it takes the address of a Redis server, "
            "such as redis://127.0.0.1:6379/0"
        ) from None


class Limits:
    """What may still be asked. A `visitor` is any text that is the same for the same visitor.

    Only a hash of it is written down. Whatever is asked of it raises Unavailable when the counts
    cannot be had.
    """

    def __init__(self, settings: LiveSettings, book: Book, clock: Callable[[], float]) -> None:
        self._settings = settings
        self._visitor_window = RateLimitItemPerMinute(
            settings.visitor_per_minute, namespace="visitor_per_minute"
        )
        self._window = RateLimitItemPerMinute(settings.per_minute, namespace="per_minute")
        self._book = book
        self._clock = clock

    def count(self, visitor: str) -> None:
        """Count a request of this visitor, whatever comes of it. Raises Over for one too many."""
        self._hit(self._visitor_window, "visitor_per_minute", visitor)

    def admit(self, visitor: str, worst: Spend) -> Grant:
        """Open a place for a request's stream, and reserve the most that it can spend.

        Raises Over and Unavailable; then no place is open and nothing is reserved, except what
        Redis reserved in the moment in which it was lost.
        """
        lease = Lease(_hashed(visitor), uuid4().hex)
        now = self._clock()
        tokens, microdollars = _counts(now)
        amounts = {tokens: worst.tokens, microdollars: worst.microdollars}
        most = self._most(tokens, microdollars)
        grant = Grant(self._book, lease, amounts)
        try:
            full = self._book.open(lease, amounts, most)
        except BaseException:
            # The answer is lost, and the place may be taken.
            grant.close()
            raise
        day_ends = _DAY_SECONDS - now % _DAY_SECONDS
        match full:
            case None:
                return grant
            case "per_minute":
                raise Over(full, self._book.wait(most.window, EVERYONE), most.window.amount)
            case "visitor_streams":
                raise Over(full, _STREAMS_RETRY_SECONDS, most.visitor_places)
            case "streams":
                raise Over(full, _STREAMS_RETRY_SECONDS, most.places)
            case _:
                raise Over("tokens_per_day" if full == tokens else "dollars_per_day", day_ends)

    def check_tries(self, visitor: str) -> None:
        """Raises Over after too many wrong access codes of this visitor in a minute.

        A right code asks this, a wrong one `wrong_try`: each asks the counts once, so that of many
        tries at the same moment no more are told apart than of as many in a row.
        """
        wait = self._book.wait(_TRIES, _hashed(visitor))
        if wait > 0:
            raise Over("access_tries", wait)

    def wrong_try(self, visitor: str) -> None:
        """Count a wrong access code. Raises Over after too many of this visitor in a minute."""
        self._hit(_TRIES, "access_tries", visitor)

    def spent_today(self) -> Spend:
        """What is spent and reserved of today's budgets, by all processes."""
        tokens, microdollars = map(self._book.spent, _counts(self._clock()))
        return Spend(tokens, microdollars)

    def open_streams(self) -> int:
        """How many places are taken, by all processes."""
        return self._book.leases()

    def _hit(self, window: RateLimitItem, limit: Limit, visitor: str) -> None:
        name = _hashed(visitor)
        if not self._book.hit(window, name):
            raise Over(limit, self._book.wait(window, name), window.amount)

    def _most(self, tokens: str, microdollars: str) -> Most:
        settings = self._settings
        dollars = round(settings.dollars_per_day * 1_000_000)
        return Most(
            self._window,
            settings.visitor_streams,
            settings.streams,
            {tokens: settings.tokens_per_day, microdollars: dollars},
        )


def _counts(now: float) -> tuple[str, str]:
    """The names of the day's counts: tokens, and millionths of a dollar."""
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    return f"{day}/tokens", f"{day}/microdollars"


def _hashed(visitor: str) -> str:
    return blake2b(visitor.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
