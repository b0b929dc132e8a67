"""The book that several processes keep together, in Redis 5 or newer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from limits.storage import RedisStorage
from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from streamguide.live.book import KEPT_SECONDS, Book, Full, Lease, Unavailable

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
# ARGV: the seconds for which a count is kept, the amounts, and for _RESERVE the most of each.
_COUNT = """
local function count(key) return tonumber(redis.call('GET', key) or 0) end
local function add(key, amount)
  redis.call('INCRBY', key, amount)
  if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, ARGV[1]) end
end
"""
# Returns the number of a count that would be above its most, or 0.
_RESERVE = f"""{_COUNT}
for index, key in ipairs(KEYS) do
  if count(key) + ARGV[1 + index] > tonumber(ARGV[1 + #KEYS + index]) then return index end
end
for index, key in ipairs(KEYS) do add(key, ARGV[1 + index]) end
return 0
"""
_CHANGE = f"""{_COUNT}
for index, key in ipairs(KEYS) do add(key, math.max(-count(key), ARGV[1 + index])) end
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
        self._reserve = client.register_script(_RESERVE)
        self._change = client.register_script(_CHANGE)

    def reserve(self, amounts: Mapping[str, int], most: Mapping[str, int]) -> str | None:
        limits = [most[count] for count in amounts]
        with self._asking():
            full: int = self._reserve(_keys(amounts), (KEPT_SECONDS, *amounts.values(), *limits))
        return list(amounts)[full - 1] if full else None

    def change(self, amounts: Mapping[str, int]) -> None:
        with self._asking():
            self._change(_keys(amounts), (KEPT_SECONDS, *amounts.values()))

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


_EVERYONE = f"{PREFIX}:streams"


def _keys(counts: Iterable[str]) -> list[str]:
    # As the library names them, which is asked what they stand at.
    return [f"{PREFIX}:{count}" for count in counts]


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
