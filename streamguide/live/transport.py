"""An httpx2 transport over httptools. It reuses a connection only if responses cannot be confused.

It trusts the same certificates as httpx2, and uses no proxy: check `uses_proxy` first, and use
httpx2's own transport for such an address.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies

import httptools
import httpx2

# The size of a TLS record. The bytes of one read are parsed together.
_READ_BYTES = 16_384
# The most bytes before a body, including interim responses (1xx), and between two parts of it.
_MOST_HEAD = 65_536
_PORTS = {"http": 80, "https": 443}
_FRAMING = (b"transfer-encoding", b"content-length")
# What RFC 9110 (5.6.2, 5.5) and RFC 9112 (3.2) allow in names, in values and in a path.
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?")
_TARGET = re.compile(rb"[!-~]+")
# Scheme, host and port.
_Origin = tuple[str, str, int]
# The options of the SDK's client: an idle connection that broke is detected within minutes, and
# routers do not drop a working one.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
_SOCKET_OPTIONS = [
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _KEEP_ALIVE.items()
        if hasattr(socket, name)
    ),
]


def uses_proxy(url: str) -> bool:
    """Whether the environment sets a proxy for this address. `NO_PROXY` is ignored."""
    proxies = getproxies()
    return any(proxies.get(scheme) for scheme in (urlsplit(url).scheme, "all"))


class Transport(httpx2.BaseTransport):
    """Keeps up to `keep` idle connections for each origin, and opens any number of others.

    A request never waits for a free connection. `trust` replaces the certificates that httpx2
    trusts. A request's `connect` timeout includes the TLS handshake, and its `read` timeout also
    applies to writing. Its extension `interim` is called with the status of each interim response.
    """

    def __init__(self, trust: ssl.SSLContext | None = None, keep: int = 100) -> None:
        self._trust = trust or httpx2.create_ssl_context()
        self._trust.set_alpn_protocols(["http/1.1"])
        self._keep = keep
        self._idle: defaultdict[_Origin, list[_Connection]] = defaultdict(list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; returns when the head of its response is received.

        Raises httpx2's TransportErrors.
        """
        url, timeouts = request.url, request.extensions.get("timeout", {})
        if url.scheme not in _PORTS:
            raise httpx2.UnsupportedProtocol(f"{url.scheme!r} is not http or https")
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme])
        idle = self._idle[origin]
        connection = _silent(idle) or self._connected(origin, timeouts.get("connect"))
        try:
            head = connection.ask(request, timeouts.get("read"))
        except BaseException:
            connection.close()
            raise

        def release() -> None:
            if connection.response.can_be_used_again and len(idle) < self._keep:
                idle.append(connection)
            else:
                connection.close()

        return httpx2.Response(
            head.status,
            headers=head.headers,
            stream=_Body(connection, release),
            extensions={"http_version": head.http_version, "reason_phrase": head.reason},
        )

    def close(self) -> None:
        """Close the idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()

    def _connected(self, origin: _Origin, seconds: float | None) -> _Connection:
        scheme, host, port = origin
        with _errors(httpx2.ConnectTimeout, httpx2.ConnectError, f"{host}:{port}: "):
            connection = socket.create_connection((host, port), seconds)
            try:
                for option in _SOCKET_OPTIONS:
                    connection.setsockopt(*option)
                if scheme == "https":
                    connection = self._trust.wrap_socket(connection, server_hostname=host)
            except BaseException:
                connection.close()
                raise
        return _Connection(connection)


class _Body(httpx2.SyncByteStream):
    """A response body while it is received: a piece has the bytes of one read, undecoded.

    The connection is reused after the end of the body, and closed before it.
    """

    def __init__(self, connection: _Connection, release: Callable[[], None]) -> None:
        self._connection = connection
        self._release: Callable[[], None] | None = release

    def __iter__(self) -> Iterator[bytes]:
        with _errors(httpx2.ReadTimeout, httpx2.ReadError):
            while piece := self._connection.read():
                yield piece

    def close(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()


class _Connection:
    """A connection, used for one request after another."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self.response: _Response

    def ask(self, request: httpx2.Request, seconds: float | None) -> _Response:
        """Send a request; returns its response once the head is received.

        `seconds` limit each read and write.
        """
        self._socket.settimeout(seconds)
        with _errors(httpx2.WriteTimeout, httpx2.WriteError):
            self._socket.sendall(_bytes_of(request))
        self.response = response = _Response(request.method)
        interim = request.extensions.get("interim")
        with _errors(httpx2.ReadTimeout, httpx2.ReadError):
            while not response.has_head:
                response.feed(self._socket.recv(_READ_BYTES))
                while interim and response.interim:
                    interim(response.interim.pop(0))
        return response

    def read(self) -> bytes:
        """The buffered part of the body, at least a byte; b"" at its end."""
        response = self.response
        while not (piece := response.take()) and not response.is_over:
            response.feed(self._socket.recv(_READ_BYTES))
        return piece

    def is_silent(self) -> bool:
        """Whether there is nothing to read: neither bytes nor the connection's end."""
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            pass
        return False

    def close(self) -> None:
        self._socket.close()


