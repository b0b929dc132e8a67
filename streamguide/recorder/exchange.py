"""A request that passes the recorder, and its answer: what is kept of both."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from streamguide.live.usage import cost, is_final
from streamguide.models import Models
from streamguide.reading.events import parse_json
from streamguide.reading.outline import mapping
from streamguide.recorder.reader import AnswerReader, Decoder

# How an answer ended: completely; the client left; the API cut it; or it sent no answer at all.
How = Literal["complete", "left", "cut", "unreachable"]

# Others could hold a key, or name an account or a person.
_KEPT_OF_REQUEST = re.compile(
    "user-agent|content-type|accept|accept-encoding|anthropic-version|anthropic-beta|x-stainless-.*",
    re.IGNORECASE,
)
_KEPT_OF_ANSWER = re.compile(
    "content-type|content-encoding|cache-control|request-id|retry-after|retry-after-ms|"
    "x-should-retry|anthropic-ratelimit-.*|anthropic-priority-.*|anthropic-fast-.*",
    re.IGNORECASE,
)
_MOST_HEADER = 500
_MOST_PATH = 500
_MOST_NAME = 100
_MOST_COUNTS = 30
# Parameters of the API. The values of others could be keys.
_KEPT_IN_QUERY = ("beta", "limit", "before_id", "after_id", "page", "order")
# Headers and parameters that can have a secret.
_SECRET = re.compile(".*(auth|cookie|key|password|secret|signature|token).*", re.IGNORECASE)
# A longer body is not parsed, because nothing else runs meanwhile.
_MOST_PARSED = 4 * 1024 * 1024
# What is kept of a request's body without its texts.
_KEPT_IN_BODY = ("model", "max_tokens", "stream", "temperature", "service_tier")
# A file with more of them would be too large to be read back. What follows joins the last one.
_MOST_PIECES = 20_000
# Where an API repeats the key in its answer, the answer is not kept.
_SHORTEST_KEY = 8
_HAS_KEY = "The answer repeats the key, so it is not kept."


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as a program sent it to the recorder. Header names are in lower case.

    `body` is bytes; `keys` are what must not be kept.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def keys(self) -> tuple[str, ...]:
        """The secrets of headers and address, each word of them by itself."""
        named = [*self.headers.items(), *parse_qsl(self.query)]
        words = (word for name, value in named if _SECRET.fullmatch(name) for word in value.split())
        return tuple(word for word in words if len(word) >= _SHORTEST_KEY)

    @property
    def asked(self) -> str:
        """A hash by which a retry is recognized."""
        whole = f"{self.method} {self.path}?{self.query} ".encode() + self.body
        return hashlib.sha256(whole).hexdigest()


@dataclass(slots=True)
class Exchange:
    """A request and its answer. Times are in milliseconds since the request.

    `pieces` are the answer's bytes as they were received, with their times; there are none of an
    answer that is not kept, and `note` says why. `about` is what is kept of the request, and
    `serial` grows with every change. `attempt` counts the requests of a program that were the same
    and had no whole answer before, and `first` is the name of the first of them.
    """

    name: str
    at: float
    about: Mapping[str, Any]
    first: str
    attempt: int
    asked: str
    clock: Callable[[], float] = time.monotonic
    serial: int = 0
    started: float = 0.0
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    informational: list[int] = field(default_factory=list)
    pieces: list[tuple[int, bytes]] = field(default_factory=list)
    size: int = 0
    kept: int = 0
    head_ms: int | None = None
    ended: How | None = None
    after_ms: int | None = None
    note: str = ""
    saved: bool = False
    reader: AnswerReader | None = None
    _keys: Sequence[bytes] = ()
    _tail: bytes = b""
    _is_kept: bool = True

    def guard(self, keys: Sequence[str]) -> None:
        """Keep no answer that has one of these in it."""
        self._keys = [key.encode("latin-1", "replace") for key in keys]

    def since(self) -> int:
        """The milliseconds since the request."""
        return round(1000 * (self.clock() - self.started))

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of the answer was received."""
        self.status = status
        kept = kept_headers(_KEPT_OF_ANSWER, headers)
        self.headers = {
            name: value for name, value in kept.items() if not self._has_key(value.encode())
        }
        self.head_ms = self.since()
        self.reader = AnswerReader(status, kept)

    def receive(self, data: bytes, most: int) -> int:
        """Bytes of the body were received; of more than `most` none are kept.

        Returns by how many the number of kept bytes grew.
        """
        assert self.reader is not None
        now, before = self.since(), self.kept
        self.size += len(data)
        decoded = self.reader.feed(data, now)
        if self._is_kept:
            if self._has_key(self._tail + data) or (decoded is not data and self._has_key(decoded)):
                self.forget(_HAS_KEY)
            elif self.kept + len(data) > most:
                self.forget(f"The answer has more than {most:,} bytes, so it is not kept.")
            else:
                self._tail = (self._tail + data)[-max([1, *map(len, self._keys)]) :]
                if len(self.pieces) < _MOST_PIECES:
                    self.pieces.append((now, data))
                else:
                    at, last = self.pieces[-1]
                    self.pieces[-1] = (at, last + data)
                self.kept += len(data)
        return self.kept - before

    def forget(self, why: str) -> None:
        """Drop the bytes of the answer, and keep no more of them."""
        self.pieces = []
        self.kept = 0
        self._is_kept = False
        self.note = why

    def end(self, how: How) -> bool:
        """Set how the answer ended. Returns whether that was not known yet."""
        if self.ended is not None:
            return False
        self.ended = how
        self.after_ms = self.since()
        if self.reader is not None:
            self.reader.end(self.after_ms)
            if self.note == _HAS_KEY:
                self.reader.hide(self._clean)
        # Nothing remembers a key longer than it needs to.
        self._keys, self._tail = (), b""
        return True

    @property
    def can_be_played(self) -> bool:
        """Whether there is an answer that ended and was kept, so that it is a recording."""
        return self.ended is not None and self.status != 0 and self._is_kept

    def _clean(self, text: str) -> str:
        return _without([key.decode("latin-1") for key in self._keys], text)

    def _has_key(self, data: bytes) -> bool:
        return any(key in data for key in self._keys)

    def body(self) -> bytes:
        """The kept bytes."""
        return b"".join(data for _, data in self.pieces)

    def plain_pieces(self) -> list[tuple[int, bytes]]:
        """The kept pieces without compression."""
        if not self.headers.get("content-encoding"):
            return self.pieces
        decoder = Decoder(self.headers["content-encoding"])
        return [(at, decoder.feed(data)) for at, data in self.pieces]

    def as_json(self, models: Models) -> dict[str, Any]:
        """What the page shows of it. `models` tell the cost."""
        found = {
            "name": self.name,
            "at": self.at,
            "first": self.first,
            "attempt": self.attempt,
            # Texts can be long, and the page asks every second.
            "about": {name: value for name, value in self.about.items() if name != "body"},
            "status": self.status,
            "headers": self.headers,
            "size": self.size,
            "kept": self.kept,
            "head_ms": self.head_ms,
            "ended": self.ended,
            "after_ms": self.after_ms,
            "note": self.note,
            "saved": self.saved,
            "can_open": self.can_be_opened,
        }
        told = _told(self.reader, models) if self.reader else {}
        return found | {
            name: self._clean(value) if isinstance(value, str) else value
            for name, value in told.items()
        }

    @property
    def can_be_opened(self) -> bool:
        """Whether the page can play what there is of the answer so far."""
        return self.status != 0 and self._is_kept

    def description(self) -> dict[str, Any]:
        """`NAME.json`, as `simulator/own_files.py` reads it."""
        has_stopped = self.reader is not None and self.reader.message.is_stopped
        # Who leaves after message_stop has the whole answer.
        left = "whole" if has_stopped else "open"
        end = {"complete": "whole", "cut": "drop"}.get(self.ended or "", left)
        when = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(self.at))
        stop = self.reader.message.stop_reason if self.reader else None
        about = self.about
        title = f"{about['method']} {about['path']}, {self.status}{f', {stop}' if stop else ''}"
        return {
            "title": f"{title}, recorded {when}",
            "request": about,
            "response": {
                "status": self.status,
                "headers": dict(self.headers),
                "chunks": [[at, len(data)] for at, data in self.pieces],
                "end": end,
                "informational": self.informational,
                "gzip": False,
            },
        }


