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
    UPSTREAM_ERROR,
    CloseReason,
    broken_event,
)
from streamguide.live.frames import BrokenEvent, FrameCutter
from streamguide.live.transport import Transport, uses_proxy
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.settings import LiveSettings

_log = logging.getLogger(__name__)

# The SDK's own back-off: 0.5 s, doubled each time, at most 8 s, and up to a quarter less.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.5, 8.0, 0.25
# The most that is read of an answer before its first event, and of one that is an error.
_MOST_BYTES = 65_536
_MOST_MESSAGE = 4000
_MOST_NAME = 200
# How long to wait for the end of a body after its last event.
_DRAIN_SECONDS = 1.0
# The events that end a stream.
_LAST = {"message_stop": COMPLETE, "error": UPSTREAM_ERROR}


@dataclass(slots=True)
class Part:
    """Whole frames that came together: their bytes, their events in order, and the stream's end.

    Bytes that complete no frame make a part without any.
    """

    data: bytes
    events: list[dict[str, Any]]
    end: CloseReason | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A stream that has begun: its parts, of which the first has an event, and the last the end."""

    request_id: str
    parts: Iterator[Part]


def read_parts(pieces: Iterator[bytes]) -> Iterator[Part]:
    """Read a body to the end of its stream. Errors of the connection are one of its ends."""
    cutter = FrameCutter()
    end = None
    while end is None:
        frames, events = [], []
        try:
            piece = next(pieces, b"")
            for frame in cutter.feed(piece) if piece else cutter.end():
                frames.append(frame.data)
                if frame.event is not None:
                    events.append(frame.event)
                if (end := _LAST.get(frame.type)) is not None:
                    break
            else:
                end = None if piece else ENDED_EARLY
        except httpx2.HTTPError:
            end = DROPPED
        except BrokenEvent as error:
            end = broken_event(str(error))
        yield Part(b"".join(frames), events, end)
    if end is COMPLETE:
        # So that the connection is used again. More than the end would be odd, and closes it.
        with suppress(httpx2.HTTPError):
            gevent.with_timeout(_DRAIN_SECONDS, next, pieces, b"", timeout_value=b"")


class _Failed(Exception):
    """An attempt that gave nothing to pass on. `wait` is what the API asks to wait, in seconds."""

    def __init__(self, refusal: Refusal, is_temporary: bool, wait: float = 0.0) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.is_temporary = is_temporary
        self.wait = wait


class _OtherStatus(Exception):
    """An answer with another status than 200, and the beginning of its body."""

    def __init__(self, status: int, headers: httpx2.Headers, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers
        self.body = body


class Upstream:
    """Makes requests; `errors` is the protocol table's, for statuses and what is temporary."""

    def __init__(self, settings: LiveSettings, errors: Mapping[str, ErrorType]) -> None:
        self._errors = errors
        self._never_retried = [code for error in errors.values() for code in error.never_retry]
        self._retries = settings.retries
        self._patience = settings.first_event_seconds
        # Whoever reads has limits of time of their own.
        timeout = httpx2.Timeout(None, connect=settings.connect_seconds)
        self._client = anthropic.Anthropic(
            api_key=settings.key.get_secret_value(),
            base_url=settings.base_url,
            # The SDK would retry spend limits too, and not an error that is the first event.
            max_retries=0,
            timeout=timeout,
            http_client=_http_client(settings.base_url, timeout),
            default_headers={"accept-encoding": "identity"},
        )
        # Made once: the SDK wraps all methods again whenever it is asked for one.
        self._create = self._client.messages.with_streaming_response.create

    @contextmanager
    def ask(self, body: Mapping[str, Any]) -> Iterator[Answer]:
        """An answer that has begun; leaving it before its end closes its connection.

        Raises Refusal if there is none to be passed on.
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

    def _attempt(self, body: Mapping[str, Any], stack: ExitStack) -> Answer:
        """One request. Raises _Failed."""
        try:
            return self._begun(stack.enter_context(self._create(**body)).http_response)
        except anthropic.APITimeoutError as error:
            _log_why(error)
            raise _Failed(_unreachable("did not answer in time"), is_temporary=True) from None
        except anthropic.APIConnectionError as error:
            # The SDK calls so whatever its client raises.
            if isinstance(error.__cause__, _OtherStatus):
                raise self._refused(error.__cause__) from None
            _log_why(error)
            raise _Failed(_unreachable("cannot be reached"), is_temporary=True) from None

    def _begun(self, response: httpx2.Response) -> Answer:
        """Wait for the first event."""
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise _Failed(_no_stream(f"It sent {kind[:100] or 'no content type'}."), False)
        request_id = _sendable(response.headers.get("request-id", ""))
        data = b""
        # Decoded, in case that a server compresses though asked not to.
        parts = read_parts(response.iter_bytes())
        while True:
            part = next(parts)
            data += part.data
            is_error = bool(part.events) and part.events[0].get("type") == "error"
            if len(data) > _MOST_BYTES and (is_error or not part.events):
                why = f"It sent {_MOST_BYTES:,} bytes and no message."
                raise _Failed(_no_stream(why), is_temporary=False)
            if is_error:
                raise self._error_first(part.events[0], request_id)
            if part.events:
                return Answer(request_id, chain([Part(data, part.events, part.end)], parts))
            if part.end is not None:
                raise _before_the_first(part.end)
            # Other greenlets have their turn, however fast it comes.
            gevent.sleep(0)

    def _refused(self, answer: _OtherStatus) -> _Failed:
        """An HTTP error, with the API's own words where it has some."""
        status = answer.status
        if not 400 <= status <= 599:
            # A status that is no error would be taken for an answer of ours.
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
        """An `error` event before any other: nothing went on yet, so it can be a status."""
        refusal = _refusal(event, "Claude's API ended the answer before it began.")
        known = self._errors.get(refusal.type)
        refusal.status = known.status if known else 500
        own_id = _sendable(_text(event.get("request_id"), _MOST_NAME))
        refusal.headers["request-id"] = own_id or request_id
        return self._failed(refusal, is_temporary=bool(known and known.retry))

    def _failed(self, refusal: Refusal, is_temporary: bool, wait: float = 0.0) -> _Failed:
        """No retry gets past some errors, such as a spend limit, whatever their status says."""
        code = (refusal.details or {}).get("error_code")
        return _Failed(refusal, is_temporary and code not in self._never_retried, wait)


