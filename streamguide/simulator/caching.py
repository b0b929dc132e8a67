"""Prompt caching: what a request reads from the cache, and what it writes into it."""

from __future__ import annotations

import hashlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from streamguide.simulator.request import MessagesRequest
from streamguide.turns import Pause, no_pause

# By the API's documentation of `cache_control.ttl`; "5m" is the default.
_SECONDS = {"5m": 300.0, "1h": 3600.0}
# Before a breakpoint, so many blocks are looked at for the end of a cached prefix.
_LOOKBACK = 20
_MOST_PREFIXES = 10_000


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """Shares of a request's input, 0 to 1: read, and written for five minutes and for an hour."""

    read: float
    written_5m: float
    written_1h: float

    def tokens(self, whole: int) -> dict[str, Any]:
        """The counts of `usage` for so many tokens of input. `input_tokens` are those after them."""
        read = round(whole * self.read)
        short = round(whole * (self.read + self.written_5m)) - read
        long = round(whole * (self.read + self.written_5m + self.written_1h)) - read - short
        return {
            "input_tokens": whole - read - short - long,
            "cache_creation_input_tokens": short + long,
            "cache_read_input_tokens": read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": short,
                "ephemeral_1h_input_tokens": long,
            },
        }


class PromptCache:
    """The prefixes of each key, kept as hashes, in memory, bounded: the oldest go first.

    The API has a minimum length for each model; here a prefix of any length is cached.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # The end of life by hash.
        self._prefixes: OrderedDict[bytes, float] = OrderedDict()

    def use(self, request: MessagesRequest, key: str, pause: Pause = no_pause) -> CacheUsage | None:
        """What a request reads and writes; None if it has no `cache_control`."""
        if not _asks_for_caching(request):
            return None
        hashed = hashlib.sha256(f"{key}\n{request.model}\n".encode("utf-8", "surrogatepass"))
        length, ends = 0, []
        for part, control in _parts(request):
            pause()
            hashed.update(part)
            length += len(part)
            ends.append((hashed.digest(), length, control))
        if request.cache_control is not None:
            digest, _, _ = ends[-1]
            ends[-1] = (digest, length, request.cache_control)
        read = max((at for digest, at in _looked_at(ends) if self._lives(digest)), default=0)
        written, before = {"5m": 0, "1h": 0}, read
        for digest, at, control in ends:
            if control is not None:
                ttl = "1h" if control.get("ttl") == "1h" else "5m"
                written[ttl] += max(0, at - before)
                before = max(before, at)
                self._keep(digest, _SECONDS[ttl])
        return CacheUsage(read / length, written["5m"] / length, written["1h"] / length)

    def _lives(self, digest: bytes) -> bool:
        return self._prefixes.get(digest, -math.inf) > self._clock()

    def _keep(self, digest: bytes, seconds: float) -> None:
        # Reading it makes it live longer, too.
        self._prefixes[digest] = max(self._prefixes.get(digest, 0), self._clock() + seconds)
        self._prefixes.move_to_end(digest)
        while len(self._prefixes) > _MOST_PREFIXES:
            self._prefixes.popitem(last=False)


_End = tuple[bytes, int, dict[str, Any] | None]


def _looked_at(ends: list[_End]) -> Iterator[tuple[bytes, int]]:
    """Hash and length of the prefixes that may be read: at each breakpoint, and some before it."""
    left = 0
    for digest, at, control in reversed(ends):
        left = _LOOKBACK if control is not None else left
        if left:
            yield digest, at
        left = max(0, left - 1)


def _asks_for_caching(request: MessagesRequest) -> bool:
    return request.cache_control is not None or any(
        control is not None for _, control in _controls(request)
    )


def _controls(request: MessagesRequest) -> Iterator[tuple[Any, dict[str, Any] | None]]:
    """Each part of the prompt in the order of its prefix, with its `cache_control`."""
    for tool in request.tools or []:
        yield tool, _control((tool.model_extra or {}).get("cache_control"))
    if isinstance(request.system, str):
        yield request.system, None
    for block in request.system if isinstance(request.system, list) else ():
        yield block, _control(block.extra("cache_control"))
    for message in request.messages:
        if isinstance(message.content, str):
            yield message, None
        for block in message.blocks:
            yield (message.role, block), _control(block.extra("cache_control"))


def _control(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _parts(request: MessagesRequest) -> Iterator[tuple[bytes, dict[str, Any] | None]]:
    """The bytes of each part, without `cache_control`, which is no part of the prefix."""
    for part, control in _controls(request):
        yield _bytes(part), control


def _bytes(part: Any) -> bytes:
    if isinstance(part, tuple):
        role, block = part
        return str(role).encode() + _bytes(block)
    if isinstance(part, str):
        return part.encode("utf-8", "surrogatepass")
    return to_json(part.model_dump(exclude={"cache_control"}, exclude_none=True))
