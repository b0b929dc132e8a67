"""Quotas: a fault with `rpm` or `tpm` is met by what a key asks beyond so much per minute.

As at the API, room comes back continuously (a token bucket), and a request that is refused takes
none.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from streamguide.simulator.faults import FaultSpec
from streamguide.simulator.headers import RATE_LIMITS
from streamguide.simulator.plan import Plan

MOST_BUCKETS = 4000
_MINUTE = 60.0
_RATE_LIMITED = 429
# The API rounds the remaining tokens to thousands.
_ROUNDING = {"requests": 1, "tokens": 1000}


@dataclass(slots=True)
class _Bucket:
    limit: int
    level: float
    at: float

    def fill(self, now: float) -> None:
        """Let come back what came back until now."""
        self.level = min(self.limit, self.level + self.limit * (now - self.at) / _MINUTE)
        self.at = now

    def seconds_until(self, level: float) -> float:
        """Seconds until it is filled to this level; 0 if it is. What floats lose is no wait."""
        return max(0.0, round((level - self.level) * _MINUTE / self.limit, 6))


@dataclass(slots=True)
class Quotas:
    """What each key has left. `clock` is monotonic, `now` is for headers."""

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _buckets: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict)

    def take(
        self, key: str, chosen: Iterable[FaultSpec], tokens: Callable[[], int]
    ) -> tuple[tuple[FaultSpec, ...], dict[str, str]]:
        """The faults that a request of a key meets, and the headers that tell what is left.

        `tokens` counts those of the request and its answer. A 429 that does not say how long to
        wait gets the true time.
        """
        met: list[FaultSpec] = []
        headers: dict[str, str] = {}
        for one in chosen:
            buckets = self._of(key, one)
            wait = max((bucket.seconds_until(1) for bucket in buckets.values()), default=0.0)
            if buckets and wait == 0:
                for name, bucket in buckets.items():
                    bucket.level -= 1 if name == "requests" else tokens()
            elif buckets:
                met.append(_with_wait(one, wait))
            else:
                met.append(one)
            for name, bucket in buckets.items():
                headers |= self._headers(name, bucket)
        return tuple(met), headers

    def _of(self, key: str, one: FaultSpec) -> Mapping[str, _Bucket]:
        limits = {"requests": one.values["rpm"], "tokens": one.values["tpm"]}
        return {
            name: self._bucket(f"{key} {one.fault.name} {name} {limit}", limit)
            for name, limit in limits.items()
            if limit is not None
        }

    def _bucket(self, name: str, limit: int) -> _Bucket:
        now = self.clock()
        bucket = self._buckets.setdefault(name, _Bucket(limit, limit, now))
        self._buckets.move_to_end(name)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        bucket.fill(now)
        return bucket

    def _headers(self, name: str, bucket: _Bucket) -> dict[str, str]:
        rounding = _ROUNDING[name]
        remaining = max(0, round(math.floor(bucket.level) / rounding) * rounding)
        reset = self.now() + timedelta(seconds=math.ceil(bucket.seconds_until(bucket.limit)))
        return {
            f"{RATE_LIMITS}{name}-limit": str(bucket.limit),
            f"{RATE_LIMITS}{name}-remaining": str(remaining),
            f"{RATE_LIMITS}{name}-reset": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _with_wait(one: FaultSpec, wait: float) -> FaultSpec:
    """The fault; if it is a 429 without a time, with the seconds until a request has room."""
    values = one.values
    if values.get("code") != str(_RATE_LIMITED) or values.get("retry-after") is not None:
        return one
    return replace(one, values={**values, "retry-after": math.ceil(wait)})


def with_headers(plan: Plan, headers: Mapping[str, str]) -> Plan:
    """The plan with these headers too."""
    return replace(plan, headers={**plan.headers, **headers}) if headers else plan


def tokens_used(message: Mapping[str, Any] | None) -> int:
    """The tokens of a message: of its request, without what a cache gave, and of its answer."""
    usage = (message or {}).get("usage") or {}
    names = ("input_tokens", "cache_creation_input_tokens", "output_tokens")
    return sum(usage.get(name) or 0 for name in names)
