"""Where limits are counted: in the memory of one process, or in Redis for several.

Both stores have pools and budgets. An entry of a pool expires: a request is an entry of 60 s, and
an open stream is an entry that is renewed until it is released.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from threading import Lock
from typing import Protocol

from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry


class Unavailable(Exception):
    """The store cannot be reached. The message says why, without an address."""


@dataclass(frozen=True, slots=True)
class Pool:
    """At most `most` entries at a time, each of which expires after `seconds`.

    `limit` and `owner` identify the pool, which always has the same seconds.
    """

    limit: str
    owner: str
    most: int
    seconds: float

    @property
    def key(self) -> str:
        """The pool's name in the store."""
        return f"{self.limit}/{self.owner}"


@dataclass(frozen=True, slots=True)
class Budget:
    """A sum of at most `most` within the next `seconds`, and the `amount` to add to it."""

    limit: str
    key: str
    most: int
    seconds: float
    amount: int


@dataclass(frozen=True, slots=True)
class Full:
    """The limit that a request exceeds, and the seconds until it has room again."""

    limit: str
    most: int
    wait: float


class CounterStore(Protocol):
    """Each method is one atomic step, and raises Unavailable."""

    def check(self, pools: Sequence[Pool]) -> Full | None:
        """The first pool that is full, if any."""

    def take(self, entry: str, pools: Sequence[Pool], budgets: Sequence[Budget]) -> Full | None:
        """Add an entry to each pool, and its amount to each budget.

        If any of them is full, nothing is changed, and the first full one is returned.
        """

    def renew(self, entry: str, pools: Sequence[Pool]) -> None:
        """Restart an entry, even one that has expired, because its stream is still open."""

    def release(self, entry: str, pools: Sequence[Pool], changes: Mapping[str, int]) -> None:
        """Remove an entry, and change budgets by key; no sum falls below zero."""


class MemoryStore:
    """The store of a single process. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        # The time at which each entry expires, by pool and entry. The entries of a pool are in the
        # order of these times, because all last equally long.
        self._pools: dict[str, OrderedDict[str, float]] = {}
        # They are never removed: there are two per day.
        self._sums: Counter[str] = Counter()
        self._tidied = clock()

    def check(self, pools: Sequence[Pool]) -> Full | None:
        with self._lock:
            return self._full(pools, ())

    def take(self, entry: str, pools: Sequence[Pool], budgets: Sequence[Budget]) -> Full | None:
        with self._lock:
            self._tidy()
            full = self._full(pools, budgets)
            if full is None:
                self._begin(entry, pools)
                self._sums.update({budget.key: budget.amount for budget in budgets})
            return full

    def renew(self, entry: str, pools: Sequence[Pool]) -> None:
        with self._lock:
            self._begin(entry, pools)

    def release(self, entry: str, pools: Sequence[Pool], changes: Mapping[str, int]) -> None:
        with self._lock:
            for pool in pools:
                self._running(pool.key).pop(entry, None)
            for key, change in changes.items():
                self._sums[key] = max(0, self._sums[key] + change)

    def _full(self, pools: Sequence[Pool], budgets: Sequence[Budget]) -> Full | None:
        for pool in pools:
            running = self._running(pool.key)
            surplus = len(running) - pool.most
            if surplus >= 0:
                end = next(islice(running.values(), surplus, None))
                return Full(pool.limit, pool.most, end - self._clock())
        for budget in budgets:
            if self._sums[budget.key] + budget.amount > budget.most:
                return Full(budget.limit, budget.most, budget.seconds)
        return None

    def _begin(self, entry: str, pools: Sequence[Pool]) -> None:
        for pool in pools:
            running = self._pools.setdefault(pool.key, OrderedDict())
            running[entry] = self._clock() + pool.seconds
            running.move_to_end(entry)

    def _running(self, key: str) -> OrderedDict[str, float]:
        """The entries of a pool that have not expired; a pool without any is removed."""
        running = self._pools.get(key, OrderedDict())
        now = self._clock()
        while running and next(iter(running.values())) <= now:
            running.popitem(last=False)
        if not running:
            self._pools.pop(key, None)
        return running

    def _tidy(self) -> None:
        """Remove expired pools once a minute."""
        if self._clock() - self._tidied >= 60:
            self._tidied = self._clock()
            for key in list(self._pools):
                self._running(key)


# Pools are sorted sets of entries by expiry time, on the clock of Redis; sums are numbers. An entry
# that expires later than a new one would was added before the clock was set back: like an expired
# one, it does not count. Nothing is written before everything is checked.
_CLOCK = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local function latest(seconds) return now + seconds + 1 end
local function begin(key, entry, seconds)
  redis.call('ZADD', key, now + seconds, entry)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', key, latest(seconds), '+inf')
  redis.call('EXPIRE', key, math.ceil(seconds))
end
local function add(key, amount, seconds)
  local sum = (redis.call('GET', key) or 0) + amount
  redis.call('SET', key, string.format('%.0f', math.max(0, sum)), 'EX', seconds)
end
"""
# KEYS: pools, then budgets. ARGV: the entry (empty: nothing is added), the seconds for which a sum
# is kept, the number of pools, then two values for each key: its most, and its seconds or amount.
# Returns nothing, or the number of the full key, and for a pool the seconds until it has room.
_TAKE = f"""{_CLOCK}
local entry, kept, pools = ARGV[1], ARGV[2], tonumber(ARGV[3])
local function most(index) return tonumber(ARGV[2 + 2 * index]) end
local function value(index) return tonumber(ARGV[3 + 2 * index]) end
for index, key in ipairs(KEYS) do
  if index > pools then
    if (redis.call('GET', key) or 0) + value(index) > most(index) then return {{index}} end
  else
    local last = latest(value(index))
    local surplus = redis.call('ZCOUNT', key, now, last) - most(index)
    if surplus >= 0 then
      local ending = redis.call('ZRANGEBYSCORE', key, now, last, 'WITHSCORES', 'LIMIT', surplus, 1)
      return {{index, tostring(ending[2] - now)}}
    end
  end
end
if entry == '' then return end
for index, key in ipairs(KEYS) do
  if index > pools then add(key, value(index), kept) else begin(key, entry, value(index)) end
end
"""
# KEYS: pools. ARGV: the entry, then the seconds of each pool.
_RENEW = f"""{_CLOCK}
for index, key in ipairs(KEYS) do begin(key, ARGV[1], ARGV[1 + index]) end
"""
# KEYS: pools, then budgets. ARGV: the entry, the seconds for which a sum is kept, the number of
# pools, then the change of each budget.
_RELEASE = f"""{_CLOCK}
local pools = tonumber(ARGV[3])
for index, key in ipairs(KEYS) do
  if index > pools then add(key, ARGV[3 + index - pools], ARGV[2])
  else redis.call('ZREM', key, ARGV[1]) end
end
"""

