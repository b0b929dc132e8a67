"""Claude's API, asked through the official SDK's client."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import chain, count
from typing import Any

import anthropic
import gevent
import httpx2
from pydantic_core import from_json

from streamguide.live.close_reason import (
    COMPLETE,
    DROPPED,
    ENDED_EARLY,
    NO_MESSAGE,
    SPLICED,
    UPSTREAM_ERROR,
    CloseReason,
    broken_event,
)
from streamguide.live.transport import Transport, uses_proxy
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.reading.events import Event, error_of, event_of
from streamguide.reading.frames import MOST_BYTES, Frame, FrameParser, TooLong
from streamguide.reading.outline import Outline
from streamguide.reading.reader import media_type
from streamguide.settings import LiveSettings

_log = logging.getLogger(__name__)

# The SDK's own back-off: 0.5 s, doubled each time, at most 8 s, and up to a quarter less.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.5, 8.0, 0.25
# The most that is read of an answer before its first event, and of one that is an error.
_MOST_BYTES = 65_536
_MOST_MESSAGE = 4000
_MOST_NAME = 200
# The seconds to wait for the end of a body after its last event.
_DRAIN_SECONDS = 1.0


@dataclass(slots=True)
class Batch:
    """Frames that were received together: their bytes, how many have an event, and the end.

    Bytes that complete no frame make an empty batch.
    """

    data: bytes
    events: int
    end: CloseReason | None = None


@dataclass(frozen=True, slots=True)
class UpstreamAnswer:
    """An answer that has begun: its first batch has an event, and its last one the end.

    `message` is what the batches that were read say about it.
    """

    request_id: str
    message: Outline
    batches: Iterator[Batch]


def read_batches(pieces: Iterator[bytes], message: Outline) -> Iterator[Batch]:
    """Read a body until its stream ends, and its events into `message`.

    A connection error is an end, and does not raise.
    """
    parser = FrameParser()
    end = None
    while end is None:
        sent, events = [], 0
        try:
            piece = next(pieces, b"")
            for frame in parser.feed(piece) if piece else _last(parser):
                event = message.read(frame)
                end = _end_with(event, message)
                if end is None or not end.type:
                    sent.append(frame.raw)
                    events += event is not None
                if end is not None:
                    break
            else:
                end = None if piece else ENDED_EARLY
        except httpx2.HTTPError:
            end = DROPPED
        except TooLong:
            end = broken_event(f"It has more than {MOST_BYTES:,} bytes.")
        yield Batch(b"".join(sent), events, end)
    if end is COMPLETE:
        # Read the end of the body, so that the connection can be used again.
        with suppress(httpx2.HTTPError):
            gevent.with_timeout(_DRAIN_SECONDS, next, pieces, b"", timeout_value=b"")


def _last(parser: FrameParser) -> Iterator[Frame]:
    """The frame that no blank line ended, with one, if it is whole: several recorded streams end so."""
    last = parser.end()
    if event_of(last) is not None:
        yield Frame(last.raw + b"\n\n", last.name, last.data)


def _end_with(event: Event | None, message: Outline) -> CloseReason | None:
    """Why the stream ends with this event, which `message` knows already; None if it goes on."""
    if message.is_over:
        if message.is_spliced:
            return SPLICED
        if message.lost is not None:
            return broken_event("Its data is no JSON object.")
        return COMPLETE if message.is_stopped else UPSTREAM_ERROR
    return NO_MESSAGE if event and event.get("type") == "message_stop" else None


class _Failed(Exception):
    """A failed attempt. `wait` is the number of seconds that the API asks to wait."""

    def __init__(self, refusal: Refusal, is_temporary: bool, wait: float = 0.0) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.is_temporary = is_temporary
        self.wait = wait


class _OtherStatus(Exception):
    """A response with another status than 200, and the beginning of its body."""

    def __init__(self, status: int, headers: httpx2.Headers, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class Upstream:
    """Sends requests. `errors` of the protocol table tells statuses and temporary errors."""

    def __init__(self, settings: LiveSettings, errors: Mapping[str, ErrorType]) -> None:
        self._errors = errors
        self._never_retried = [code for error in errors.values() for code in error.never_retry]
        self._retries = settings.retries
        self._patience = settings.first_event_seconds
        # The stream limits the time of reading.
        timeout = httpx2.Timeout(None, connect=settings.connect_seconds)
        self._client = anthropic.Anthropic(
            api_key=settings.key.get_secret_value(),
            base_url=settings.base_url,
            # The SDK would also retry spend limits, but no error in the first event.
            max_retries=0,
            timeout=timeout,
            http_client=_http_client(settings.base_url, timeout),
            default_headers={"accept-encoding": "identity"},
        )
        # Once, because the SDK wraps all methods on every access.
        self._create = self._client.messages.with_streaming_response.create

    @contextmanager
    def ask(self, body: Mapping[str, Any]) -> Iterator[UpstreamAnswer]:
        """Send a request, with retries; yields an answer that has begun.

        Leaving the context before the end of the answer closes its connection. Raises Refusal.
        """
        deadline = time.monotonic() + self._patience
        for attempt in count():
            with ExitStack() as stack:
                try:
                    answer = self._attempt(body, stack)
                except _Failed as error:
                    failed = error
                else:
                    yield answer
                    return
            pause = failed.wait or _backoff(attempt)
            is_last = attempt == self._retries or time.monotonic() + pause > deadline
            if is_last or not failed.is_temporary:
                raise failed.refusal
            time.sleep(pause)

    def _attempt(self, body: Mapping[str, Any], stack: ExitStack) -> UpstreamAnswer:
        """One request. Raises _Failed."""
        try:
            return self._begun(stack.enter_context(self._create(**body)).http_response)
        except anthropic.APITimeoutError as error:
            _log_why(error)
            raise _Failed(_unreachable("did not answer in time"), is_temporary=True) from None
        except anthropic.APIConnectionError as error:
            # The SDK raises it for any exception of its HTTP client.
            if isinstance(error.__cause__, _OtherStatus):
                raise self._refused(error.__cause__) from None
            _log_why(error)
            raise _Failed(_unreachable("cannot be reached"), is_temporary=True) from None

    def _begun(self, response: httpx2.Response) -> UpstreamAnswer:
        """Wait for the first event."""
        kind = response.headers.get("content-type", "")
        if media_type(kind) != "text/event-stream":
            raise _Failed(_no_stream(f"It sent {kind[:100] or 'no content type'}."), False)
        request_id = _sendable(response.headers.get("request-id", ""))
        data = b""
        message = Outline()
        # Decoded, for servers that compress although the request forbids it.
        is_encoded = "content-encoding" in response.headers
        pieces = response.iter_bytes() if is_encoded else response.iter_raw()
        batches = read_batches(pieces, message)
        while True:
            batch = next(batches)
            data += batch.data
            is_error = batch.end is UPSTREAM_ERROR and batch.events == 1
            if len(data) > _MOST_BYTES and (is_error or not batch.events):
                why = f"It sent {_MOST_BYTES:,} bytes and no message."
                raise _Failed(_no_stream(why), is_temporary=False)
            if is_error:
                raise self._error_first(message.failure or {}, request_id)
            if batch.events:
                first = Batch(data, batch.events, batch.end)
                return UpstreamAnswer(request_id, message, chain([first], batches))
            if batch.end is not None:
                raise _before_the_first(batch.end)
            # Let other greenlets run, because a fast upstream never waits.
            gevent.sleep(0)

    def _refused(self, answer: _OtherStatus) -> _Failed:
        """An HTTP error, with the API's own message if it has one."""
        status = answer.status
        if not 400 <= status <= 599:
            # The browser would take a status that is no error for an answer.
            where = ", to send the request elsewhere" if 300 <= status <= 399 else ""
            return _Failed(_no_stream(f"It answered with HTTP {status}{where}."), False)
        refusal = _refusal(_json(answer.body), f"Claude's API answered with HTTP {status}.")
        refusal.status = status
        for name in ("retry-after", "request-id"):
            if value := _sendable(answer.headers.get(name, "")):
                refusal.headers[name] = value
        told = answer.headers.get("x-should-retry")
        is_temporary = status in (408, 409, 429) or status >= 500
        if told in ("true", "false"):
            is_temporary = told == "true"
        return self._failed(refusal, is_temporary, _asked_wait(answer.headers))

    def _error_first(self, event: Mapping[str, Any], request_id: str) -> _Failed:
        """An `error` event first. Nothing was sent yet, so it becomes an HTTP status."""
        refusal = _refusal(event, "Claude's API ended the answer before it began.")
        known = self._errors.get(refusal.type)
        refusal.status = known.status if known else 500
        own_id = _sendable(_text(event.get("request_id"), _MOST_NAME))
        refusal.headers["request-id"] = own_id or request_id
        return self._failed(refusal, is_temporary=bool(known and known.retry))

    def _failed(self, refusal: Refusal, is_temporary: bool, wait: float = 0.0) -> _Failed:
        """Some errors, such as a spend limit, are never temporary, whatever their status is."""
        code = (refusal.details or {}).get("error_code")
        return _Failed(refusal, is_temporary and code not in self._never_retried, wait)


