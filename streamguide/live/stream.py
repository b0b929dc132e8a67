"""One relayed stream: Claude's bytes to one visitor, until an end that the visitor is told."""

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
from streamguide.live.upstream import Batch, Upstream
from streamguide.protocol.refusal import Refusal
from streamguide.reading.outline import Outline
from streamguide.settings import LiveSettings

_log = logging.getLogger(__name__)

# An SSE comment, which is no event.
_HEARTBEAT = b": waiting for Claude\n\n"
# The time in which a visitor who does not read may exceed the limit of a request.
_GRACE_SECONDS = 10.0


@dataclass(slots=True)
class Record:
    """What is logged of a stream when it is closed. Times are in seconds of a monotonic clock.

    With a `refusal` the stream did not begin.
    """

    start: float = field(default_factory=time.monotonic)
    first_event: float | None = None
    last_event: float | None = None
    largest_gap: float = 0.0
    closed: float | None = None
    message: Outline = field(default_factory=Outline)
    request_id: str = ""
    events: int = 0
    end: CloseReason | None = None
    refusal: Refusal | None = None


class Stream:
    """A request to Claude, and its answer on the way to a visitor.

    A reader, a greenlet of its own, sends the request and puts what it receives into an inbox of
    one place; while that is full, it does not read, so that Claude is held back. The server's
    greenlet calls `begin`, sends what `frames` yields, and always calls `close` in the end. A
    watcher cancels the stream when the visitor disconnects. `close` calls `closed` once.
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
        self._inbox: Queue[Batch] = Queue(1)
        self._reader = gevent.spawn(self._read, body)
        self._watcher = gevent.spawn(self._watch, connection) if connection else None

    def _read(self, body: dict[str, Any]) -> None:
        try:
            with self._upstream.ask(body) as answer:
                self.record.request_id = answer.request_id
                self.record.message = answer.message
                for batch in answer.batches:
                    self._count(batch.events)
                    if self._inbox.full():
                        # Let other greenlets run, because a fast upstream never waits.
                        gevent.sleep(0)
                    self._inbox.put(batch)
        except Refusal as refusal:
            self.record.refusal = refusal
            self._inbox.put(Batch(b"", 0))
        except Exception:
            # An error of ours: it is logged, and for the visitor the connection broke.
            _log.exception("A stream of live mode failed")
            self._inbox.put(Batch(b"", 0, close_reason.DROPPED))

    def _watch(self, connection: socket.socket) -> None:
        is_there = wait(connection, self._settings.request_seconds + _GRACE_SECONDS)
        self.cancel(close_reason.TOO_LONG if is_there else close_reason.LEFT)
        # The server's greenlet would send forever to a visitor who does not read. On a duplicate,
        # because gevent raises an exception in users of a closed socket, which gunicorn would log.
        with suppress(OSError), connection.dup() as other:
            other.shutdown(socket.SHUT_RDWR)

    def begin(self) -> None:
        """Wait for the first event. Raises Refusal without one."""
        record, seconds = self.record, self._settings.first_event_seconds
        try:
            first = self._inbox.get(timeout=seconds)
        except Empty:
            record.refusal = _too_late(seconds)
            raise record.refusal from None
        if first.events and record.end is None:
            self._begun = self._received(first)
            return
        # Claude refused it, it was cancelled, or an error of ours ended it.
        record.refusal = record.refusal or _cancelled(record.end or close_reason.DROPPED)
        raise record.refusal

    def frames(self) -> Iterator[bytes]:
        """The bytes to send. The last event is message_stop, or exactly one `error` event.

        During a silence they include heartbeats.
        """
        record, settings = self.record, self._settings
        yield self._begun
        received = sent = time.monotonic()
        while record.end is None:
            silent_at = received + settings.silence_seconds
            due = min(self._latest, silent_at, sent + settings.heartbeat_seconds)
            batch = self._next(due - time.monotonic())
            if batch is not None:
                if data := self._received(batch):
                    yield data
                    sent = time.monotonic()
                # The time that the visitor took to read is no silence of Claude.
                received = time.monotonic()
            elif time.monotonic() >= self._latest:
                self.cancel(close_reason.TOO_LONG)
            elif time.monotonic() >= silent_at:
                self.cancel(close_reason.silent(settings.silence_seconds))
            else:
                # Proxies close a connection that is silent for long.
                yield _HEARTBEAT
                sent = time.monotonic()
        if record.end.type:
            yield record.end.event(record.request_id)

    def _next(self, seconds: float) -> Batch | None:
        """The next batch; None if none is received in time, or the time is over already."""
        try:
            return self._inbox.get(timeout=seconds) if seconds > 0 else None
        except Empty:
            return None

    def _received(self, batch: Batch) -> bytes:
        """The bytes to send of a batch: all of them, or none after a cancellation."""
        if self.record.end is not None:
            return b""
        self.record.end = batch.end
        return batch.data

    def _count(self, events: int) -> None:
        """Count events that were just received together."""
        if events == 0:
            return
        record, now = self.record, time.monotonic()
        if record.last_event is None:
            record.first_event = now
        else:
            record.largest_gap = max(record.largest_gap, now - record.last_event)
        record.last_event = now
        record.events += events

    def cancel(self, reason: CloseReason) -> None:
        """Send no further event, and close the request to Claude.

        An event that is being sent is completed. Nothing changes if the end was received already.
        """
        if self.record.end is not None:
            return
        self.record.end = reason
        self._reader.kill(block=False)
        # Wakes the server's greenlet if it waits. If the inbox is full, it does not wait.
        with suppress(Full):
            self._inbox.put_nowait(Batch(b"", 0, reason))

    def close(self) -> None:
        """Close the request to Claude unless it is complete, and call `closed`. May be repeated."""
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
                # It reads from the connection, from which the server reads the next request.
                self._watcher.kill()


def _cancelled(reason: CloseReason) -> Refusal:
    """The refusal of a stream that was cancelled before its first event."""
    # 499 is the status that servers log for a client that disconnected; nobody receives it.
    status = 499 if reason is close_reason.LEFT else 503
    details = {"error_code": reason.code}
    return Refusal(status, reason.type or "api_error", reason.message, details=details)


def _too_late(seconds: float) -> Refusal:
    message = f"Claude's API sent no event within {seconds:g} s."
    details = {"error_code": "live_first_event"}
    return Refusal(504, "timeout_error", message, details=details)