PREFIX = "streamguide:live"
# Longer than a day, because a stream may be settled on the day after its reservation.
_KEPT_SECONDS = 2 * 24 * 3600
_TIMEOUT_SECONDS = 1
_MOST_CONNECTIONS = 50


class RedisStore:
    """The store of all processes that share a Redis server, version 5 or newer.

    It connects when it is first used. Raises ValueError, TypeError or RedisError for an invalid
    address.
    """

    def __init__(self, url: str) -> None:
        client = Redis(connection_pool=_connections(url))
        self._take = client.register_script(_TAKE)
        self._renew = client.register_script(_RENEW)
        self._release = client.register_script(_RELEASE)

    def check(self, pools: Sequence[Pool]) -> Full | None:
        return self.take("", pools, ())

    def take(self, entry: str, pools: Sequence[Pool], budgets: Sequence[Budget]) -> Full | None:
        limits: list[Pool | Budget] = [*pools, *budgets]
        values: list[float] = []
        for pool in pools:
            values += (pool.most, pool.seconds)
        for budget in budgets:
            values += (budget.most, budget.amount)
        with _errors_named():
            found = self._take(
                _keys(limit.key for limit in limits), (entry, _KEPT_SECONDS, len(pools), *values)
            )
        if found is None:
            return None
        number, *wait = found
        full = limits[number - 1]
        return Full(full.limit, full.most, float(wait[0]) if wait else full.seconds)

    def renew(self, entry: str, pools: Sequence[Pool]) -> None:
        with _errors_named():
            self._renew(_keys(pool.key for pool in pools), (entry, *(one.seconds for one in pools)))

    def release(self, entry: str, pools: Sequence[Pool], changes: Mapping[str, int]) -> None:
        keys = _keys((*(pool.key for pool in pools), *changes))
        with _errors_named():
            self._release(keys, (entry, _KEPT_SECONDS, len(pools), *changes.values()))


def _keys(names: Iterable[str]) -> list[str]:
    return [f"{PREFIX}:{name}" for name in names]


def _connections(url: str) -> BlockingConnectionPool:
    connections = BlockingConnectionPool.from_url(
        url,
        max_connections=_MOST_CONNECTIONS,
        timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        # A retry would count a request twice if only the response was lost.
        retry=Retry(NoBackoff(), 0),
        # Version 3 enables maintenance notifications, which relax the time-outs.
        protocol=2,
    )
    # Make one without connecting, so that an invalid address raises now and not in use.
    connections.connection_class(**connections.connection_kwargs)
    return connections


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        # Only the type, and no cause: old servers repeat a wrong password in the message.
        raise Unavailable(f"Redis: {type(error).__name__}") from None