def _http_client(base_url: str, timeout: httpx2.Timeout) -> httpx2.Client:
    """A client without a limit of connections, since live mode limits requests itself.

    It keeps no cookies, which another visitor's request would send, and follows no redirects.
    """
    return anthropic.DefaultHttpxClient(
        timeout=timeout,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"response": [_check_status]},
        # Our transport does not use a proxy. httpx2's may not reuse connections, because it takes
        # bytes after the end of a response for the next one.
        transport=None if uses_proxy(base_url) else Transport(),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
    )


def _check_status(response: httpx2.Response) -> None:
    """Raises _OtherStatus unless the status is 200. The SDK would read the body without a limit."""
    if response.status_code == HTTPStatus.OK:
        return
    body = b""
    # Without decompressing, because a few compressed bytes can be very many.
    with suppress(httpx2.HTTPError):
        for piece in response.iter_raw():
            body += piece
            if len(body) > _MOST_BYTES:
                break
            gevent.sleep(0)
    raise _OtherStatus(response.status_code, response.headers, body)


def _before_the_first(end: CloseReason) -> _Failed:
    if end.code == "live_broken_event":
        return _Failed(_no_stream("Its first event cannot be read."), is_temporary=False)
    if end is NO_MESSAGE:
        return _Failed(_no_stream("It sent message_stop and no message."), is_temporary=False)
    refusal = _unreachable("ended the answer before its first event")
    return _Failed(refusal, is_temporary=True)


