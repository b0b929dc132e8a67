"""Claude's API, asked through the official SDK's client."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import anthropic
import gevent
import httpx2
from pydantic_core import from_json

from streamguide.live.chunks import WholeChunks
from streamguide.live.ends import (
    COMPLETE,
    DROPPED,
    ENDED_EARLY,
    TOLD,
    End,
    broken_event,
)
from streamguide.live.frames import BrokenEvent, Frame, FrameCutter, Frames
from streamguide.live.transport import BODY, Body, Transport, uses_proxy
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.settings import LiveSettings

_log = logging.getLogger(__name__)

Heard = Callable[[], None]
Read = Callable[[], bytes]
Sleep = Callable[[float], None]

# The SDK's own back-off: 0.5 s, doubled each time, at most 8 s, and up to a quarter less.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.5, 8.0, 0.25
# The most that is read of an answer before its first event, and of one that is an error.
_MOST_BYTES = 65_536
_MOST_MESSAGE = 4000
_MOST_NAME = 200
# How long bytes that never run dry may be read before other greenlets have their turn.
_TURN_SECONDS = 0.01
_NOTHING = Frames(b"", [])


@dataclass(frozen=True, slots=True)
class Answer:
    """A stream that has begun.

    `first` are the frames that came up to and with its first event.
    """

    request_id: str
    first: Frames
    rest: Rest


class Rest:
    """What follows in an answer: frames, those together that came together, and then its End.

    `chunks` is below what `read` reads, where it can be asked for what has come.
    """

    def __init__(self, read: Read, heard: Heard, chunks: WholeChunks | None = None) -> None:
        """`heard` is called whenever bytes come."""
        self.chunks = chunks
        self._read = read
        self._heard = heard
        self._cutter = FrameCutter()
        # What was read and is not cut yet.
        self._ahead = b""
        self._end: End | None = None
        self._turn = time.monotonic()

    def next(self) -> Frames | End:
        """Wait for what comes next."""
        while self._end is None:
            frames, self._end = self._more()
            if frames.data:
                return frames
        return self._end

    def _more(self) -> tuple[Frames, End | None]:
        """What the next piece of the body completes, and the End that it comes to."""
        try:
            chunk = self._ahead or self._read()
        except httpx2.HTTPError:
            return _NOTHING, DROPPED
        self._ahead = b""
        if not chunk:
            frames, end = self._framed(self._cutter.end())
            return frames, end or ENDED_EARLY
        self._heard()
        self._give_turn()
        plain = self._cutter.plain(chunk)
        return (plain, None) if plain is not None else self._framed(self._cutter.feed(chunk))

    def _framed(self, cut: Iterator[Frame]) -> tuple[Frames, End | None]:
        """The frames up to the last one of the stream, or to one that is broken, and that end."""
        pieces, events, end = [], [], None
        try:
            for frame in cut:
                self._give_turn()
                pieces.append(frame.data)
                if frame.event is not None:
                    events.append(frame.event)
                if (end := _LAST.get(frame.type)) is not None:
                    break
        except BrokenEvent as error:
            end = broken_event(str(error))
        return Frames(b"".join(pieces), events), end

    def _give_turn(self) -> None:
        """Let limits of time and other streams come in, which reading alone does not wait for."""
        if time.monotonic() >= self._turn + _TURN_SECONDS:
            gevent.sleep(0)
            self._turn = time.monotonic()

    def arrived(self) -> Frames | None:
        """Events that have come whole, without any bytes where nothing has come.

        None: what comes is for `next`, which may have to wait. Only where there are `chunks`, in
        their `without_waiting`, and before it `is_over`.
        """
        assert self.chunks is not None
        chunk = self.chunks.arrived()
        if not chunk:
            return None if chunk is None else _NOTHING
        plain = self._cutter.plain(chunk)
        if plain is None:
            self._ahead = chunk
        else:
            self._heard()
        return plain

    @property
    def is_over(self) -> bool:
        """Whether only the End is left."""
        return self._end is not None

    def drain(self) -> None:
        """After COMPLETE, read the end of the body, so that the connection can be used again."""
        with suppress(httpx2.HTTPError):
            # Whatever follows message_stop is odd, and its connection is closed.
            self._read()


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

    def __init__(
        self,
        settings: LiveSettings,
        errors: Mapping[str, ErrorType],
        sleep: Sleep = time.sleep,
    ) -> None:
        self._errors = errors
        self._never_retried = [code for error in errors.values() for code in error.never_retry]
        self._retries = settings.retries
        self._patience = settings.first_event_seconds
        self._sleep = sleep
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

    def ask(self, body: Mapping[str, Any], heard: Heard, stack: ExitStack) -> Answer:
        """An answer that has begun. Raises Refusal if there is none to be passed on.

        `heard` is called whenever bytes come. Closing `stack` before the answer's end closes the
        connection.
        """
        deadline = time.monotonic() + self._patience
        attempt = 0
        while True:
            try:
                return self._attempt(body, heard, stack)
            except _Failed as failed:
                stack.close()
                pause = failed.wait or _backoff(attempt)
                is_last = attempt == self._retries or time.monotonic() + pause > deadline
                if is_last or not failed.is_temporary:
                    raise failed.refusal from None
            self._sleep(pause)
            attempt += 1

    def _attempt(self, body: Mapping[str, Any], heard: Heard, stack: ExitStack) -> Answer:
        """One request. Raises _Failed."""
        try:
            opening = self._create(**body)
            return self._begun(stack.enter_context(opening).http_response, heard)
        except anthropic.APITimeoutError as error:
            _log_why(error)
            raise _Failed(_unreachable("did not answer in time"), is_temporary=True) from None
        except anthropic.APIConnectionError as error:
            # The SDK calls so whatever its client raises.
            if isinstance(error.__cause__, _OtherStatus):
                raise self._refused(error.__cause__) from None
            _log_why(error)
            raise _Failed(_unreachable("cannot be reached"), is_temporary=True) from None

    def _begun(self, response: httpx2.Response, heard: Heard) -> Answer:
        """Wait for the first event."""
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise _Failed(_no_stream(f"It sent {kind[:100] or 'no content type'}."), False)
        request_id = _sendable(response.headers.get("request-id", ""))
        first = _NOTHING
        rest = _reading(response, heard)
        while not first.events:
            item = rest.next()
            if isinstance(item, End):
                raise _before_the_first(item)
            first = Frames(first.data + item.data, item.events)
            is_error = bool(first.events) and first.events[0].get("type") == "error"
            if len(first.data) > _MOST_BYTES and (is_error or not first.events):
                why = f"It sent {_MOST_BYTES:,} bytes and no message."
                raise _Failed(_no_stream(why), is_temporary=False)
        if first.events[0].get("type") == "error":
            raise self._error_first(first.events[0], request_id)
        return Answer(request_id, first, rest)

    def _refused(self, answer: _OtherStatus) -> _Failed:
        """An HTTP error, with the API's own words where it has some."""
        status = answer.status
        if not 400 <= status <= 599:
            # A status that is no error would be taken for an answer of ours.
            where = ", to send the request elsewhere" if 300 <= status <= 399 else ""
            return _Failed(_no_stream(f"It answered with HTTP {status}{where}."), False)
        headers = {
            name: value
            for name in ("retry-after", "request-id")
            if (value := _sendable(answer.headers.get(name, "")))
        }
        error = _error_of(_object(answer.body))
        refusal = Refusal(
            status,
            _text(error.get("type"), _MOST_NAME) or "api_error",
            _text(error.get("message"), _MOST_MESSAGE)
            or f"Claude's API answered with HTTP {status}.",
            details=_details(error),
            headers=headers,
        )
        told = answer.headers.get("x-should-retry")
        is_temporary = status in (408, 409, 429) or status >= 500
        if told in ("true", "false"):
            is_temporary = told == "true"
        wait = _asked_wait(answer.headers)
        return _Failed(refusal, is_temporary and not self._is_final(refusal.details), wait)

    def _error_first(self, event: Mapping[str, Any], request_id: str) -> _Failed:
        """An `error` event before any other: nothing went on yet, so it can be a status."""
        error = _error_of(event)
        type_ = _text(error.get("type"), _MOST_NAME) or "api_error"
        known = self._errors.get(type_)
        details = _details(error)
        own_id = _sendable(_text(event.get("request_id"), _MOST_NAME))
        return _Failed(
            Refusal(
                known.status if known else 500,
                type_,
                _text(error.get("message"), _MOST_MESSAGE)
                or "Claude's API ended the answer before it began.",
                details=details,
                headers={"request-id": own_id or request_id},
            ),
            is_temporary=bool(known and known.retry) and not self._is_final(details),
        )

    def _is_final(self, details: object) -> bool:
        """Whether an error's details say that no retry gets past it, such as a spend limit."""
        return isinstance(details, dict) and details.get("error_code") in self._never_retried


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
    raise _OtherStatus(response.status_code, response.headers, body)