def about_request(sent: Sent, with_texts: bool, most: int) -> dict[str, Any]:
    """What is kept of a request: with `with_texts` its body too, unless it has over `most` bytes."""
    is_short = 0 < len(sent.body) <= _MOST_PARSED
    body = parse_json(sent.body.decode(errors="replace")) if is_short else None
    values = mapping(body)
    found: dict[str, Any] = {
        "method": sent.method,
        "path": _without(sent.keys, sent.path)[:_MOST_PATH] + _kept_query(sent.query),
        "headers": {
            name: value
            for name, value in kept_headers(_KEPT_OF_REQUEST, sent.headers).items()
            if _without(sent.keys, value) == value
        },
        "body_bytes": len(sent.body),
    }
    for name in _KEPT_IN_BODY:
        value = values.get(name)
        if isinstance(value, str | int | float | bool):
            found[name] = value[:_MOST_HEADER] if isinstance(value, str) else value
    if with_texts and len(sent.body) <= most:
        text = sent.body.decode(errors="replace")
        if _without(sent.keys, text) == text:
            found["body"] = text if body is None else body
    return found


def kept_headers(kept: re.Pattern[str], headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of an allow-list, in lower case and shortened."""
    return {
        name.lower(): value[:_MOST_HEADER]
        for name, value in headers.items()
        if kept.fullmatch(name) and value.isascii() and value.isprintable()
    }


def _without(keys: Sequence[str], text: str) -> str:
    for key in keys:
        text = text.replace(key, "…")
    return text


def _kept_query(query: str) -> str:
    pairs = parse_qsl(query[:_MOST_PATH], keep_blank_values=True)
    parts = [
        f"{quote(name)}={quote(value) if name in _KEPT_IN_QUERY else '…'}" for name, value in pairs
    ]
    return f"?{'&'.join(parts)}" if parts else ""


def _told(reader: AnswerReader, models: Models) -> dict[str, Any]:
    outline = reader.message
    id_ = _short((outline.value or {}).get("model"))
    model = models.find(id_) if id_ else None
    names = ("events", "ticks", "first_event_ms", "first_word_ms", "largest_gap_ms", "text")
    return {
        **{name: getattr(reader, name) for name in (*names, "is_stream", "error")},
        "encoding": reader.encoding,
        "has_stopped": outline.is_stopped,
        "model": id_,
        "stop_reason": _short(outline.stop_reason),
        "usage": dict(_counts(outline.usage)),
        "counted": reader.counted,
        "cost": cost(outline.usage, model) if model and is_final(outline) else None,
    }


def _short(value: object) -> str | None:
    return value[:_MOST_NAME] if isinstance(value, str) else None


def _counts(usage: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The counts of a usage, and those of its parts: an API of another make may send anything."""
    for name, value in islice(usage.items(), _MOST_COUNTS):
        if isinstance(value, dict):
            yield name[:_MOST_NAME], dict(_counts(value))
        elif isinstance(value, int | float):
            yield name[:_MOST_NAME], value
