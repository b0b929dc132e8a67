"""Claude's API, asked through the official SDK's client."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2

from streamguide.live.ends import (
    COMPLETE,
    DROPPED,
    ENDED_EARLY,
    TOLD,
    End,
    broken_event,
)
from streamguide.live.frames import BrokenEvent, Frame, FrameCutter
from streamguide.live.transport import Transport, uses_proxy
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import ErrorType
from streamguide.settings import LiveSettings

Heard = Callable[[], None]
Sleep = Callable[[float], None]

# The SDK's own back-off: 0.5 s, doubled each time, at most 8 s, and up to a quarter less.
_FIRST_WAIT, _LONGEST_WAIT, _JITTER = 0.5, 8.0, 0.25
# After message_stop only the end of the body is missing; then the connection can be used again.
_TAIL_BYTES = 4096
_NEVER_AGAIN = "enforced_spend_limit_reached"


@dataclass(frozen=True, slots=True)
class Begun:
    """A stream has begun: its request id, and the frames that have come, one with an event last."""

    request_id: str
    frames: tuple[Frame, ...]


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
        self._retries = settings.retries
        self._patience = settings.first_event_seconds
        self._sleep = sleep
        # Whoever reads has limits of time of their own.
        timeout = httpx2.Timeout(None, connect=settings.connect_seconds)
        self._client = anthropic.Anthropic(
            api_key=settings.key.get_secret_value(),
            base_url=settings.base_url,
            # The SDK would retry the spend limit too, and not an error that is the first event.
            max_retries=0,
            timeout=timeout,
            http_client=_http_client(settings.base_url, timeout),
            default_headers={"accept-encoding": "identity"},
        )

    def stream(
        self, body: Mapping[str, Any], heard: Heard
    ) -> Generator[Begun | Frame | End, None, None]:
        """One Begun, then frames, then one End. Raises Refusal if nothing was to be passed on.

        `heard` is called whenever bytes come. Whoever leaves it half-way closes the connection;
        whoever goes on after COMPLETE lets it be used again.
        """
        deadline = time.monotonic() + self._patience
        for attempt in range(self._retries + 1):
            try:
                yield from self._attempt(body, heard)
                return
            except _Failed as failed:
                pause = failed.wait or _backoff(attempt)
                is_last = attempt == self._retries or time.monotonic() + pause > deadline
                if is_last or not failed.is_temporary:
                    raise failed.refusal from None
            self._sleep(pause)

    def _attempt(
        self, body: Mapping[str, Any], heard: Heard
    ) -> Generator[Begun | Frame | End, None, None]:
        """One request. Raises _Failed as long as nothing was passed on."""
        try:
            opening = self._client.messages.with_streaming_response.create(**body)
            with opening as response:
                yield from self._read(response.http_response, heard)
        except anthropic.APIStatusError as error:
            raise self._refused(error) from None
        except anthropic.APITimeoutError:
            raise _Failed(_unreachable("did not answer in time"), is_temporary=True) from None
        except anthropic.APIConnectionError:
            raise _Failed(_unreachable("cannot be reached"), is_temporary=True) from None

    def _read(
        self, response: httpx2.Response, heard: Heard
    ) -> Generator[Begun | Frame | End, None, None]:
        kind = response.headers.get("content-type", "")
        if not kind.startswith("text/event-stream"):
            raise _Failed(_no_stream(f"It sent {kind[:100] or 'no content type'}."), False)
        request_id = response.headers.get("request-id", "")
        held: list[Frame] | None = []
        for item in _cut(response, heard):
            if held is None:
                yield item
            elif isinstance(item, End):
                raise _before_the_first(item)
            else:
                held.append(item)
                if item.event is not None:
                    if item.type == "error":
                        raise self._error_first(item.event, request_id)
                    yield Begun(request_id, tuple(held))
                    held = None

    def _refused(self, error: anthropic.APIStatusError) -> _Failed:
        """An HTTP error, with the API's own words where it has some."""
        body = error.body if isinstance(error.body, dict) else {}
        found = body.get("error")
        found = found if isinstance(found, dict) else {}
        status = error.status_code
        details = found.get("details")
        headers = {
            name: error.response.headers[name]
            for name in ("retry-after", "request-id")
            if name in error.response.headers
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
        if isinstance(details, dict) and details.get("error_code") == _NEVER_AGAIN:
            is_temporary = False
        return _Failed(refusal, is_temporary, _asked_wait(error.response.headers))

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
                headers={"request-id": str(event.get("request_id") or request_id)},
            ),
            is_temporary=known.retry if known else False,
        )


def _http_client(base_url: str, timeout: httpx2.Timeout) -> httpx2.Client:
    """A client in which no request waits for a connection: limits are kept before, and in words."""
    if uses_proxy(base_url):
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
        return anthropic.DefaultHttpxClient(limits=limits, timeout=timeout)
    return anthropic.DefaultHttpxClient(transport=Transport(), timeout=timeout)


def _cut(response: httpx2.Response, heard: Heard) -> Iterator[Frame | End]:
    """The frames of a body, and the End that it comes to."""
    cutter = FrameCutter()
    chunks = _chunks(response)
    try:
        for chunk in chunks:
            heard()
            for frame in cutter.feed(chunk):
                yield frame
                if frame.type == "message_stop":
                    yield COMPLETE
                    _drain(chunks)
                    return
                if frame.type == "error":
                    yield TOLD
                    return
        last = cutter.end()
    except BrokenEvent as error:
        yield broken_event(str(error))
        return
    except httpx2.HTTPError:
        yield DROPPED
        return
    if last is not None:
        yield last
    ends = {"message_stop": COMPLETE, "error": TOLD}
    yield ends.get(last.type if last else "", ENDED_EARLY)


def _chunks(response: httpx2.Response) -> Iterator[bytes]:
    # Decoding costs time, and is only needed where a server compresses though asked not to.
    if response.headers.get("content-encoding", "identity") == "identity":
        return response.iter_raw()
    return response.iter_bytes()


def _drain(chunks: Iterator[bytes]) -> None:
    """Read the end of the body, so that the connection can be used again."""
    tail = 0
    with suppress(httpx2.HTTPError):
        for chunk in chunks:
            tail += len(chunk)
            if tail > _TAIL_BYTES:
                return


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
