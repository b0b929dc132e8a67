"""One relayed stream: Claude's bytes to one visitor, until an end that is always told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gevent
from gevent.event import Event
from gevent.lock import Semaphore
from gevent.queue import Empty, SimpleQueue

from streamguide.live import ends
from streamguide.live.account import Account
from streamguide.live.ends import End
from streamguide.live.frames import Frames
from streamguide.live.readable import while_readable
from streamguide.live.sender import Sender
from streamguide.live.upstream import Answer, Rest, Upstream
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings

# A comment, which is no event of Claude's.
_HEARTBEAT = b": waiting for Claude\n\n"
_DRAIN_SECONDS = 1.0


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
    """A request to Claude, read by a greenlet of its own, which also sends what it reads.

    `first` comes first; then the server sends what `frames` gives out, with its way to send in
    `sender`; and `close` comes last, whatever happened. `closed` is called once, with the stream's
    record. In between somebody calls `look` several times a second.

    At thousands of events a second all that an event passes through is dear. So it goes through no
    queue to the server's greenlet and starts no timer; and where it comes whole, and nothing has to
    be waited for, gevent's hub passes it on without waking even the reader.
    """

    def __init__(
        self,
        upstream: Upstream,
        body: dict[str, Any],
        settings: LiveSettings,
        closed: Callable[[Record], None],
    ) -> None:
        now = time.monotonic()
        self.sender: Sender | None = None
        self.record = Record(Times(start=now, heard=now))
        self._settings = settings
        self._closed: Callable[[Record], None] | None = closed
        self._beginning = b""
        self._interrupted: End | None = None
        # What the server's greenlet is told: the beginning, the end, and None for a heartbeat.
        self._told: SimpleQueue[Answer | End | Refusal | None] = SimpleQueue()
        self._may_send = Event()
        # One greenlet sends at a time; a browser that reads slowly holds it, and so Claude, back.
        self._sending = Semaphore()
        self._is_writing = False
        # Since when the reader listens, and since when nothing was sent.
        self._listening_since = self._quiet_since = now
        self._reader = gevent.spawn(self._read, upstream, body)

    def _read(self, upstream: Upstream, body: dict[str, Any]) -> None:
        """The reader: it waits for Claude, and nobody else does."""
        try:
            with upstream.stream(body, self._heard) as answer:
                self._told.put(answer)
                # Until the server has sent the head, and the first frames.
                self._may_send.wait()
                while self._interrupted is None:
                    self._pass_on(answer.rest)
                    if self._interrupted is not None:
                        break
                    item = answer.rest.next()
                    if isinstance(item, End):
                        self._told.put(item)
                        if item is ends.COMPLETE:
                            with suppress(gevent.Timeout), gevent.Timeout(_DRAIN_SECONDS):
                                answer.rest.drain()
                        return
                    self._send(item)
                self._told.put(self._interrupted)
        except Refusal as refusal:
            self._told.put(refusal)
        except Exception:
            # Ours to mend: the hub prints it, and the visitor is told that the answer broke off.
            self._told.put(ends.DROPPED)
            raise

    def _pass_on(self, rest: Rest) -> None:
        """Send events as they come, until one has to be waited for or is not whole, or the last."""
        assert self.sender is not None
        if not self.sender.is_direct or rest.body is None or self.is_sending:
            return
        frames = rest.arrived()
        if frames is not None and (not frames.data or self._send_now(frames)):
            while_readable(rest.body.fileno(), partial(self._step, rest))
        if self._is_writing:
            self._write(self.sender.send_rest)

    def _step(self, rest: Rest) -> bool:
        """Send what has come, and wait for nothing. False: the reader has to see to it."""
        if self._interrupted is not None or self.is_sending:
            return False
        frames = rest.arrived()
        return frames is not None and bool(frames.data) and self._send_now(frames)

    def _send_now(self, frames: Frames) -> bool:
        """Send frames if nothing has to be waited for. False: not all of it, or the visitor left."""
        assert self.sender is not None
        self._count(frames.events)
        try:
            if not self.sender.send_now(frames.data):
                # Nobody may send anything else, or end the stream, inside of an event.
                self._is_writing = self._sending.acquire(blocking=False)
                return False
        except OSError:
            self._interrupted = self._interrupted or ends.LEFT
            return False
        self._listening_since = self._quiet_since = self.record.times.heard
        return True

    def _send(self, frames: Frames) -> None:
        """Send frames that came together, however long it takes."""
        assert self.sender is not None
        self._count(frames.events)
        self._sending.acquire()
        self._write(partial(self.sender.write, frames.data))

    def _write(self, write: Callable[[], object]) -> None:
        """Send, and let others send again. A visitor who has left ends the stream."""
        self._is_writing = True
        try:
            write()
        except OSError:
            self._interrupted = self._interrupted or ends.LEFT
        finally:
            self._is_writing = False
            self._sending.release()
            self._listening_since = self._quiet_since = time.monotonic()

    def _heard(self) -> None:
        self.record.times.heard = time.monotonic()

    def first(self) -> None:
        """Wait for the first event. Raises Refusal where there is none to wait for."""
        limit = self._settings.first_event_seconds
        item = None
        with suppress(Empty):
            item = self._told.get(timeout=limit)
        item = self._interrupted or item
        if isinstance(item, Answer):
            self.record.request_id = item.request_id
            self._beginning = item.first.data
            self._count(item.first.events)
            return
        refusal = item if isinstance(item, Refusal) else self._too_late(item, limit)
        self.record.end = refusal
        raise refusal

    def _too_late(self, item: End | None, limit: float) -> Refusal:
        if isinstance(item, End):
            # 499 is what servers write down when the visitor has left; nobody reads it.
            status = 499 if item is ends.LEFT else 503
            details = {"error_code": item.code}
            return Refusal(status, item.type or "api_error", item.message, details=details)
        message = f"Claude's API sent no event within {limit:g} s."
        details = {"error_code": "live_first_event"}
        return Refusal(504, "timeout_error", message, details=details)

    def frames(self) -> Iterator[bytes]:
        """What the server's greenlet sends: the beginning, heartbeats, and the event of an end.

        What is in between the reader sends. The last event is message_stop, or exactly one `error`.
        """
        yield self._beginning
        self._listening_since = self._quiet_since = time.monotonic()
        self._may_send.set()
        while not isinstance(item := self._told.get(), End):
            with self._sending:
                yield _HEARTBEAT
                self._quiet_since = time.monotonic()
        self.record.end = item
        if item.type:
            yield item.event(self.record.request_id)

    @property
    def is_sending(self) -> bool:
        """Whether something is on its way out, so that nothing else may be sent."""
        return self._sending.locked()

    def look(self, now: float) -> None:
        """Do what is due at this time of the monotonic clock: end the stream, or fill a silence."""
        settings, times = self._settings, self.record.times
        if not self._may_send.is_set():
            # `first` has a limit of its own.
            return
        if now >= times.start + settings.request_seconds:
            self.interrupt(ends.TOO_LONG)
        elif self.is_sending:
            # What the browser has not taken says nothing about Claude.
            return
        elif now >= max(times.heard, self._listening_since) + settings.silence_seconds:
            self.interrupt(ends.silent(settings.silence_seconds))
        elif now >= self._quiet_since + settings.heartbeat_seconds and self._told.empty():
            self._told.put(None)

    def _count(self, events: list[dict[str, Any]]) -> None:
        """Take events into account that have come together, just now."""
        if not events:
            return
        record, times = self.record, self.record.times
        now = times.heard
        if times.last_event is None:
            times.first_event = now
        elif now - times.last_event > times.largest_gap:
            times.largest_gap = now - times.last_event
        times.last_event = now
        record.events += len(events)
        for event in events:
            record.account.read(event)

    def interrupt(self, end: End) -> None:
        """End it from outside: no further event goes out, and Claude's answer is closed.

        A stream whose last event is on its way out has ended already.
        """
        account = self.record.account
        if self._interrupted is not None or account.is_whole or account.error is not None:
            return
        self._interrupted = end
        if not self._is_writing:
            # Else it tells of the end when what it writes is out: half an event would be none.
            self._reader.kill(block=False)
            self._told.put(end)

    def close(self) -> None:
        """Close Claude's answer unless it is over, and tell how it went. Harmless when repeated."""
        # Who is told holds this stream. Were it held in turn, both would stay in memory until the
        # garbage collector came, which stops every stream of the process.
        closed, self._closed = self._closed, None
        if closed is None:
            return
        self.record.times.end = time.monotonic()
        if self.record.end is None:
            self.record.end = self._interrupted or ends.LEFT
        if self.record.end is not ends.COMPLETE:
            self._reader.kill(block=False)
        closed(self.record)
