"""The book that several processes keep together, in Redis 5 or newer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from limits.storage import RedisStorage
from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from streamguide.live.book import Book, Full, Lease, Unavailable

PREFIX = "streamguide:live"

_TIMEOUT_SECONDS = 1
_MOST_CONNECTIONS = 50

# Leases are members of a sorted set, scored by when they end, by the clock of Redis: those of
# the visitor in the first set, everyone's in the second.
_NOW = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""
_WRITE = """
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, now + ARGV[2], ARGV[1])
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  redis.call('EXPIREAT', key, math.ceil(last))
end
return 0
"""
# ARGV: the lease's id, its seconds, the most of each set. Returns the number of a full set, or 0.
_TAKE = f"""{_NOW}
for index, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  if redis.call('ZCARD', key) >= tonumber(ARGV[index + 2]) then return index end
end
{_WRITE}"""
_RENEW = _NOW + _WRITE
_FREE = "for _, key in ipairs(KEYS) do redis.call('ZREM', key, ARGV[1]) end"
_LEASES = f"{_NOW} return redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf')"
# DECRBY keeps the time at which the key expires.
_LOWER = """
local count = tonumber(redis.call('GET', KEYS[1]) or 0)
if count > 0 then redis.call('DECRBY', KEYS[1], math.min(count, ARGV[1])) end
"""


class RedisBook(Book):
    """The counts of all processes that share a Redis. Connects only when it is asked something.

    Raises ValueError or TypeError for an address that cannot be read.
    """

    def __init__(self, url: str, lease_seconds: float) -> None:
        # The library takes the connections, not the address, which may hold a password.
        storage = RedisStorage("redis://", connection_pool=_pool(url), key_prefix=PREFIX)
        super().__init__(storage)
        self._lease_seconds = lease_seconds
        client: Redis = storage.storage
        self._take = client.register_script(_TAKE)
        self._renew = client.register_script(_RENEW)
        self._free = client.register_script(_FREE)
        self._leases = client.register_script(_LEASES)
        self._lower_script = client.register_script(_LOWER)

    def take(self, lease: Lease, most_of_visitor: int, most: int) -> Full | None:
        with self._asking():
            full: int = self._take(
                _sets(lease), (lease.id, self._lease_seconds, most_of_visitor, most)
            )
        of_set: tuple[Full | None, ...] = (None, "visitor_streams", "streams")
        return of_set[full]

    def renew(self, lease: Lease) -> None:
        with self._asking():
            self._renew(_sets(lease), (lease.id, self._lease_seconds))

    def free(self, lease: Lease) -> None:
        with self._asking():
            self._free(_sets(lease), (lease.id,))

    def leases(self) -> int:
        with self._asking():
            return int(self._leases((_EVERYONE,)))

    def _asking(self) -> AbstractContextManager[object]:
        return _errors_named()

    def _lower(self, count: str, amount: int) -> None:
        self._lower_script((f"{PREFIX}:{count}",), (amount,))


_EVERYONE = f"{PREFIX}:streams"


def _sets(lease: Lease) -> tuple[str, str]:
    return f"{PREFIX}:streams/{lease.visitor}", _EVERYONE


def _pool(url: str) -> BlockingConnectionPool:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_MOST_CONNECTIONS,
        timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        # What was counted before its answer was lost would be counted again.
        retry=Retry(NoBackoff(), 0),
        # Version 3 brings notices of maintenance, which ease the time-outs.
        protocol=2,
    )
    # Makes one that is not connected: what the address asks for shows at once, and not in use.
    pool.connection_class(**pool.connection_kwargs)
    return pool


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        # Only its kind, and no cause: an old server repeats a refused password in its text.
        raise Unavailable(f"Redis: {type(error).__name__}") from None