def _http_client(base_url: str, timeout: httpx2.Timeout) -> httpx2.Client:
    """A client in which no request waits for a connection: limits are kept before, and in words.

    Nothing of one visitor's answer is kept for another's, and nothing is sent on to elsewhere.
    """
    return anthropic.DefaultHttpxClient(
        timeout=timeout,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        event_hooks={"response": [_check_status]},
        # Without a proxy. httpx2 takes what came after an answer's end for the next one, so that
        # it may use no connection again.
        transport=None if uses_proxy(base_url) else Transport(),
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
    )


def _check_status(response: httpx2.Response) -> None:
    """Raises _OtherStatus for all but a 200: the SDK would read the whole body, however long."""
    if response.status_code == HTTPStatus.OK:
        return
    body = b""
    # As it came: a little that is compressed can be very much.
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
    refusal = _unreachable("ended the answer before its first event")
    return _Failed(refusal, is_temporary=True)


def _unreachable(what: str) -> Refusal:
    return Refusal(
        502, "api_error", f"Claude's API {what}.", details={"error_code": "live_unreachable"}
    )


def _log_why(error: anthropic.APIConnectionError) -> None:
    """Write down what the visitor need not know: TLS, DNS, a proxy, a port where nobody listens."""
    cause = error.__cause__
    # The text of others may repeat what was sent.
    is_plain = isinstance(cause, httpx2.ConnectError | httpx2.ProxyError)
    text = f": {str(cause)[:_MOST_MESSAGE]!r}" if is_plain else ""
    _log.warning("Claude's API cannot be reached: %s%s", type(cause).__name__, text)


def _no_stream(why: str) -> Refusal:
    message = f"The API's address answered with something else than a stream of events. {why}"
    return Refusal(502, "api_error", message, details={"error_code": "live_no_stream"})


def _sendable(value: str) -> str:
    """A header's value as it came, "" for one that a server would refuse to send on."""
    is_short = len(value) <= _MOST_NAME
    return value if is_short and value.isascii() and value.isprintable() else ""


def _json(body: bytes) -> object:
    try:
        return from_json(body)
    except ValueError:
        return None


def _refusal(envelope: object, otherwise: str) -> Refusal:
    """An error of the API's in its own words, as far as it has some; of its details what is flat."""
    error = envelope.get("error") if isinstance(envelope, dict) else None
    error = error if isinstance(error, dict) else {}
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
    """Seconds of a `retry-after`, 0 where there is none that is a number."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        with suppress(ValueError):
            return max(0.0, float(headers.get(name, "")) / unit)
    return 0.0
