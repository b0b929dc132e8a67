"""Live mode without HTTP: from a visitor's request to a stream of Claude's bytes, or a refusal."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial

import gevent
from gevent.event import Event

from streamguide.live import close_reason
from streamguide.live.breaker import Breaker
from streamguide.live.limits import Amount, LimitExceeded, Limits, Reservation, open_limits
from streamguide.live.metrics import Metrics
from streamguide.live.request import LiveRequest, check_models, parse, worst_case
from streamguide.live.stores import Unavailable
from streamguide.live.stream import Record, Stream
from streamguide.live.upstream import Upstream
from streamguide.live.usage import cost, is_final, tokens
from streamguide.models import Model, Models
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.reading.events import error_of
from streamguide.settings import LiveSettings

# Places of the limits expire after a minute.
_RENEW_SECONDS = 20.0
# The time for the error events of the streams that are cancelled at a stop.
_LAST_WORD_SECONDS = 2.0
_NOTHING = Amount(0, 0)


class Relay:
    """The live mode of one process. Its streams run in the server's greenlets."""

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
        self.metrics = Metrics([*errors, *never_retried])
        self._open: dict[Stream, Reservation] = {}
        self._idle = Event()
        self._idle.set()
        self._stopping = False

    def count(self, visitor: str) -> None:
        """Count a request before it costs anything. Raises Refusal for one too many."""
        with self._refusals_counted():
            if self._stopping:
                raise _stopping()
            with _refusals():
                self.limits.count(visitor)

    def open(
        self,
        body: bytes,
        visitor: str,
        connection: socket.socket | None,
        turn: AbstractContextManager[object],
    ) -> Stream:
        """Ask Claude, and wait for the first event. `count` comes before it. Raises Refusal.

        The body is checked within `turn`, because that takes up to 50 ms.
        The stream's `close` is to be called when its bytes have been sent, or cannot be. From
        now on a visitor who leaves `connection` cancels it.
        """
        with self._refusals_counted():
            with turn:
                request, model = parse(body, self.settings, self._models())
            if self._stopping:
                raise _stopping()
            with _refusals():
                reservation = self.limits.admit(visitor, worst_case(request, body, model))
            return self._begun(request, reservation, model, connection)

    def _begun(
        self,
        request: LiveRequest,
        reservation: Reservation,
        model: Model,
        connection: socket.socket | None,
    ) -> Stream:
        try:
            self._breaker.admit(reservation)
            closed = partial(self._closed, reservation, model)
            stream = Stream(self.upstream, request.body(), self.settings, connection, closed)
        except BaseException:
            self._breaker.ended(reservation, None)
            reservation.close(_NOTHING)
            raise
        self._open[stream] = reservation
        self.metrics.open.inc()
        if self._idle.is_set():
            self._idle.clear()
            gevent.spawn(self._renew)
        try:
            stream.begin()
        except BaseException:
            stream.close()
            raise
        self._breaker.began(reservation)
        return stream

    @contextmanager
    def _refusals_counted(self) -> Iterator[None]:
        try:
            yield
        except Refusal as refusal:
            self.metrics.refused(refusal)
            raise

    def _renew(self) -> None:
        """Renew the places of the open streams, as long as there are any."""
        while not self._idle.wait(_RENEW_SECONDS):
            for reservation in tuple(self._open.values()):
                # Each in a greenlet, so that none waits for a slow Redis.
                gevent.spawn(reservation.renew)

    def check_tries(self, visitor: str) -> None:
        """Raises Refusal for a visitor who tried too many access codes."""
        with _refusals():
            self.limits.check_tries(visitor)

    def wrong_try(self, visitor: str) -> None:
        """Count a wrong access code. Raises Refusal after too many."""
        with _refusals():
            self.limits.wrong_try(visitor)

    def stop(self) -> None:
        """Refuse new streams, and return when the open ones have ended.

        When their time is over, the others are cancelled, with a moment to send an error event.
        """
        self._stopping = True
        if not self._idle.wait(self.settings.stop_seconds):
            for stream in tuple(self._open):
                stream.cancel(close_reason.STOPPING)
            self._idle.wait(_LAST_WORD_SECONDS)

    def _closed(self, reservation: Reservation, model: Model, stream: Stream) -> None:
        """Settle a stream that ended, report it to the breaker, and log it."""
        del self._open[stream]
        self.metrics.open.dec()
        if not self._open:
            self._idle.set()
        record, dollars, spent = stream.record, None, None
        # The place and the breaker's trial are freed even if something raises.
        with ExitStack() as held:
            held.callback(lambda: reservation.close(spent))
            held.callback(self._breaker.ended, reservation, self._has_answered(record))
            if is_final(record.message):
                usage = record.message.usage
                dollars = cost(usage, model)
                spent = Amount(tokens(usage, "output_tokens"), math.ceil(dollars * 1_000_000))
            elif record.refusal is not None and _is_free(record.refusal):
                spent = _NOTHING
            # Otherwise the usage is unknown, and the reserved amount stays spent.
        self.metrics.ended(record, model.id, dollars)

    def _has_answered(self, record: Record) -> bool | None:
        """Whether the API worked for this stream, or None if its end does not say so."""
        end = record.end
        if record.refusal is not None:
            # A status below 500 is about the request or the account, or (499) the visitor left.
            return False if record.refusal.status >= 500 else None
        if end is close_reason.UPSTREAM_ERROR:
            error = error_of(record.message.failure)
            type_ = error.get("type") if isinstance(error, dict) else None
            known = self._errors.get(type_) if isinstance(type_, str) else None
            return known is None or not known.retry
        return end is None or not end.is_failure


@contextmanager
def _refusals() -> Iterator[None]:
    """Convert the exceptions of the limits to refusals."""
    try:
        yield
    except LimitExceeded as over:
        raise _over_limit(over) from None
    except Unavailable:
        raise _unavailable() from None


def _over_limit(over: LimitExceeded) -> Refusal:
    """A 429 with the limit, and the time of the next try."""
    return Refusal(
        429,
        "rate_limit_error",
        over.message,
        details={"error_code": over.limit},
        headers={"retry-after": str(over.retry_after)},
    )


def _unavailable() -> Refusal:
    """A 503, because live mode refuses all requests without its limits."""
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
    """Whether the request certainly used no tokens: Claude sent an error, or no response."""
    return refusal.status != 499 and (refusal.details or {}).get("error_code") not in (
        "live_first_event",
        "live_stopping",
    )
