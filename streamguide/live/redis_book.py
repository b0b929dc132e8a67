"""The book that several processes keep together, in Redis 5 or newer."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from limits.storage import RedisStorage
from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from streamguide.live.book import EVERYONE, KEPT_SECONDS, Book, Lease, Most, Unavailable

PREFIX = "streamguide:live"

_TIMEOUT_SECONDS = 1
_MOST_CONNECTIONS = 50

# Leases are members of a sorted set, scored by when they end, by the clock of Redis: those of
# the visitor in the first set, everyone's in the second. Counts are numbers. ARGV of all that
# write: the lease's id, and its seconds or those for which a count is kept.
_NOW = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
"""
_WRITE = """
for index = 1, 2 do
  redis.call('ZADD', KEYS[index], now + ARGV[2], ARGV[1])
  local last = redis.call('ZRANGE', KEYS[index], -1, -1, 'WITHSCORES')[2]
  redis.call('EXPIREAT', KEYS[index], math.ceil(last))
end
"""
_COUNT = """
local function count(key) return tonumber(redis.call('GET', key) or 0) end
local function add(key, amount, seconds)
  redis.call('INCRBY', key, amount)
  if redis.call('TTL', key) < 0 then redis.call('EXPIRE', key, seconds) end
end
"""
# The library's own script counts the request in a window, inside of this one: so a request costs
# one command, and not two. KEYS: the two sets, the window, the counts. ARGV goes on with the
# seconds of counts, the most places of each set, the time of the request, the most requests and
# the seconds of the window, the most of each count, and their amounts.
# Returns the number of the key that is full, or 0.
_OPEN = f"""{_NOW}{_COUNT}
local function acquire(KEYS, ARGV)
{RedisStorage.SCRIPT_ACQUIRE_MOVING_WINDOW.decode()}
end
local function most(index) return tonumber(ARGV[5 + index]) end
local function amount(index) return ARGV[2 + #KEYS + index] end
for index = 1, 2 do
  redis.call('ZREMRANGEBYSCORE', KEYS[index], '-inf', now)
  if redis.call('ZCARD', KEYS[index]) >= tonumber(ARGV[3 + index]) then return index end
end
for index = 4, #KEYS do
  if count(KEYS[index]) + amount(index) > most(index) then return index end
end
if not acquire({{KEYS[3]}}, {{ARGV[6], ARGV[7], ARGV[8], 1}}) then return 3 end
{_WRITE}
for index = 4, #KEYS do add(KEYS[index], amount(index), ARGV[3]) end
return 0
"""
_RENEW = _NOW + _WRITE
# KEYS: the two sets, the counts. ARGV goes on with the change of each count.
_CLOSE = f"""{_COUNT}
for index = 1, 2 do redis.call('ZREM', KEYS[index], ARGV[1]) end
for index = 3, #KEYS do
  add(KEYS[index], math.max(-count(KEYS[index]), ARGV[index]), ARGV[2])
end
"""
_LEASES = f"{_NOW} return redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf')"


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
        self._open = client.register_script(_OPEN)
        self._renew = client.register_script(_RENEW)
        self._close = client.register_script(_CLOSE)
        self._leases = client.register_script(_LEASES)

    def open(self, lease: Lease, amounts: Mapping[str, int], most: Most) -> str | None:
        window = most.window
        with self._asking():
            full: int = self._open(
                (*_sets(lease), *_keys((window.key_for(EVERYONE), *amounts))),
                (
                    *(lease.id, self._lease_seconds, KEPT_SECONDS),
                    *(most.visitor_places, most.places),
                    *(time.time(), window.amount, window.get_expiry()),
                    *(most.counts[count] for count in amounts),
                    *amounts.values(),
                ),
            )
        names = (None, "visitor_streams", "streams", window.namespace, *amounts)
        return names[full]

    def renew(self, lease: Lease) -> None:
        with self._asking():
            self._renew(_sets(lease), (lease.id, self._lease_seconds))

    def close(self, lease: Lease, changes: Mapping[str, int]) -> None:
        with self._asking():
            self._close(
                (*_sets(lease), *_keys(changes)), (lease.id, KEPT_SECONDS, *changes.values())
            )

    def leases(self) -> int:
        with self._asking():
            return int(self._leases((_STREAMS,)))

    def _asking(self) -> AbstractContextManager[object]:
        return _errors_named()


_STREAMS = f"{PREFIX}:streams"


def _keys(counts: Iterable[str]) -> list[str]:
    # As the library names them, which is asked what they stand at.
    return [f"{PREFIX}:{count}" for count in counts]


def _sets(lease: Lease) -> tuple[str, str]:
    return f"{_STREAMS}/{lease.visitor}", _STREAMS


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
