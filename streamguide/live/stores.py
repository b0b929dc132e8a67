"""Where limits are counted: in the memory of one process, or in Redis for several.

Both stores hold pools and budgets. An entry of a pool ends by itself: a request counts in its
minute as an entry of 60 s, and an open stream is an entry that is renewed, and released in the end.
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
    """The counts cannot be had; says why, without an address."""


@dataclass(frozen=True, slots=True)
class Pool:
    """At most `most` entries at a time, each of which ends after `seconds`.

    A pool is the same for the same `limit` and `owner`, and then has the same seconds.
    """

    limit: str
    owner: str
    most: int
    seconds: float

    @property
    def key(self) -> str:
        """Its name in the store."""
        return f"{self.limit}/{self.owner}"


@dataclass(frozen=True, slots=True)
class Budget:
    """A sum that may reach `most` within the next `seconds`, and the `amount` to be added to it."""

    limit: str
    key: str
    most: int
    seconds: float
    amount: int


@dataclass(frozen=True, slots=True)
class Full:
    """The limit that a request exceeds, and the seconds until there is room in it again."""

    limit: str
    most: int
    wait: float


class CounterStore(Protocol):
    """Each method is one atomic step, and raises Unavailable."""

    def check(self, pools: Sequence[Pool]) -> Full | None:
        """The first pool that is full."""

    def take(self, entry: str, pools: Sequence[Pool], budgets: Sequence[Budget]) -> Full | None:
        """Add an entry to each pool and its amount to each budget.

        Nothing is changed if one of them is full: then the first that is.
        """

    def renew(self, entry: str, pools: Sequence[Pool]) -> None:
        """Let an entry begin again, also one that has ended: its stream is open all the same."""

    def release(self, entry: str, pools: Sequence[Pool], changes: Mapping[str, int]) -> None:
        """End an entry, and add to budgets by key; no sum falls below zero."""


class MemoryStore:
    """The counts of a single process. `clock` is in seconds and only goes up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        # When each entry ends, by pool and entry. Those of a pool take equally long, so that their
        # order is that of their ends.
        self._pools: dict[str, OrderedDict[str, float]] = {}
        # Two sums a day stay until the process ends.
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
        """The entries of a pool that have not ended; a pool without any is forgotten."""
        running = self._pools.get(key, OrderedDict())
        now = self._clock()
        while running and next(iter(running.values())) <= now:
            running.popitem(last=False)
        if not running:
            self._pools.pop(key, None)
        return running

    def _tidy(self) -> None:
        """Once a minute, forget visitors who did not return."""
        if self._clock() - self._tidied >= 60:
            self._tidied = self._clock()
            for key in list(self._pools):
                self._running(key)


# Pools are sorted sets of entries by their end, on the clock of Redis; sums are numbers. An entry
# that seems to end later than one that begins now is from before the clock was set back: it counts
# no longer, nor does one that has ended. Nothing is written before everything was checked.
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
# KEYS: pools, then budgets. ARGV: the entry (none: nothing is added), the seconds for which a sum
# is kept, the number of pools; then two for each key: its most, and its seconds or its amount.
# Returns nothing, or the number of the key that is full, and the wait for room in a pool.
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
# A day's sum outlives its day, because a stream that crosses midnight is settled in the new one.
_KEPT_SECONDS = 2 * 24 * 3600
_TIMEOUT_SECONDS = 1
_MOST_CONNECTIONS = 50


class RedisStore:
    """The counts of all processes that share a Redis, 5 or newer. Connects only when it is asked.

    Raises ValueError, TypeError or RedisError for an address that cannot be read.
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
        # What was counted before its answer was lost would be counted again.
        retry=Retry(NoBackoff(), 0),
        # Version 3 brings notices of maintenance, which ease the time-outs.
        protocol=2,
    )
    # Makes one that is not connected: what the address asks for shows at once, and not in use.
    connections.connection_class(**connections.connection_kwargs)
    return connections


@contextmanager
def _errors_named() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        # Only its kind, and no cause: an old server repeats a refused password in its text.
        raise Unavailable(f"Redis: {type(error).__name__}") from None
