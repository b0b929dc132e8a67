"""The recorder over HTTP: what is below `/record/` is passed on to an API, and its recordings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, request
from werkzeug.datastructures import Headers

from streamguide.connection import Cut, socket_of
from streamguide.library import Daily, Library
from streamguide.protocol.refusal import Refusal, envelope, invalid
from streamguide.recorder.exchange import Exchange, Sent
from streamguide.recorder.store import Recordings
from streamguide.settings import Settings
from streamguide.simulator.headers import new_request_id
from streamguide.simulator.request import MOST_BYTES, too_large
from streamguide.web.bodies import read_large_body
from streamguide.web.headers import ForeignResponse
from streamguide.web.rates import address, is_this_machine
from streamguide.web.simulator_api import one_process
from streamguide.web.stream_body import StreamBody
from streamguide.web.visitor import allowed_hosts, check_host, check_page, is_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from httpx2 import BaseTransport

    from streamguide.recorder.passing import Head, Passing

# Each open request has three greenlets and two sockets.
_MOST_OPEN = 500
# The bodies of requests that have no answer yet.
_MOST_HELD = 256 * 1024 * 1024
_MOST_AT_ONCE = 1024 * 1024
_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# What a path may have beside letters and digits.
_SAFE = "/:@!$&'()*+,;=-._~"
_NUMBER = re.compile("[0-9]{1,12}")


def blueprint(settings: Settings, today: Daily[Library]) -> Blueprint:
    """The routes."""
    views = Blueprint("recorder", __name__)
    served = _Recorder(settings, today)

    views.register_error_handler(Refusal, _refused)

    @views.route(
        "/record/<path:path>",
        methods=_EVERY_METHOD,
        provide_automatic_options=False,
        merge_slashes=False,
    )
    def pass_on(path: str) -> Response:
        return served.pass_on(path)

    @views.get("/recordings.json")
    def recordings() -> Response:
        return served.list()

    @views.route("/recordings", methods=["DELETE"], provide_automatic_options=False)
    def clear() -> Response:
        return served.clear()

    @views.get("/recordings/<name>/pieces.json")
    def pieces(name: str) -> Response:
        return served.pieces(name)

    @views.get("/recordings/<name>.sse")
    def body(name: str) -> Response:
        return served.file(name, "sse")

    @views.get("/recordings/<name>.json")
    def description(name: str) -> Response:
        return served.file(name, "json")

    return views


class _PassedOn(ForeignResponse):
    """An answer of the API. Its head is sent when it is received, and not with the first bytes."""

    def __init__(self, head: Head, body: StreamBody) -> None:
        super().__init__(body, head.status, direct_passthrough=True)
        if head.reason:
            self.status = f"{head.status} {head.reason}"
        self.headers = Headers(head.headers)
        self._body = body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            start_response(self.status, self.headers.to_wsgi_list())(b"")
        except BaseException:
            # The server got no iterable that it would close.
            self.close()
            raise
        return self._body


class _Recorder:
    """Passes requests on, and answers with what is kept of them."""

    def __init__(self, settings: Settings, today: Daily[Library]) -> None:
        self._settings = settings
        self._hosts = allowed_hosts(settings)
        self._recordings = Recordings(settings, lambda: today().models)
        self._open = self._held = 0
        self._transport: BaseTransport | None = None

    def pass_on(self, path: str) -> Response:
        """The API's answer to the request, as it is received. Raises Refusal."""
        self._check()
        if self._open >= _MOST_OPEN:
            raise _busy(
                f"{_MOST_OPEN} requests are open, which is all that the recorder passes on."
            )
        self._open += 1
        try:
            passing, head = self._asked(path)
            # There is no body whose end the server could send.
            is_cut = request.method == "HEAD" and "content-length" not in _names(head)
            frames = _and_cut(passing.pieces()) if is_cut else passing.pieces()
            return _PassedOn(head, StreamBody(frames, partial(self._closed, passing)))
        except BaseException:
            self._open -= 1
            raise

    def _asked(self, path: str) -> tuple[Passing, Head]:
        """A request whose answer has begun. Raises Refusal, and Left if the client left."""
        # Importing it takes a tenth of a second, of which a start without it knows nothing.
        try:
            from streamguide.recorder.passing import Unreachable
        except ImportError as error:
            message = (
                f"The recorder asks as live mode does: pip install 'streamguide[live]' ({error})"
            )
            raise Refusal(503, "api_error", message) from None

        size = request.content_length
        if size is None:
            size = MOST_BYTES if "HTTP_TRANSFER_ENCODING" in request.environ else 0
        if self._held + size > _MOST_HELD:
            raise _busy("The recorder holds as many large requests as it can.")
        self._held += size
        try:
            sent = _sent(path)
            exchange = self._recordings.begin(sent)
            try:
                return self._begun(sent, exchange)
            except Unreachable as error:
                exchange.note = str(error)
                self._recordings.end(exchange, "unreachable")
                raise self._unreachable(str(error)) from None
        finally:
            self._held -= size

    def _begun(self, sent: Sent, exchange: Exchange) -> tuple[Passing, Head]:
        """Send a request, and wait for the head of its answer. Raises Unreachable and Left."""
        from streamguide.recorder.passing import (
            Passing,
            Unreachable,
            open_transport,
            request_to,
        )

        base_url = self._settings.record_base_url
        if self._transport is None:
            self._transport = open_transport(base_url)
        connection = socket_of(request.environ)
        passing = Passing(
            self._transport, request_to(base_url, sent), exchange, self._recordings, connection
        )
        try:
            takes_interim = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
            return passing, passing.begin(takes_interim)
        except BaseException as error:
            passing.close("unreachable" if isinstance(error, Unreachable) else "left")
            raise

    def _closed(self, passing: Passing) -> None:
        self._open -= 1
        passing.close()

    def list(self) -> Response:
        """The requests that are kept, or those that changed since `after`. Raises Refusal."""
        self._check()
        settings = self._settings
        found = self._recordings.as_json(_number("after"))
        return _json(
            found
            | {
                "base_url": settings.record_base_url,
                "folder": settings.recordings,
                "has_texts": bool(settings.record_texts),
                "most": settings.record_most,
            }
        )

    def clear(self) -> Response:
        """Forget what ended. Files stay. Raises Refusal."""
        self._check()
        self._recordings.clear()
        return _json({"serial": self._recordings.serial})

    def pieces(self, name: str) -> Response:
        """The pieces of an answer behind the first `from` of them. Raises Refusal.

        Their bytes are those of an answer that is not compressed, as characters of Latin-1.
        """
        exchange = self._found(name)
        first = _number("from")
        found, size = [], 0
        for at, data in exchange.plain_pieces()[first:]:
            if size > _MOST_AT_ONCE:
                break
            found.append((at, data.decode("latin-1")))
            size += len(data)
        following = first + len(found)
        return _json(
            {
                "status": exchange.status,
                "headers": dict(exchange.headers),
                "pieces": found,
                "next": following,
                "is_last": exchange.ended is not None and following >= len(exchange.pieces),
                "ended": exchange.ended,
                "after_ms": exchange.after_ms,
                "now_ms": exchange.since(),
            }
        )

    def file(self, name: str, kind: str) -> Response:
        """A file of a recording. Raises Refusal."""
        exchange = self._found(name)
        if not exchange.can_be_played:
            why = exchange.note or "Its answer has not ended."
            raise Refusal(404, "not_found_error", f"{name} is no recording. {why}")
        if kind == "sse":
            body = exchange.body()
        else:
            body = (json.dumps(exchange.description(), indent=1) + "\n").encode()
        # A download: no browser shows it, whatever is in it.
        headers = {
            "cache-control": "no-store",
            "content-disposition": f'attachment; filename="{exchange.name}.{kind}"',
        }
        return Response(body, headers=headers, content_type="application/octet-stream")

    def _found(self, name: str) -> Exchange:
        self._check()
        exchange = self._recordings.find(name)
        if exchange is None:
            message = "There is no such recording, or not any more."
            raise Refusal(404, "not_found_error", message)
        return exchange

    def _check(self) -> None:
        """Raises Refusal unless a program or this site's own page on an allowed machine asks."""
        check_host(request.host, self._hosts)
        check_page(request.host, dict(request.headers))
        settings = self._settings
        if not is_this_machine(settings) and not is_in(address(settings), settings.record_from):
            raise Refusal(
                403,
                "permission_error",
                "The recorder is for the machine that it runs on. RECORD_FROM names others.",
                details={"error_code": "record_from"},
            )
        one_process("The recorder")

    def _unreachable(self, why: str) -> Refusal:
        return Refusal(
            502,
            "api_error",
            f"The recorder got no answer from {self._settings.record_base_url}: {why}",
            details={"error_code": "record_unreachable"},
        )


