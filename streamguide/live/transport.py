"""An httpx2 transport over h11. It reuses a connection only if responses cannot be confused.

It trusts the same certificates as httpx2, and uses no proxy: check `uses_proxy` first, and use
httpx2's own transport for such an address.
"""

from __future__ import annotations

import socket
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies

import h11
import httpx2

# The size of a TLS record. The bytes of one read are parsed together.
_READ_BYTES = 16_384
# The most bytes before a body, including interim responses (1xx), and between two of its chunks.
_MOST_HEAD = 65_536
# Parsing this number of chunks takes some milliseconds.
_MOST_CHUNKS = 250
_PORTS = {"http": 80, "https": 443}
_FRAMING = (b"transfer-encoding", b"content-length")
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
            if connection.can_be_used_again() and len(idle) < self._keep:
                idle.append(connection)
            else:
                connection.close()

        return httpx2.Response(
            head.status_code,
            headers=list(head.headers),
            stream=_Body(connection, release),
            extensions={"http_version": b"HTTP/" + head.http_version, "reason_phrase": head.reason},
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
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
        self._has_certain_end = False

    def ask(self, request: httpx2.Request, seconds: float | None) -> h11.Response:
        """Send a request; returns the head of its response. `seconds` limit each read and write."""
        http = self._http
        self._socket.settimeout(seconds)
        with _errors(httpx2.WriteTimeout, httpx2.WriteError):
            head = h11.Request(
                method=request.method, target=request.url.raw_path, headers=request.headers.raw
            )
            events = (head, h11.Data(data=request.read()), h11.EndOfMessage())
            self._socket.sendall(b"".join(http.send(event) for event in events))
        with _errors(httpx2.ReadTimeout, httpx2.ReadError):
            answer = self._head(request.extensions.get("interim"))
        framing = [name for name, _ in answer.headers if name in _FRAMING]
        # With an ambiguous end, the rest of a response could be read as the next one.
        self._has_certain_end = answer.status_code == HTTPStatus.OK and len(framing) == 1
        return answer

    def _head(self, interim: Callable[[int], None] | None) -> h11.Response:
        """The head of the response. `interim` gets the statuses of those before it (1xx)."""
        left = _MOST_HEAD
        while not isinstance(event := self._http.next_event(), h11.Response):
            if interim and isinstance(event, h11.InformationalResponse):
                interim(event.status_code)
            if event is h11.NEED_DATA:
                if left <= 0:
                    raise httpx2.RemoteProtocolError(f"a head of more than {_MOST_HEAD:,} bytes")
                left -= self._receive()
        return event

    def read(self) -> bytes:
        """The buffered part of the body, at least a byte; b"" at its end."""
        http = self._http
        pieces: list[bytes] = []
        while http.their_state is h11.SEND_BODY and len(pieces) < _MOST_CHUNKS:
            event = http.next_event()
            if isinstance(event, h11.Data):
                pieces.append(event.data)
            elif event is h11.NEED_DATA:
                if pieces:
                    break
                self._receive()
        return b"".join(pieces)

    def _receive(self) -> int:
        data = self._socket.recv(_READ_BYTES)
        self._http.receive_data(data)
        return len(data)

    def can_be_used_again(self) -> bool:
        """Whether the response certainly ended, with nothing after it. If so, prepare the next."""
        http = self._http
        is_over = http.our_state is http.their_state is h11.DONE
        if not (self._has_certain_end and is_over) or http.trailing_data != (b"", False):
            return False
        http.start_next_cycle()
        return True

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
    except h11.LocalProtocolError as error:
        raise httpx2.LocalProtocolError(str(error)) from error
    except h11.RemoteProtocolError as error:
        raise httpx2.RemoteProtocolError(str(error)) from error
    except TimeoutError as error:
        raise timeout(f"{where}{error}") from error
    except ssl.SSLError as error:
        raise other(f"{where}TLS handshake failed: {error}") from error
    except OSError as error:
        raise other(f"{where}{error}") from error