def _unreachable(what: str) -> Refusal:
    return Refusal(
        502, "api_error", f"Claude's API {what}.", details={"error_code": "live_unreachable"}
    )


def _log_why(error: anthropic.APIConnectionError) -> None:
    """Log what is not for visitors: errors of TLS, DNS or a proxy, a refused connection."""
    cause = error.__cause__
    # Other messages may repeat the request.
    is_plain = isinstance(cause, httpx2.ConnectError | httpx2.ProxyError)
    text = f": {str(cause)[:_MOST_MESSAGE]!r}" if is_plain else ""
    _log.warning("Claude's API cannot be reached: %s%s", type(cause).__name__, text)


def _no_stream(why: str) -> Refusal:
    message = f"The API's address answered with something else than a stream of events. {why}"
    return Refusal(502, "api_error", message, details={"error_code": "live_no_stream"})


def _sendable(value: str) -> str:
    """A header's value, or "" if a server would refuse to send it."""
    is_short = len(value) <= _MOST_NAME
    return value if is_short and value.isascii() and value.isprintable() else ""


def _json(body: bytes) -> object:
    try:
        return from_json(body)
    except ValueError:
        return None


def _refusal(envelope: object, otherwise: str) -> Refusal:
    """An error of the API with its own message, or else this one, and its scalar details."""
    told = error_of(envelope)
    error = told if isinstance(told, dict) else {"message": told}
    details = error.get("details")
    if isinstance(details, dict):
        details = {
            name: value[:_MOST_MESSAGE] if isinstance(value, str) else value
            for name, value in details.items()
            if isinstance(value, str | bool | None)
        }
    return Refusal(
        500,
        _text(error.get("type"), _MOST_NAME) or "api_error",
        _text(error.get("message"), _MOST_MESSAGE) or otherwise,
        details=details if isinstance(details, dict) else None,
    )


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _backoff(attempt: int) -> float:
    wait = min(_FIRST_WAIT * 2.0**attempt, _LONGEST_WAIT)
    return wait * (1 - _JITTER * random.random())


def _asked_wait(headers: httpx2.Headers) -> float:
    """The seconds of a numeric `retry-after` header, or 0."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        with suppress(ValueError):
            return max(0.0, float(headers.get(name, "")) / unit)
    return 0.0