# The last events of a stream, and what has ended with each.
_LAST = {"message_stop": COMPLETE, "error": TOLD}


def _reading(response: httpx2.Response, heard: Heard) -> Rest:
    # Decoding costs time, and is only needed where a server compresses though asked not to.
    if response.headers.get("content-encoding", "identity") != "identity":
        return Rest(partial(next, response.iter_bytes(), b""), heard)
    body: Body | None = response.extensions.get(BODY)
    if body is None:
        return Rest(partial(next, response.iter_raw(), b""), heard)
    return Rest(body.read, heard, body.chunks)


def _before_the_first(end: End) -> _Failed:
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


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = from_json(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _error_of(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    error = envelope.get("error")
    return error if isinstance(error, dict) else {}


def _text(value: object, most: int) -> str:
    return value[:most] if isinstance(value, str) else ""


def _details(error: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is flat of an error's details, as their code is."""
    details = error.get("details")
    if not isinstance(details, dict):
        return None
    return {
        name: value[:_MOST_MESSAGE] if isinstance(value, str) else value
        for name, value in details.items()
        if isinstance(value, str | bool | None)
    }


def _backoff(attempt: int) -> float:
    wait = min(_FIRST_WAIT * 2.0**attempt, _LONGEST_WAIT)
    return wait * (1 - _JITTER * random.random())


def _asked_wait(headers: httpx2.Headers) -> float:
    """Seconds of a `retry-after`, 0 where there is none that is a number."""
    try:
        return max(0.0, float(headers.get("retry-after-ms", "")) / 1000)
    except ValueError:
        pass
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return 0.0
