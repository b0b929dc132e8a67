"""The recent requests of each key and how they ended, in a bounded amount of memory."""

from __future__ import annotations

import hashlib
import re
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from streamguide.scenarios.frames import Frame

How = Literal["complete", "left", "cut"]

MOST_KEYS = 1000
MOST_REQUESTS = 100
MOST_BODY_BYTES = 64 * 1024
MOST_BYTES = 64 * 1024 * 1024
# Per key. Older requests lose only their body.
MOST_KEY_BYTES = 1024 * 1024
MOST_SECONDS = 3600
TIMES_SECONDS = 60

# Headers that identify the client program. Others could identify its user: people who share a key
# must not see each other's addresses, cookies and keys.
_KEPT_HEADERS = re.compile(
    "user-agent|content-type|accept|sec-fetch-site|anthropic-.*|x-stainless-.*", re.IGNORECASE
)
_MOST_HEADER = 500
# Fields of an entry that only the journal and the verdicts read.
_NOT_IN_JSON = ("clock", "arrived", "evidence")
_TEXT, _STOP = b'"text_delta"', b'"message_stop"'


def hashed(text: str) -> str:
    """The hash that is stored instead of a key."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(slots=True)
class VerdictEvidence:
    """What verdicts on a client need to know of a request beside its entry.

    `asked` is a hash of its path and body. The next five are about the response: the seconds of its
    `retry-after`; whether another try may help against its error; whether it is an answer; whether
    its events can be read as they are sent; and whether they are others than its message's.
    `has_text` and `has_stop`: a piece of text, and message_stop, were sent. `silence` is the longest
    time between bytes, `last_silence` the one before the end, in seconds. `claimed`: whether the
    client took the answer for complete, if it said so.
    """

    asked: str
    retry_after: float | None = None
    is_temporary: bool = False
    is_answer: bool = False
    is_readable: bool = False
    is_altered: bool = False
    has_text: bool = False
    has_stop: bool = False
    silence: float = 0
    last_silence: float = 0
    claimed: bool | None = None
    _last_at: float | None = None
    # The end of a piece of an event, whose rest is not sent yet.
    _tail: bytes = b""

    def sent(self, frame: Frame, now: float) -> None:
        """Note a frame that the server took."""
        self._after_silence(now)
        if self.is_readable and not self.has_stop:
            data = self._tail + frame.data
            self.has_text = self.has_text or _TEXT in data
            self.has_stop = _STOP in data
            self._tail = b"" if frame.event else data[-len(_STOP) :]

    def ended(self, now: float) -> None:
        """Note that the response ended."""
        self.last_silence = self._after_silence(now)

    def _after_silence(self, now: float) -> float:
        last = now if self._last_at is None else self._last_at
        self._last_at = now
        self.silence = max(self.silence, now - last)
        return now - last


@dataclass(slots=True)
class Entry:
    """A request. Its response ends `after_ms` milliseconds after it; until then `ended` is None.

    `event` is the number of the last event that the server took completely. For a client that
    disconnected, `after_ms` is the time at which the server noticed it.
    """

    clock: Callable[[], float]
    arrived: float
    at: float
    gap_ms: int | None
    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None
    body_bytes: int
    evidence: VerdictEvidence
    status: int = 0
    request_id: str = ""
    bytes_sent: int = 0
    event: int = 0
    first_byte_ms: int | None = None
    ended: How | None = None
    after_ms: int | None = None

    def sent(self, frame: Frame) -> None:
        """Count a frame that the server took."""
        self.evidence.sent(frame, self.clock())
        if self.first_byte_ms is None:
            self.first_byte_ms = self._since()
        self.bytes_sent += len(frame.data)
        if frame.event:
            self.event = frame.event

    def end(self, how: How) -> None:
        """Set how the response ended; later calls change nothing."""
        if self.ended is None:
            self.ended = how
            self.after_ms = self._since()
            self.evidence.ended(self.clock())

    @property
    def is_whole(self) -> bool | None:
        """Whether the client could have the whole answer; None where nobody can say."""
        if self.ended is None or self.evidence.is_altered:
            return None
        if self.evidence.is_readable:
            return self.evidence.has_stop
        return self.evidence.is_answer and self.ended == "complete"

    def _since(self) -> int:
        return round(1000 * (self.clock() - self.arrived))

    @property
    def size(self) -> int:
        """Its approximate size in memory, in bytes."""
        headers = sum(len(name) + len(value) for name, value in self.headers.items())
        return 500 + len(self.path) + headers + sys.getsizeof(self.body)

    def as_json(self) -> dict[str, Any]:
        """The request in `journal.json`."""
        names = (one.name for one in fields(self))
        return {name: getattr(self, name) for name in names if name not in _NOT_IN_JSON}


@dataclass(slots=True)
class _Key:
    requests: deque[Entry] = field(default_factory=lambda: deque(maxlen=MOST_REQUESTS))
    counts: dict[str, tuple[float, int]] = field(default_factory=dict)


class Journal:
    """The last requests of each key, within limits of keys, requests, bytes and seconds.

    `clock` is monotonic, in seconds; `now` returns seconds since 1970.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._now = now
        self._keys: OrderedDict[str, _Key] = OrderedDict()
        self._bytes = 0

    def arrive(
        self,
        key: str,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        keep_body: bool,
    ) -> Entry:
        """Add a request. Its entry is completed while the response is sent."""
        kept = self._key(key)
        before = kept.requests[-1].arrived if kept.requests else None
        arrived = self._clock()
        entry = Entry(
            clock=self._clock,
            arrived=arrived,
            at=round(self._now(), 3),
            gap_ms=None if before is None else round(1000 * (arrived - before)),
            method=method,
            path=path[:500],
            headers=_kept(headers),
            body=_text(body) if keep_body else None,
            body_bytes=len(body),
            evidence=VerdictEvidence(_asked(path, body)),
        )
        if len(kept.requests) == MOST_REQUESTS:
            self._bytes -= kept.requests[0].size
        kept.requests.append(entry)
        self._bytes += entry.size
        self._forget_bodies(kept)
        self._forget()
        return entry

    def count(self, key: str, path: str) -> int:
        """Count a request: its number for the key and the path within a minute, from 1."""
        counts = self._key(key).counts
        # A hash, because only the number of paths is bounded, and not their length.
        path = hashed(path)
        now = self._clock()
        first, number = counts.get(path, (now, 0))
        if now - first >= TIMES_SECONDS:
            first, number = now, 0
        if path not in counts and len(counts) >= MOST_REQUESTS:
            del counts[next(iter(counts))]
        counts[path] = (first, number + 1)
        return number + 1

    def requests(self, key: str) -> list[Entry]:
        """The key's requests, oldest first."""
        self._forget()
        kept = self._keys.get(hashed(key))
        if kept is None:
            return []
        self._trim(kept)
        return list(kept.requests)

    def __len__(self) -> int:
        return sum(len(kept.requests) for kept in self._keys.values())

    def _key(self, key: str) -> _Key:
        name = hashed(key)
        kept = self._keys.setdefault(name, _Key())
        self._keys.move_to_end(name)
        return kept

    def _forget_bodies(self, kept: _Key) -> None:
        """Drop the oldest bodies of a key over its limit of bytes."""
        left = MOST_KEY_BYTES
        for entry in reversed(kept.requests):
            left -= len(entry.body or "")
            if left < 0 and entry.body is not None:
                size = entry.size
                entry.body = None
                self._bytes -= size - entry.size

    def _forget(self) -> None:
        """Drop old requests, and the least recently used keys over the limits."""
        while len(self._keys) > MOST_KEYS or self._bytes > MOST_BYTES:
            _, kept = self._keys.popitem(last=False)
            self._bytes -= sum(entry.size for entry in kept.requests)
        for name in list(self._keys):
            kept = self._keys[name]
            self._trim(kept)
            if kept.requests:
                break
            # The last key may be new, and have no request yet.
            if name != next(reversed(self._keys)):
                del self._keys[name]

    def _trim(self, kept: _Key) -> None:
        oldest = self._clock() - MOST_SECONDS
        while kept.requests and kept.requests[0].arrived < oldest:
            self._bytes -= kept.requests.popleft().size


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name.lower(): value[:_MOST_HEADER]
        for name, value in headers.items()
        if _KEPT_HEADERS.fullmatch(name)
    }


def _asked(path: str, body: bytes) -> str:
    """A hash of what was asked. Bodies that differ only far behind their beginning count as one."""
    beginning = hashlib.sha256(body[:MOST_BODY_BYTES]).hexdigest()
    return hashed(f"{path} {len(body)} {beginning}")


def _text(body: bytes) -> str:
    return body[:MOST_BODY_BYTES].decode("utf-8", "replace")
