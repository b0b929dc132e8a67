"""Bodies of requests: how large they may be, how long they may take, and those that nobody reads."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout
from werkzeug.wsgi import ClosingIterator

from streamguide.connection import Slow, hang_up, in_time, socket_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What a form takes, and every route that does not say otherwise; deploy/nginx.conf has it too.
MOST_BYTES = 64 * 1024

_SECONDS = "CLIENT_SECONDS"
_WAS_READ = "streamguide.body_was_read"


def register(app: Flask, seconds: float, larger: frozenset[str]) -> None:
    """Refuse bodies that are too large, except at the endpoints that take `larger` ones and look
    themselves, and end connections whose request was not read to its end.

    `seconds` are those that a body may take.
    """
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config[_SECONDS] = seconds
    app.wsgi_app = _Unread(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def check_length() -> None:
        is_large = (request.content_length or 0) > MOST_BYTES
        if is_large and request.endpoint not in larger:
            raise RequestEntityTooLarge


def read_body(most: int = MOST_BYTES) -> bytes:
    """The whole body, which `request.form` then has too.

    Raises RequestEntityTooLarge, RequestTimeout, and an error of the server's where the body is
    cut or framed wrongly.
    """
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge
    # The framework leaves a body without a length cut at its limit, so one more byte is asked for.
    request.max_content_length = most + 1
    seconds = current_app.config[_SECONDS]
    try:
        with in_time(seconds):
            body = request.get_data()
    except Slow:
        raise RequestTimeout(f"The request did not come within {seconds:g} s.") from None
    if len(body) > most:
        raise RequestEntityTooLarge
    was_read()
    return body


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