class _Response:
    """A response, parsed while it is received. The methods named on_… are what httptools calls."""

    def __init__(self, method: str) -> None:
        self.status = 0
        self.reason = self.http_version = b""
        self.headers: list[tuple[bytes, bytes]] = []
        # The statuses of the interim responses (1xx).
        self.interim: list[int] = []
        self.has_head = self.is_over = self._has_certain_end = False
        # The response certainly ended, and nothing follows it.
        self.can_be_used_again = False
        self._parser = httptools.HttpResponseParser(self)
        self._has_body = method != "HEAD"
        self._is_framed = False
        self._pieces: list[bytes] = []
        self._bytes_beside = 0  # received since the head or the last part of the body
        self._broken: str | None = None

    def feed(self, data: bytes) -> None:
        """Parse what was received; b"" is the connection's end. Raises RemoteProtocolError.

        If a part of the body was received before the error, `take` raises it.
        """
        if not data:
            self._end()
        else:
            self._bytes_beside += len(data)
            try:
                self._parser.feed_data(data)
            except httptools.HttpParserUpgrade:
                self._broken = "a switch to another protocol"
            except httptools.HttpParserError as error:
                self._broken = str(error)
            if self._bytes_beside > _MOST_HEAD and not self.is_over:
                self._broken = f"more than {_MOST_HEAD:,} bytes that are no body"
        if self.is_over:
            # Bytes that follow a response are ignored, but the connection is not used again.
            self.can_be_used_again = self._has_certain_end and not self._broken
        elif self._broken and not self._pieces:
            raise httpx2.RemoteProtocolError(self._broken)

    def take(self) -> bytes:
        """The part of the body that is buffered, b"" if none is. Raises RemoteProtocolError."""
        if not self._pieces and self._broken and not self.is_over:
            raise httpx2.RemoteProtocolError(self._broken)
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)

    def _end(self) -> None:
        if not self.has_head:
            self._broken = "the connection was closed before a response"
        elif self._is_framed:
            self._broken = "the connection was closed in the middle of a response"
        else:
            # Without a length the end of the connection is that of the body.
            self.is_over = True

    def on_message_begin(self) -> None:
        if self.is_over:
            self._broken = "another response"

    def on_status(self, status: bytes) -> None:
        self.reason += status

    def on_header(self, name: bytes, value: bytes) -> None:
        # Those that follow the body are ignored.
        if not self.has_head:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        if self.has_head:
            return
        self.status = self._parser.get_status_code()
        if self.status < HTTPStatus.OK:
            return
        self.has_head = True
        self.http_version = f"HTTP/{self._parser.get_http_version()}".encode()
        framing = [name for name, _ in self.headers if name.lower() in _FRAMING]
        self._is_framed = bool(framing)
        # With an ambiguous end, the rest of a response could be read as the next one.
        is_certain = self.status == HTTPStatus.OK and len(framing) == 1 and self._has_body
        self._has_certain_end = is_certain and self._parser.should_keep_alive()
        self.is_over = not self._has_body
        self._bytes_beside = 0

    def on_body(self, piece: bytes) -> None:
        if not self.is_over:
            self._pieces.append(piece)
            self._bytes_beside = 0

    def on_message_complete(self) -> None:
        if self.has_head:
            self.is_over = True
        else:
            self.interim.append(self.status)
            self.reason = b""
            self.headers.clear()


def _bytes_of(request: httpx2.Request) -> bytes:
    """A request as it is sent. Raises LocalProtocolError for what could be read as something else."""
    method, target = request.method.encode("ascii"), request.url.raw_path
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    if not _TOKEN.fullmatch(method) or not _TARGET.fullmatch(target):
        raise httpx2.LocalProtocolError("a method or path with invalid characters")
    for name, value in request.headers.raw:
        is_plain = _TOKEN.fullmatch(name) and _VALUE.fullmatch(value)
        # A body is sent with its length.
        if not is_plain or name.lower() == b"transfer-encoding":
            raise httpx2.LocalProtocolError(f"a header that cannot be sent: {name!r}")
        lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join((*lines, b"", request.read()))


def _silent(idle: list[_Connection]) -> _Connection | None:
    """The idle connection that was used last. Connections that are not silent are closed."""
    while idle:
        connection = idle.pop()
        if connection.is_silent():
            return connection
        connection.close()
    return None


@contextmanager
def _errors(
    timeout: type[httpx2.TimeoutException], other: type[httpx2.NetworkError], where: str = ""
) -> Iterator[None]:
    """Raise the exceptions of httpx2's own transport."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(f"{where}{error}") from error
    except ssl.SSLError as error:
        raise other(f"{where}TLS handshake failed: {error}") from error
    except OSError as error:
        raise other(f"{where}{error}") from error
