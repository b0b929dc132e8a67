"""An httpx2 transport on urllib3, which reads a stream for half the CPU of httpx2's own.

Certificates are verified with the trust that httpx2 uses. A proxy of the environment is not used:
ask `uses_proxy` first, and give such an address httpx2's own transport.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

from streamguide.live.chunks import MOST_BYTES, WholeChunks

# The name of a response's extension: its `Body`.
BODY = "streamguide.body"

# Beside urllib3's own, those of the SDK's client: an idle connection that died shows after
# minutes, and routers on the way do not forget one that lives.
_KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 60, "TCP_KEEPCNT": 5}
_SOCKET_OPTIONS = [
    *HTTPConnection.default_socket_options,
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in _KEEP_ALIVE.items()
        if hasattr(socket, name)
    ),
]


def uses_proxy(url: str) -> bool:
    """Whether the environment may want a proxy for this address; `NO_PROXY` is not looked at."""
    proxies = getproxies()
    return any(proxies.get(scheme) for scheme in (urlsplit(url).scheme, "all"))


class Transport(httpx2.BaseTransport):
    """Connections that are used again: up to `keep` idle ones an origin, and any number of others.

    Nothing ever waits for a connection to become free. `trust` is for other certificates than
    those that httpx2 trusts. Requests are sent whole; answers are read as they come, undecoded.
    """

    def __init__(self, trust: ssl.SSLContext | None = None, keep: int = 100) -> None:
        self._pools = urllib3.PoolManager(
            maxsize=keep,
            block=False,
            ssl_context=trust or httpx2.create_ssl_context(),
            socket_options=_SOCKET_OPTIONS,
        )
        self._pools.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, and wait for the headers. Raises httpx2's TransportErrors."""
        if request.url.scheme not in ("http", "https"):
            raise httpx2.UnsupportedProtocol(f"{request.url.scheme!r} is not http or https")
        limits = request.extensions.get("timeout", {})
        pool = self._pools.connection_from_host(
            request.url.raw_host.decode("ascii"), request.url.port, request.url.scheme
        )
        try:
            answer = pool.urlopen(
                request.method,
                request.url.raw_path.decode("ascii"),
                body=request.read(),
                headers=_headers(request),
                timeout=urllib3.Timeout(connect=limits.get("connect"), read=limits.get("read")),
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
            )
        except exceptions.HTTPError as error:
            raise _as_httpx2(error) from error
        except ValueError as error:
            # A header that would end too early, for instance.
            raise httpx2.LocalProtocolError(str(error)) from error
        body = Body(answer)
        return httpx2.Response(
            answer.status,
            headers=[
                (name.encode("latin-1"), value.encode("latin-1"))
                for name, value in answer.headers.iteritems()
            ],
            stream=body,
            extensions={
                BODY: body,
                "http_version": answer.version_string.encode("ascii"),
                "reason_phrase": (answer.reason or "").encode("latin-1"),
            },
        )

    def close(self) -> None:
        """Close the idle connections."""
        self._pools.clear()


class Body(httpx2.SyncByteStream):
    """A body as it comes.

    Read to its end, its connection is used again; after an error, and when whoever reads it is
    ended in between, urllib3 closes it. `chunks` is what can be asked for what has come; a body
    that is not chunked has none.
    """

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer
        below = getattr(answer, "_original_response", None)
        # Of a body with a length, urllib3 counts what was read.
        self.chunks = below if isinstance(below, WholeChunks) and below.chunked else None

    def __iter__(self) -> Iterator[bytes]:
        # Not stream(), which waits for the end of a chunk, and drops half a one.
        read = self._answer.read1
        try:
            while piece := read(MOST_BYTES):
                yield piece
        except exceptions.HTTPError as error:
            raise _as_httpx2(error) from error

    def read(self) -> bytes:
        """The next piece, b"" after the last one. Its errors are those of `__iter__`.

        Without what urllib3 and httpx2 do around each piece, which is a fifth of all CPU.
        """
        try:
            if self.chunks is not None and (piece := self.chunks.read1(MOST_BYTES)):
                return piece
            # Lets urllib3 see the end, so that the connection is used again.
            return self._answer.read1(MOST_BYTES)
        except TimeoutError as error:
            raise httpx2.ReadTimeout(str(error)) from error
        except HTTPException as error:
            raise httpx2.RemoteProtocolError(str(error)) from error
        except OSError as error:
            raise httpx2.ReadError(str(error)) from error
        except exceptions.HTTPError as error:
            raise _as_httpx2(error) from error

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._answer.close()


class _HttpConnection(HTTPConnection):
    response_class = WholeChunks


class _HttpsConnection(HTTPSConnection):
    """Says of a handshake what urllib3 says of a connection: that it failed, or took too long."""

    response_class = WholeChunks

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError as error:
            raise exceptions.ConnectTimeoutError(
                self, "The TLS handshake took too long."
            ) from error
        except OSError as error:
            raise exceptions.NewConnectionError(
                self, f"The TLS handshake failed: {error}"
            ) from error


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HttpsConnection


def _headers(request: httpx2.Request) -> urllib3.HTTPHeaderDict:
    """The headers, of which some may stand there more than once."""
    headers = urllib3.HTTPHeaderDict()
    for name, value in request.headers.multi_items():
        headers.add(name, value)
    return headers


def _as_httpx2(error: exceptions.HTTPError) -> httpx2.TransportError:
    """What httpx2's own transport would raise."""
    text = str(error)
    # urllib3 counts a connection that failed among those that took too long.
    if isinstance(error, exceptions.NewConnectionError):
        return httpx2.ConnectError(text)
    if isinstance(error, exceptions.ConnectTimeoutError):
        return httpx2.ConnectTimeout(text)
    if isinstance(error, exceptions.ReadTimeoutError):
        return httpx2.ReadTimeout(text)
    cause: Any = error.args[-1] if isinstance(error, exceptions.ProtocolError) else None
    if isinstance(cause, TimeoutError):
        return httpx2.WriteTimeout(text)
    # What is no HTTP, or ends too early; a reset is no HTTPException.
    if isinstance(cause, HTTPException):
        return httpx2.RemoteProtocolError(text)
    return httpx2.ReadError(text)
