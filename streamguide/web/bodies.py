"""Bodies of requests: limits of size and time, and connections whose body nobody read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Semaphore
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout
from werkzeug.wsgi import ClosingIterator

from streamguide.connection import Slow, hang_up, has_closed, in_time, socket_of
from streamguide.protocol.refusal import Refusal, invalid
from streamguide.turns import LARGE, rest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# The limit of forms, and of every route without a limit of its own; the same in deploy/nginx.conf.
MOST_BYTES = 64 * 1024

# The number of bodies over LARGE in memory at a time: 128 MB of the largest allowed ones.
MOST_LARGE = 4
# The bytes to read before other greenlets run.
_PIECE = 1024 * 1024
_SECONDS = "CLIENT_SECONDS"
_WAS_READ = "streamguide.body_was_read"


def register(app: Flask, seconds: float, larger: frozenset[str]) -> None:
    """Refuse bodies that are too large, and close connections whose request was not read to its end.

    The endpoints in `larger` check the size themselves. A body may take `seconds`.
    """
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config[_SECONDS] = seconds
    app.wsgi_app = _Unread(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def check_length() -> None:
        is_large = (request.content_length or 0) > MOST_BYTES
        if is_large and request.endpoint not in larger:
            raise RequestEntityTooLarge


def read_body() -> bytes:
    """The whole body, which `request.form` then has too.

    Raises RequestEntityTooLarge, RequestTimeout, and an error of the server's where the body is
    cut or framed wrongly.
    """
    return _read(MOST_BYTES, request.get_data)


def read_large_body(most: int, too_large: Refusal) -> bytes:
    """The same for an API and at most `most` bytes, without keeping a copy in the request.

    Raises Refusal: `too_large`, or one of a body that is too slow or cut.
    """
    try:
        return _read(most, _in_pieces)
    except RequestEntityTooLarge:
        raise too_large from None
    except RequestTimeout as error:
        raise Refusal(408, "timeout_error", str(error.description)) from None
    except Exception as error:
        # The body was cut or framed wrongly, for which each server raises an error of its own.
        raise invalid("The request's body ended early or cannot be read") from error


class LargeBodies:
    """Bounds the number of bodies in memory that are, or may be, larger than LARGE."""

    def __init__(self) -> None:
        self._places = Semaphore(MOST_LARGE)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place for the body of the current request, if it needs one, and hold it.

        Raises Refusal if no place becomes free in time.
        """
        # A chunked body has no known length.
        has_no_length = "HTTP_TRANSFER_ENCODING" in request.environ
        if not has_no_length and (request.content_length or 0) <= LARGE:
            yield
            return
        if not self._places.acquire(timeout=current_app.config[_SECONDS]):
            message = f"{MOST_LARGE} large requests are held, which is all that can be. Try again."
            raise Refusal(529, "overloaded_error", message)
        try:
            yield
        finally:
            self._places.release()


def _in_pieces() -> bytes:
    """The body. The framework would keep a copy of it until the response ends."""
    pieces = []
    while piece := request.stream.read(_PIECE):
        pieces.append(piece)
        if len(piece) == _PIECE:
            # gevent does not switch greenlets while a socket has data.
            rest()
    return b"".join(pieces)


def _read(most: int, get: Callable[[], bytes]) -> bytes:
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    # The framework cuts a body without a length at its limit, so read one byte more.
    request.max_content_length = most + 1
    seconds = current_app.config[_SECONDS]
    try:
        with in_time(seconds):
            body = get()
    except Slow:
        raise RequestTimeout(f"The request did not come within {seconds:g} s.") from None
    if len(body) > most:
        raise RequestEntityTooLarge
    was_read()
    return body


def client_has_left() -> bool:
    """Whether the client of the current request closed its connection, as far as it is known."""
    connection = socket_of(request.environ)
    return connection is not None and has_closed(connection)


def was_read() -> None:
    """Note that the request's body was read to its end."""
    request.environ[_WAS_READ] = True


class _Unread:
    """WSGI: a connection ends with the answer if the request's body was not read.

    Servers read what is left of it, to find the next request: for as long as somebody sends.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_empty = environ.get("CONTENT_LENGTH") in (None, "", "0")
        if is_empty and "HTTP_TRANSFER_ENCODING" not in environ:
            return self._app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[..., object]:
            if _WAS_READ not in environ:
                headers = [*headers, ("Connection", "close")]
            return start_response(status, headers, *rest)

        answer = self._app(environ, start)
        connection = socket_of(environ)
        if _WAS_READ in environ or connection is None:
            return answer
        return ClosingIterator(answer, partial(hang_up, connection))
