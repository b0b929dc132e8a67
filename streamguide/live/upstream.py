"""Claude's API, asked through the official SDK's client."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import anthropic
import httpx2

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

Heard = Callable[[], None]
Read = Callable[[], bytes]
Sleep = Callable[[float], None]

# The SDK's own back-off: 0.5 s, doubled each time, at most 8 s, and up to a quarter less.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.5, 8.0, 0.25
# After message_stop only the end of the body is missing; then the connection can be used again.
_TAIL_BYTES = 4096
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
            frames, end = _framed(self._cutter.end())
            return frames, end or ENDED_EARLY
        self._heard()
        plain = self._cutter.plain(chunk)
        return (plain, None) if plain is not None else _framed(self._cutter.feed(chunk))

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
        tail = 0
        with suppress(httpx2.HTTPError):
            while (chunk := self._read()) and tail <= _TAIL_BYTES:
                tail += len(chunk)


class _Failed(Exception):
    """An attempt that gave nothing to pass on. `wait` is what the API asks to wait, in seconds."""

    def __init__(self, refusal: Refusal, is_temporary: bool, wait: float = 0.0) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.is_temporary = is_temporary
        self.wait = wait


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
        except anthropic.APIStatusError as error:
            raise self._refused(error) from None
        except anthropic.APITimeoutError:
            raise _Failed(_unreachable("did not answer in time"), is_temporary=True) from None
        except anthropic.APIConnectionError:
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
        if first.events[0].get("type") == "error":
            raise self._error_first(first.events[0], request_id)
        return Answer(request_id, first, rest)

    def _refused(self, error: anthropic.APIStatusError) -> _Failed:
        """An HTTP error, with the API's own words where it has some."""
        body = error.body if isinstance(error.body, dict) else {}
        found = body.get("error")
        found = found if isinstance(found, dict) else {}
        status = error.status_code
        details = found.get("details")
        headers = {
            name: value
            for name in ("retry-after", "request-id")
            if (value := _sendable(error.response.headers.get(name, "")))
        }
        refusal = Refusal(
            status,
            str(found.get("type") or "api_error"),
            str(found.get("message") or f"Claude's API answered with HTTP {status}."),
            details=details if isinstance(details, dict) else None,
            headers=headers,
        )
        told = error.response.headers.get("x-should-retry")
        is_temporary = status in (408, 409, 429) or status >= 500
        if told in ("true", "false"):
            is_temporary = told == "true"
        wait = _asked_wait(error.response.headers)
        return _Failed(refusal, is_temporary and not self._is_final(details), wait)

    def _error_first(self, event: Mapping[str, Any], request_id: str) -> _Failed:
        """An `error` event before any other: nothing went on yet, so it can be a status."""
        error = event.get("error")
        error = error if isinstance(error, dict) else {}
        type_ = str(error.get("type") or "api_error")
        known = self._errors.get(type_)
        details = error.get("details")
        return _Failed(
            Refusal(
                known.status if known else 500,
                type_,
                str(error.get("message") or "Claude's API ended the answer before it began."),
                details=details if isinstance(details, dict) else None,
                headers={"request-id": _sendable(str(event.get("request_id") or "")) or request_id},
            ),
            is_temporary=bool(known and known.retry) and not self._is_final(details),
        )

    def _is_final(self, details: object) -> bool:
        """Whether an error's details say that no retry gets past it, such as a spend limit."""
        return isinstance(details, dict) and details.get("error_code") in self._never_retried


def _http_client(base_url: str, timeout: httpx2.Timeout) -> httpx2.Client:
    """A client in which no request waits for a connection: limits are kept before, and in words."""
    if uses_proxy(base_url):
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
        return anthropic.DefaultHttpxClient(limits=limits, timeout=timeout)
    return anthropic.DefaultHttpxClient(transport=Transport(), timeout=timeout)


# The last events of a stream, and what has ended with each.
_LAST = {"message_stop": COMPLETE, "error": TOLD}


def _framed(cut: Iterator[Frame]) -> tuple[Frames, End | None]:
    """The frames up to the last one of the stream, or to one that is broken, and that end."""
    frames = Frames(b"", [])
    try:
        for frame in cut:
            frames.data += frame.data
            if frame.event is not None:
                frames.events.append(frame.event)
            if (end := _LAST.get(frame.type)) is not None:
                return frames, end
    except BrokenEvent as error:
        return frames, broken_event(str(error))
    return frames, None


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


def _no_stream(why: str) -> Refusal:
    message = f"The API's address answered with something else than a stream of events. {why}"
    return Refusal(502, "api_error", message, details={"error_code": "live_no_stream"})


def _sendable(value: str) -> str:
    """A header's value as it came, "" for one that a server would refuse to send on."""
    return value if value.isascii() and value.isprintable() else ""


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
