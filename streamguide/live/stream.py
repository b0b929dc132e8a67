"""One relayed stream: Claude's bytes to one visitor, until an end that is always told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gevent
from gevent.lock import Semaphore

from streamguide.live import ends
from streamguide.live.account import Account
from streamguide.live.ends import End
from streamguide.live.frames import Frames
from streamguide.live.readable import while_readable
from streamguide.live.sender import Sender
from streamguide.live.upstream import Answer, Rest, Upstream
from streamguide.live.waiting import Interrupted, Waiting
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
    """A request to Claude, and its answer on the way to a visitor.

    The server's own greenlet does it: `first` asks, then the server sends what `frames` gives out,
    with its ways to send in `sender`, and `close` comes last, whatever happened. `closed` is called
    once, with the stream's record. In between somebody calls `look` several times a second.

    At thousands of events a second all that an event passes through is dear. So where it comes
    whole, and nothing has to be waited for, gevent's hub passes it on without waking a greenlet.
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
        self._upstream = upstream
        self._body = body
        self._settings = settings
        self._closed: Callable[[Record], None] | None = closed
        self._answer: Answer | None = None
        # Closes Claude's answer.
        self._asked = ExitStack()
        self._waiting = Waiting()
        self._interrupted: End | None = None
        # One greenlet sends at a time; a browser that reads slowly holds it, and so Claude, back.
        self._sending = Semaphore()
        self._is_half_out = False
        # Since when Claude is listened to, None before the beginning is out; and since when the
        # server has sent nothing.
        self._listening_since: float | None = None
        self._quiet_since = now

    def first(self) -> None:
        """Ask Claude, and wait for the first event. Raises Refusal where there is none."""
        try:
            answer = self._ask()
        except Refusal as refusal:
            self.record.end = refusal
            raise
        self._answer = answer
        self.record.request_id = answer.request_id
        self._count(answer.first.events)

    def _ask(self) -> Answer:
        limit = gevent.Timeout(self._settings.first_event_seconds)
        try:
            with limit, self._waiting.interruptible():
                return self._upstream.ask(self._body, self._heard, self._asked)
        except gevent.Timeout as timeout:
            if timeout is not limit:
                raise
            raise _too_late(self._settings.first_event_seconds) from None
        except Interrupted:
            assert self._interrupted is not None
            raise _ended_before(self._interrupted) from None
        except Refusal:
            raise
        except Exception:
            self._print_error()
            raise _ended_before(ends.DROPPED) from None

    def _heard(self) -> None:
        self.record.times.heard = time.monotonic()

    def frames(self) -> Iterator[bytes]:
        """What the server sends. The last event is message_stop, or exactly one `error`.

        Heartbeats go out beside it, and so do the events that the hub passes on.
        """
        assert self._answer is not None
        rest = self._answer.rest
        with self._sending:
            yield self._answer.first.data
        while True:
            self._listening_since = self._quiet_since = time.monotonic()
            item = self._next(rest)
            self._finish_sending()
            with self._sending:
                end = item if isinstance(item, End) else self._interrupted
                if end is not None:
                    self.record.end = end
                    if end.type:
                        yield end.event(self.record.request_id)
                    return
                if isinstance(item, Frames):
                    self._count(item.events)
                    yield item.data

    def _next(self, rest: Rest) -> Frames | End | None:
        """What the server is to send next, after all that the hub could; or the end.

        None: something is half out, which has to be finished first, or the stream was interrupted.
        """
        try:
            with self._waiting.interruptible():
                if self._interrupted is None:
                    self._pass_on(rest)
                if self._interrupted is None and not self._is_half_out:
                    return rest.next()
        except Interrupted:
            pass
        except Exception:
            self._print_error()
            return ends.DROPPED
        return None

    def _print_error(self) -> None:
        """Ours to mend: the log has it, and the visitor is told that the answer broke off."""
        gevent.get_hub().handle_error(self, *sys.exc_info())

    def _pass_on(self, rest: Rest) -> None:
        """Send events as they come, until one has to be waited for or is not whole, or the last."""
        assert self.sender is not None
        if not self.sender.is_direct or rest.chunks is None or rest.is_over or self.is_sending:
            return
        with rest.chunks.without_waiting():
            # What has come already does not make the socket readable.
            frames = rest.arrived()
            if frames is not None and (not frames.data or self._send_now(frames)):
                while_readable(rest.chunks.fileno(), partial(self._step, rest))

    def _step(self, rest: Rest) -> bool:
        """Send what has come, and wait for nothing. False: the server's greenlet has to see to it."""
        if self._interrupted is not None or self._sending.locked():
            return False
        frames = rest.arrived()
        return frames is not None and bool(frames.data) and self._send_now(frames)

    def _send_now(self, frames: Frames) -> bool:
        """Send frames if nothing has to be waited for. False: not all of it, or the visitor left."""
        assert self.sender is not None
        self._count(frames.events)
        try:
            if self.sender.send_now(frames.data):
                return True
        except OSError:
            self._interrupted = self._interrupted or ends.LEFT
            return False
        # Nobody may send anything else, or end the stream, inside of an event.
        self._is_half_out = self._sending.acquire(blocking=False)
        return False

    def _finish_sending(self) -> None:
        """Send the rest of what is half out, however long it takes."""
        if not self._is_half_out:
            return
        assert self.sender is not None
        try:
            self.sender.send_rest()
        except OSError:
            self._interrupted = self._interrupted or ends.LEFT
        finally:
            self._is_half_out = False
            self._sending.release()

    def _send_heartbeat(self) -> None:
        """For proxies, which close what is silent for long."""
        assert self.sender is not None
        if self.is_sending or self._interrupted is not None or self.record.end is not None:
            return
        with self._sending:
            try:
                self.sender.write(_HEARTBEAT)
            except OSError:
                self.interrupt(ends.LEFT)
        self._quiet_since = time.monotonic()

    @property
    def is_sending(self) -> bool:
        """Whether something is on its way out, so that nothing else may be sent."""
        return self._sending.locked()

    def look(self, now: float) -> None:
        """Do what is due at this time of the monotonic clock: end the stream, or fill a silence."""
        settings, times = self._settings, self.record.times
        if self._listening_since is None:
            # `first` has a limit of its own.
            return
        if now >= times.start + settings.request_seconds:
            self.interrupt(ends.TOO_LONG)
        elif self.is_sending:
            # What the browser has not taken says nothing about Claude.
            return
        elif now >= max(times.heard, self._listening_since) + settings.silence_seconds:
            self.interrupt(ends.silent(settings.silence_seconds))
        elif now >= max(self._quiet_since, times.last_event or 0) + settings.heartbeat_seconds:
            # Whoever looks has others to look at.
            gevent.spawn(self._send_heartbeat)

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

        What is being sent is finished, since half an event would be none. A stream whose last event
        is on its way out has ended already.
        """
        account = self.record.account
        if self._interrupted is not None or account.is_whole or account.error is not None:
            return
        self._interrupted = end
        self._waiting.interrupt()

    def close(self) -> None:
        """Close Claude's answer unless it is over, and tell how it went. Harmless when repeated."""
        # Who is told holds this stream, and the answer does. Were they held in turn, all would stay
        # in memory until the garbage collector came, which stops every stream of the process.
        closed, self._closed = self._closed, None
        answer, self._answer = self._answer, None
        if closed is None:
            return
        self.record.times.end = time.monotonic()
        if self.record.end is None:
            self.record.end = self._interrupted or ends.LEFT
        if self.record.end is ends.COMPLETE and answer is not None:
            gevent.spawn(_drain, answer.rest, self._asked)
        else:
            self._asked.close()
        closed(self.record)


def _drain(rest: Rest, asked: ExitStack) -> None:
    """Read the end of an answer that is complete, so that its connection can be used again."""
    with asked, suppress(gevent.Timeout), gevent.Timeout(_DRAIN_SECONDS):
        rest.drain()


def _ended_before(end: End) -> Refusal:
    """What a stream is refused with that was to end before its first event."""
    # 499 is what servers write down when the visitor has left; nobody reads it.
    status = 499 if end is ends.LEFT else 503
    details = {"error_code": end.code}
    return Refusal(status, end.type or "api_error", end.message, details=details)


def _too_late(seconds: float) -> Refusal:
    message = f"Claude's API sent no event within {seconds:g} s."
    details = {"error_code": "live_first_event"}
    return Refusal(504, "timeout_error", message, details=details)
