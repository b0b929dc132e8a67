"""Live mode without HTTP: a visitor's request in, a stream of Claude's bytes out, or a refusal."""

from __future__ import annotations

import math
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import gevent
from gevent.event import Event

from streamguide.live import ends
from streamguide.live.account import cost
from streamguide.live.breaker import Breaker
from streamguide.live.ends import End
from streamguide.live.limits import Amount as Spend
from streamguide.live.limits import LimitExceeded as Over
from streamguide.live.limits import Limits, open_limits
from streamguide.live.limits import Reservation as Grant
from streamguide.live.report import Report
from streamguide.live.request import parse, worst_case
from streamguide.live.stores import Unavailable
from streamguide.live.stream import Record, Stream
from streamguide.live.upstream import Upstream
from streamguide.live.watch import Watch
from streamguide.models import Model, Models
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.settings import LiveSettings, SettingsError

# Leases of the limits run for a minute.
_RENEW_SECONDS = 20.0
# How late the end of a silence, or a heartbeat, may be noticed.
_LOOK_SECONDS = 0.25
# A browser that does not read holds its stream at most so long past the limit of a request.
_GRACE_SECONDS = 10.0
# For the error event of a stream that is ended from here.
_LAST_WORD_SECONDS = 2.0
_NOTHING = Spend(0, 0)


class Relay:
    """One process's live mode. Streams run in the server's greenlets, under its limits."""

    def __init__(
        self, settings: LiveSettings, models: Callable[[], Models], errors: Mapping[str, ErrorType]
    ) -> None:
        check_models(settings, models())
        self.settings = settings
        self._models = models
        self._errors = errors
        self.limits: Limits = open_limits(settings)
        self.upstream = Upstream(settings, errors)
        self._breaker = Breaker(settings.breaker_failures, settings.breaker_seconds)
        never_retried = (code for error in errors.values() for code in error.never_retry)
        self.report = Report([*errors, *never_retried])
        self._open: set[_Running] = set()
        self._idle = Event()
        self._idle.set()
        self._stopping = False

    def count(self, visitor: str) -> None:
        """Count a request before it costs anything. Raises Refusal for one too many."""
        try:
            if self._stopping:
                raise _stopping()
            with _refusals():
                self.limits.count(visitor)
        except Refusal as refusal:
            self.report.refused(refusal)
            raise

    def open(self, body: bytes, visitor: str, connection: socket.socket | None) -> Stream:
        """Ask Claude, and wait for the first event. `count` comes before it. Raises Refusal.

        The stream's `close` is to be called when its bytes have been sent, or cannot be. From
        now on a visitor who leaves `connection` ends it.
        """
        try:
            return self._begun(body, visitor, connection)
        except Refusal as refusal:
            self.report.refused(refusal)
            raise

    def _begun(self, body: bytes, visitor: str, connection: socket.socket | None) -> Stream:
        if self._stopping:
            raise _stopping()
        request, model = parse(body, self.settings, self._models())
        worst = worst_case(request, body, model)
        grant = self._admit(visitor, worst)
        try:
            self._breaker.admit(grant)
            running = _Running(self, grant, model, request.body(), connection)
        except BaseException:
            self._breaker.ended(grant, None)
            grant.close(_NOTHING)
            raise
        self._open.add(running)
        self.report.open.inc()
        if self._idle.is_set():
            self._idle.clear()
            gevent.spawn(self._look)
        stream = running.stream
        try:
            stream.first()
        except BaseException:
            stream.close()
            raise
        self._breaker.began(grant)
        return stream

    def _look(self) -> None:
        """Look at the streams as long as there are any."""
        while self._open:
            gevent.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            for running in tuple(self._open):
                running.look(now)

    def _admit(self, visitor: str, worst: Spend) -> Grant:
        with _refusals():
            return self.limits.admit(visitor, worst)

    def check_tries(self, visitor: str) -> None:
        """Raises Refusal for a visitor who has tried too many access codes."""
        with _refusals():
            self.limits.check_tries(visitor)

    def wrong_try(self, visitor: str) -> None:
        """Count an access code that was wrong. Raises Refusal after too many."""
        with _refusals():
            self.limits.wrong_try(visitor)

    def stop(self) -> None:
        """Take no more streams, and return when the open ones have ended.

        Those that run on when their time is up are told so, and have a moment to say it.
        """
        self._stopping = True
        if not self._idle.wait(self.settings.stop_seconds):
            for running in tuple(self._open):
                running.stream.interrupt(ends.STOPPING)
            self._idle.wait(_LAST_WORD_SECONDS)

    def finished(self, running: _Running, record: Record) -> None:
        """A stream is over: settle it, tell the breaker, and write it down."""
        self._open.discard(running)
        self.report.open.dec()
        if not self._open:
            self._idle.set()
        grant, model, end = running.grant, running.model, record.end
        dollars = spent = None
        # Whatever raises, the place and the trial are given back.
        with ExitStack() as held:
            held.callback(lambda: grant.close(spent))
            held.callback(self._breaker.ended, grant, self._has_answered(record))
            if record.account.is_final:
                dollars = cost(record.account, model)
                tokens = record.account.tokens("output_tokens")
                spent = Spend(tokens, math.ceil(dollars * 1_000_000))
            elif isinstance(end, Refusal) and _is_free(end):
                spent = _NOTHING
            # Else nobody knows what was used: what was reserved stays spent.
        self.report.ended(record, model.id, dollars)

    def _has_answered(self, record: Record) -> bool | None:
        """What a stream's end says of the API, None where that is nothing."""
        end = record.end
        if isinstance(end, Refusal):
            # A status under 500 is about the request or the account; 499 is a visitor who left.
            return False if end.status >= 500 else None
        return not (isinstance(end, End) and self._speaks_against(end, record))

    def _speaks_against(self, end: End, record: Record) -> bool:
        if end is not ends.TOLD:
            return end.is_failure
        type_ = (record.account.error or {}).get("type")
        known = self._errors.get(type_) if isinstance(type_, str) else None
        return known is not None and known.retry


