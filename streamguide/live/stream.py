"""One relayed stream: Claude's bytes to one visitor, until an end that is always told."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import gevent
from gevent.queue import Empty, Full, Queue

from streamguide.connection import wait
from streamguide.live import close_reason
from streamguide.live.close_reason import CloseReason
from streamguide.live.upstream import Part, Upstream
from streamguide.live.usage import UsageTracker
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings

_log = logging.getLogger(__name__)

# A comment, which is no event of Claude's.
_HEARTBEAT = b": waiting for Claude\n\n"
# A browser that does not read holds its stream at most so long past the limit of a request.
_GRACE_SECONDS = 10.0


@dataclass(slots=True)
class Record:
    """What there is to tell of a stream when it is over. Moments are seconds of a monotonic clock.

    With a `refusal` it has never begun.
    """

    start: float = field(default_factory=time.monotonic)
    first_event: float | None = None
    last_event: float | None = None
    largest_gap: float = 0.0
    closed: float | None = None
    usage: UsageTracker = field(default_factory=UsageTracker)
    request_id: str = ""
    events: int = 0
    end: CloseReason | None = None
    refusal: Refusal | None = None


class Stream:
    """A request to Claude, and its answer on the way to a visitor.

    A reader, a greenlet of its own, asks Claude and puts what it receives into an inbox of one
    place: while nobody takes it out, Claude is held back. The server's greenlet takes it out: it
    calls `begin`, sends what `frames` yields, and calls `close` last, whatever happened. A watcher
    cancels the stream when the visitor leaves `connection`. `closed` is called once, by `close`.
    """

    def __init__(
        self,
        upstream: Upstream,
        body: dict[str, Any],
        settings: LiveSettings,
        connection: socket.socket | None,
        closed: Callable[[Stream], None],
    ) -> None:
        self.record = Record()
        self._upstream = upstream
        self._settings = settings
        self._closed: Callable[[Stream], None] | None = closed
        self._latest = self.record.start + settings.request_seconds
        self._begun = b""
        self._inbox: Queue[Part] = Queue(1)
        self._reader = gevent.spawn(self._read, body)
        self._watcher = gevent.spawn(self._watch, connection) if connection else None

    def _read(self, body: dict[str, Any]) -> None:
        try:
            with self._upstream.ask(body) as answer:
                self.record.request_id = answer.request_id
                for part in answer.parts:
                    self._count(part.events)
                    if self._inbox.full():
                        # Of what never runs dry, each part lets other greenlets have their turn.
                        gevent.sleep(0)
                    self._inbox.put(part)
        except Refusal as refusal:
            self.record.refusal = refusal
            self._inbox.put(Part(b"", []))
        except Exception:
            # Ours to mend: the log has it, and the visitor is told that the answer broke off.
            _log.exception("A stream of live mode failed")
            self._inbox.put(Part(b"", [], close_reason.DROPPED))

    def _watch(self, connection: socket.socket) -> None:
        is_there = wait(connection, self._settings.request_seconds + _GRACE_SECONDS)
        self.cancel(close_reason.TOO_LONG if is_there else close_reason.LEFT)
        # To somebody who takes nothing, the server's greenlet would be sending for ever. By another
        # name: gevent's sockets fail whoever uses them, which gunicorn takes for an error of ours.
        with suppress(OSError), connection.dup() as other:
            other.shutdown(socket.SHUT_RDWR)

    def begin(self) -> None:
        """Wait for the first event. Raises Refusal where there is none."""
        record, seconds = self.record, self._settings.first_event_seconds
        try:
            first = self._inbox.get(timeout=seconds)
        except Empty:
            record.refusal = _too_late(seconds)
            raise record.refusal from None
        if first.events and record.end is None:
            self._begun = self._received(first)
            return
        # Refused by Claude, cancelled, or failed by an error of ours.
        record.refusal = record.refusal or _cancelled(record.end or close_reason.DROPPED)
        raise record.refusal

    def frames(self) -> Iterator[bytes]:
        """What the server sends. The last event is message_stop, or exactly one `error`.

        In silences there are heartbeats between the events.
        """
        record, settings = self.record, self._settings
        yield self._begun
        received = sent = time.monotonic()
        while record.end is None:
            silent_at = received + settings.silence_seconds
            due = min(self._latest, silent_at, sent + settings.heartbeat_seconds)
            part = self._next(due - time.monotonic())
            if part is not None:
                if data := self._received(part):
                    yield data
                    sent = time.monotonic()
                # What the browser has not taken says nothing about Claude.
                received = time.monotonic()
            elif time.monotonic() >= self._latest:
                self.cancel(close_reason.TOO_LONG)
            elif time.monotonic() >= silent_at:
                self.cancel(close_reason.silent(settings.silence_seconds))
            else:
                # For proxies, which close what is silent for long.
                yield _HEARTBEAT
                sent = time.monotonic()
        if record.end.type:
            yield record.end.event(record.request_id)

    def _next(self, seconds: float) -> Part | None:
        """The next part, None if none comes in time, or the time is up already."""
        try:
            return self._inbox.get(timeout=seconds) if seconds > 0 else None
        except Empty:
            return None

    def _received(self, part: Part) -> bytes:
        """What is to be sent of a part: all of it, but after a cancellation nothing."""
        if self.record.end is not None:
            return b""
        self.record.end = part.end
        return part.data

    def _count(self, events: list[dict[str, Any]]) -> None:
        """Count events that arrived together, just now."""
        if not events:
            return
        record, now = self.record, time.monotonic()
        if record.last_event is None:
            record.first_event = now
        else:
            record.largest_gap = max(record.largest_gap, now - record.last_event)
        record.last_event = now
        record.events += len(events)
        for event in events:
            record.usage.read(event)

    def cancel(self, reason: CloseReason) -> None:
        """End it from outside: no further event is sent, and the request to Claude is closed.

        What is being sent is finished, since half an event would be none. A stream whose end has
        been received is left as it is.
        """
        if self.record.end is not None:
            return
        self.record.end = reason
        self._reader.kill(block=False)
        # Wakes the server's greenlet if it waits; where the inbox is full, it does not.
        with suppress(Full):
            self._inbox.put_nowait(Part(b"", [], reason))

    def close(self) -> None:
        """Close the request to Claude unless it is over, and tell how it went. May be repeated."""
        closed, self._closed = self._closed, None
        if closed is None:
            return
        self.record.closed = time.monotonic()
        self.record.end = self.record.end or close_reason.LEFT
        if self.record.end is not close_reason.COMPLETE:
            self._reader.kill(block=False)
        try:
            closed(self)
        finally:
            if self._watcher is not None:
                # It reads from the connection, as the server will do for the next request.
                self._watcher.kill()


def _cancelled(reason: CloseReason) -> Refusal:
    """What a stream is refused with that is cancelled before its first event."""
    # 499 is what servers write down when the visitor has left; nobody reads it.
    status = 499 if reason is close_reason.LEFT else 503
    details = {"error_code": reason.code}
    return Refusal(status, reason.type or "api_error", reason.message, details=details)


def _too_late(seconds: float) -> Refusal:
    message = f"Claude's API sent no event within {seconds:g} s."
    details = {"error_code": "live_first_event"}
    return Refusal(504, "timeout_error", message, details=details)
