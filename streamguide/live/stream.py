"""One relayed stream: Claude's bytes to one visitor, until an end that is always told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent.queue import Empty, Queue

from streamguide.live import ends
from streamguide.live.account import Account
from streamguide.live.ends import End
from streamguide.live.frames import Frame
from streamguide.live.upstream import Begun, Upstream
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings

# Kept short: a browser that reads slowly holds Claude back, instead of filling our memory.
_MOST_WAITING = 64
_HEARTBEAT = b": waiting for Claude\n\n"
_DRAIN_SECONDS = 1.0

Item = Begun | Frame | End | Refusal


@dataclass(slots=True)
class Times:
    """When things happened, in seconds of a monotonic clock."""

    start: float
    heard: float
    first_event: float | None = None
    last_event: float | None = None
    largest_gap: float = 0.0
    end: float | None = None


@dataclass(slots=True)
class Record:
    """What there is to tell of a stream when it is over."""

    times: Times
    account: Account = field(default_factory=Account)
    request_id: str = ""
    events: int = 0
    end: End | Refusal | None = None


class Stream:
    """A request to Claude, read by a greenlet of its own, whose bytes `frames` gives out.

    `first` comes first, and `close` last, whatever happened. `closed` is called once, with the
    stream's record.
    """

    def __init__(
        self,
        upstream: Upstream,
        body: dict[str, Any],
        settings: LiveSettings,
        closed: Callable[[Record], None],
    ) -> None:
        now = time.monotonic()
        self._settings = settings
        self._closed = closed
        self._begun: Begun | None = None
        self._interrupted: End | None = None
        self.record = Record(Times(start=now, heard=now))
        self._items: Queue[Item] = Queue(_MOST_WAITING)
        self._reader = gevent.spawn(self._read, upstream, body)

    def _read(self, upstream: Upstream, body: dict[str, Any]) -> None:
        """The reader: it waits for Claude, and nobody else does."""
        items = upstream.stream(body, self._heard)
        try:
            for item in items:
                self._items.put(item)
                if item is ends.COMPLETE:
                    with suppress(gevent.Timeout), gevent.Timeout(_DRAIN_SECONDS):
                        next(items, None)
                    return
        except Refusal as refusal:
            self._items.put(refusal)
        except Exception:
            # Ours to mend: the hub prints it, and the visitor is told that the answer broke off.
            self._items.put(ends.DROPPED)
            raise

    def _heard(self) -> None:
        self.record.times.heard = time.monotonic()

    def first(self) -> Begun:
        """Wait for the first event. Raises Refusal where there is none to wait for."""
        limit = self._settings.first_event_seconds
        item = self._next(self.record.times.start + limit)
        if isinstance(item, Begun):
            self._begun = item
            self.record.request_id = item.request_id
            for frame in item.frames:
                self._count(frame)
            return item
        refusal = item if isinstance(item, Refusal) else self._too_late(item, limit)
        self.record.end = refusal
        raise refusal

    def _too_late(self, item: Item | None, limit: float) -> Refusal:
        if isinstance(item, End):
            # 499 is what servers write down when the visitor has left; nobody reads it.
            status = 499 if item is ends.LEFT else 503
            details = {"error_code": item.code}
            return Refusal(status, item.type or "api_error", item.message, details=details)
        message = f"Claude's API sent no event within {limit:g} s."
        details = {"error_code": "live_first_event"}
        return Refusal(504, "timeout_error", message, details=details)

    def frames(self) -> Iterator[bytes]:
        """The stream's bytes. Its end is message_stop, or exactly one `error` event."""
        assert self._begun is not None
        yield b"".join(frame.data for frame in self._begun.frames)
        while True:
            item = self._next_or_end()
            if item is None:
                yield _HEARTBEAT
            elif isinstance(item, End):
                self.record.end = item
                if item.type:
                    yield item.event(self.record.request_id)
                return
            else:
                self._count(item)
                yield item.data

    def _next_or_end(self) -> Frame | End | None:
        """The next frame, the end, or None after a silence in which a heartbeat is due."""
        settings, times = self._settings, self.record.times
        over = times.start + settings.request_seconds
        # What waits in the queue has been heard, and so is not late however slowly it is taken.
        heard = max(times.heard, time.monotonic() if self._items.qsize() else 0.0)
        silent = heard + settings.silence_seconds
        item = self._next(min(over, silent, time.monotonic() + settings.heartbeat_seconds))
        if isinstance(item, Frame | End):
            return item
        assert item is None
        if time.monotonic() >= over:
            return ends.TOO_LONG
        if time.monotonic() >= times.heard + settings.silence_seconds:
            return ends.silent(settings.silence_seconds)
        return None

    def _next(self, deadline: float) -> Item | None:
        """What comes next, None at the deadline."""
        item = None
        with suppress(Empty):
            item = self._items.get(timeout=max(0.0, deadline - time.monotonic()))
        return self._interrupted or item

    def _count(self, frame: Frame) -> None:
        if frame.event is None:
            return
        times, now = self.record.times, time.monotonic()
        if times.last_event is None:
            times.first_event = now
        else:
            times.largest_gap = max(times.largest_gap, now - times.last_event)
        times.last_event = now
        self.record.events += 1
        self.record.account.read(frame.event)

    def interrupt(self, end: End) -> None:
        """End it from outside: no further event goes out, and Claude's answer is closed."""
        if self._interrupted is not None:
            return
        self._interrupted = end
        self._reader.kill(block=False)
        if self._items.empty():
            # Whoever waits for the next item wakes up.
            self._items.put_nowait(end)

    def close(self) -> None:
        """Close Claude's answer unless it is over, and tell how it went. Harmless when repeated."""
        if self.record.times.end is not None:
            return
        self.record.times.end = time.monotonic()
        if self.record.end is None:
            self.record.end = self._interrupted or ends.LEFT
        if self.record.end is not ends.COMPLETE:
            self._reader.kill(block=False)
        self._closed(self.record)