def _sent(path: str) -> Sent:
    """The current request. Raises Refusal."""
    if any(part in (".", "..") for part in path.split("/")):
        raise invalid("The path has . or .. in it, by which it would leave RECORD_BASE_URL.")
    body = read_large_body(MOST_BYTES, too_large())
    headers = {name.lower(): value for name, value in request.headers}
    query = request.query_string.decode("ascii", "replace")
    return Sent(request.method, f"/{quote(path, _SAFE)}", query, headers, body)


def _and_cut(pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield from pieces
    raise Cut


def _names(head: Head) -> set[str]:
    return {name.lower() for name, _ in head.headers}


def _number(name: str) -> int:
    text = request.args.get(name, "0")
    if not _NUMBER.fullmatch(text):
        raise invalid(f"{name}: a number")
    return int(text)


def _busy(message: str) -> Refusal:
    return Refusal(529, "overloaded_error", message, details={"error_code": "record_busy"})


def _refused(refusal: Refusal) -> Response:
    body = envelope(refusal, new_request_id())
    headers = {**refusal.headers, "request-id": body["request_id"]}
    response = _json(body)
    response.status_code = refusal.status
    response.headers.update(headers)
    return response


def _json(value: dict[str, Any]) -> Response:
    return Response(
        json.dumps(value), content_type="application/json", headers={"cache-control": "no-store"}
    )
