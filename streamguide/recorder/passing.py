"""Passes one request on to an API, and its answer back as it is received."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import gevent
import httpx2
from gevent.queue import Queue

from streamguide.connection import Cut, wait
from streamguide.live.transport import Transport
from streamguide.recorder.exchange import Exchange, How, Sent
from streamguide.recorder.store import Recordings
from streamguide.turns import Left

_log = logging.getLogger(__name__)

_CONNECT_SECONDS = 10.0
_WATCH_SECONDS = 3600.0
# They are about one connection, and each side has its own.
_OF_A_CONNECTION = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
# The request has another host and is sent whole.
_NOT_SENT_ON = frozenset({"host", "content-length", "expect"})
# The server sets its own.
_NOT_PASSED_BACK = frozenset({"date"})


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an answer. A header may stand in it several times."""

    status: int
    reason: str
    headers: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _End:
    """The body ended: whole, or `why` not."""

    why: str = ""


class Unreachable(Exception):
    """The API sent no answer."""


class Passing:
    """A request to an API, and its answer on the way to a client.

    A reader, a greenlet of its own, sends the request and puts what it receives into an inbox of
    one place; while that is full, it does not read, so that a slow client holds the API back. A
    watcher ends the request when the client disconnects. The server's greenlet calls `begin`, sends
    what `pieces` yields, and always calls `close` in the end.
    """

    def __init__(
        self,
        transport: httpx2.BaseTransport,
        request: httpx2.Request,
        exchange: Exchange,
        recordings: Recordings,
        connection: socket.socket | None,
    ) -> None:
        self._transport = transport
        self._exchange = exchange
        self._recordings = recordings
        self._connection = connection
        request.extensions["interim"] = lambda status: self._inbox.put(status)
        self._request: httpx2.Request | None = request
        self._inbox: Queue[int | Head | bytes | _End] = Queue(1)
        self._reader = gevent.spawn(self._read)
        self._watcher = gevent.spawn(self._watch, connection) if connection else None

    def _read(self) -> None:
        try:
            with closing(self._answer()) as answer:
                self._inbox.put(_head(answer))
                for piece in answer.iter_raw():
                    if self._inbox.full():
                        # Let other greenlets run, because a fast API never waits.
                        gevent.sleep(0)
                    self._inbox.put(piece)
            self._inbox.put(_End())
        except httpx2.HTTPError as error:
            self._inbox.put(_End(str(error) or type(error).__name__))
        except Exception:
            # An error of ours: it is logged, and for the client the connection broke.
            _log.exception("The recorder failed")
            self._inbox.put(_End("The recorder failed."))

    def _answer(self) -> httpx2.Response:
        request, self._request = self._request, None
        assert request is not None
        # Nothing keeps the request's body while its answer is received.
        return self._transport.handle_request(request)

    def _watch(self, connection: socket.socket) -> None:
        while wait(connection, _WATCH_SECONDS):
            pass
        self._recordings.end(self._exchange, "left")
        self._reader.kill(block=False)
        self._inbox.put(_End("The client left."))

    def begin(self, takes_interim: bool) -> Head:
        """Wait for the head of the answer. Raises Unreachable, or Left if the client left.

        Interim responses (1xx) are sent to the client before, if it takes them.
        """
        while True:
            received = self._inbox.get()
            if isinstance(received, Head):
                self._exchange.begin(received.status, _single(received.headers))
                self._recordings.changed(self._exchange)
                return received
            if isinstance(received, int):
                self._exchange.informational.append(received)
                if takes_interim and self._connection is not None:
                    self._connection.sendall(b"HTTP/1.1 %d Interim\r\n\r\n" % received)
            elif isinstance(received, _End):
                if self._exchange.ended is not None:
                    raise Left
                raise Unreachable(received.why)

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the body. Raises Cut if the API cut it, so that the client's is cut too."""
        while not isinstance(received := self._inbox.get(), _End):
            if isinstance(received, bytes) and received:
                self._recordings.receive(self._exchange, received)
                yield received
        if received.why:
            self._recordings.end(self._exchange, "cut")
            raise Cut
        self._recordings.end(self._exchange, "complete")

    def close(self, how: How = "left") -> None:
        """End the request, by default as one whose client left, unless it has. May be repeated."""
        self._recordings.end(self._exchange, how)
        self._reader.kill(block=False)
        if self._watcher is not None:
            # It reads from the connection, from which the server reads the next request.
            self._watcher.kill()


def open_transport(base_url: str) -> httpx2.BaseTransport:
    """What sends requests to an address. It verifies certificates, and follows no redirect.

    Raises Unreachable for a proxy of the environment that cannot be used.
    """
    url = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.hostname or ""):
        return Transport()
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
    try:
        return httpx2.HTTPTransport(
            proxy=proxy if "://" in proxy else f"http://{proxy}", limits=limits
        )
    except (ValueError, ImportError, httpx2.InvalidURL) as error:
        raise Unreachable(f"The environment's proxy cannot be used: {error}") from None


def request_to(base_url: str, sent: Sent) -> httpx2.Request:
    """The request to the API: the program's own, to another host. Raises Unreachable."""
    query = f"?{sent.query}" if sent.query else ""
    try:
        return httpx2.Request(
            sent.method,
            f"{base_url}/{sent.path.lstrip('/')}{query}",
            headers=[
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in _passed(sent.headers.items(), _NOT_SENT_ON)
            ],
            content=sent.body or None,
            extensions={
                "timeout": httpx2.Timeout(None, connect=_CONNECT_SECONDS).as_dict(),
            },
        )
    except httpx2.InvalidURL as error:
        raise Unreachable(str(error)) from None


def _head(answer: httpx2.Response) -> Head:
    headers = [
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw
    ]
    return Head(answer.status_code, answer.reason_phrase, list(_passed(headers, _NOT_PASSED_BACK)))


def _passed(
    headers: Iterable[tuple[str, str]], without: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """The headers that are not about a connection."""
    headers = list(headers)
    named = {
        one.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for one in value.split(",")
    }
    left_out = _OF_A_CONNECTION | without | named
    return ((name, value) for name, value in headers if name.lower() not in left_out)


def _single(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Each header once, with a lower-case name and all its values."""
    found: dict[str, str] = {}
    for name, value in headers:
        known = found.get(name.lower())
        found[name.lower()] = value if known is None else f"{known}, {value}"
    return found