class _Running:
    """A stream that is open, with what it holds until its end."""

    def __init__(
        self,
        relay: Relay,
        grant: Grant,
        model: Model,
        body: dict[str, Any],
        connection: socket.socket | None,
    ) -> None:
        self.grant = grant
        self.model = model
        self._relay = relay
        now = time.monotonic()
        self._latest = now + relay.settings.request_seconds + _GRACE_SECONDS
        self._renewal = now + _RENEW_SECONDS
        self.stream = Stream(relay.upstream, body, relay.settings, self._closed)
        self._watch = Watch(connection, self._left) if connection is not None else None

    def look(self, now: float) -> None:
        """Do what is due at this time of the monotonic clock."""
        if self._watch is not None:
            self._watch.look()
        if now >= self._latest:
            self._end(ends.TOO_LONG)
        elif now >= self._renewal:
            self._renewal = now + _RENEW_SECONDS
            # Others are not to wait for a Redis that is slow.
            gevent.spawn(self.grant.renew)
        self.stream.look(now)

    def _left(self) -> None:
        self._end(ends.LEFT)

    def _end(self, end: End) -> None:
        self.stream.interrupt(end)
        if self._watch is not None:
            # To somebody who takes nothing, what is being sent would wait for ever.
            self._watch.cut()

    def _closed(self, record: Record) -> None:
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._relay.finished(self, record)


def check_models(settings: LiveSettings, models: Models) -> None:
    """Raises SettingsError for a model of LIVE_MODELS that the table does not know, and where all
    are retired; one that is retired among others is only left out, so that the site starts."""
    unknown = [id_ for id_ in settings.models if id_ not in models.by_id]
    if unknown or not models.available.keys() & set(settings.models):
        raise SettingsError(
            f"LIVE_MODELS is {', '.join(settings.models)!r}; it takes ids from "
            f"{', '.join(models.available)}"
        )


@contextmanager
def _refusals() -> Iterator[None]:
    """What the limits say, as a refusal of the request."""
    try:
        yield
    except Over as over:
        raise _over_limit(over) from None
    except Unavailable:
        raise _unavailable() from None


def _over_limit(over: Over) -> Refusal:
    """A 429 that says which limit, and when to try again."""
    return Refusal(
        429,
        "rate_limit_error",
        over.message,
        details={"error_code": over.limit},
        headers={"retry-after": str(over.retry_after)},
    )


def _unavailable() -> Refusal:
    """A 503: without its limits, live mode answers nobody."""
    return Refusal(
        503,
        "api_error",
        "Live mode cannot reach the store of its limits, and does not run without them.",
        details={"error_code": "limits_unavailable"},
        headers={"retry-after": "10"},
    )


def _stopping() -> Refusal:
    return Refusal(
        503,
        "overloaded_error",
        "This site is being restarted.",
        details={"error_code": "stopping"},
        headers={"retry-after": "5"},
    )


def _is_free(refusal: Refusal) -> bool:
    """Whether Claude has certainly used nothing: it answered with an error, or not at all."""
    return refusal.status != 499 and (refusal.details or {}).get("error_code") not in (
        "live_first_event",
        "live_stopping",
    )
