"""An httpx2 transport on urllib3, which reads a stream for half the CPU of httpx2's own.

Certificates are verified with the trust that httpx2 uses. A proxy of the environment is not used:
ask `uses_proxy` first, and give such an address httpx2's own transport.
"""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx2
import urllib3
from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection

# The name of a response's extension: its `Body`.
BODY = "streamguide.body"

# The most that one read takes; what has come is never held back until there is more.
_MOST_BYTES = 65536
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
    ended in between, urllib3 closes it.
    """

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer
        below = getattr(answer, "_original_response", None)
        # Of a body with a length, urllib3 counts what was read.
        self._below = below if isinstance(below, WholeChunks) and below.chunked else None
        # What has come, b"" where nothing has. None: ask `read`. Only in `without_waiting`.
        self.arrived = _never if self._below is None else self._below.arrived

    def __iter__(self) -> Iterator[bytes]:
        # Not stream(), which waits for the end of a chunk, and drops half a one.
        read = self._answer.read1
        try:
            while piece := read(_MOST_BYTES):
                yield piece
        except exceptions.HTTPError as error:
            raise _as_httpx2(error) from error

    def read(self) -> bytes:
        """The next piece, b"" after the last one. Its errors are those of `__iter__`.

        Without what urllib3 and httpx2 do around each piece, which is a fifth of all CPU.
        """
        try:
            if self._below is not None and (piece := self._below.read1(_MOST_BYTES)):
                return piece
            # Lets urllib3 see the end, so that the connection is used again.
            return self._answer.read1(_MOST_BYTES)
        except TimeoutError as error:
            raise httpx2.ReadTimeout(str(error)) from error
        except HTTPException as error:
            raise httpx2.RemoteProtocolError(str(error)) from error
        except OSError as error:
            raise httpx2.ReadError(str(error)) from error
        except exceptions.HTTPError as error:
            raise _as_httpx2(error) from error

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """In it `arrived` may be asked, and `read` may not."""
        if self._below is None:
            yield
            return
        with self._below.without_waiting():
            yield

    def fileno(self) -> int:
        """The descriptor of the connection's socket."""
        return self._answer.fileno()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._answer.close()


class WholeChunks(HTTPResponse):
    """Gives all chunks at once that have come whole: `http.client` gives each by itself.

    That costs more than all else in reading a stream, and each would be sent on by itself. And it
    gives what has come without waiting, which costs less than `http.client`'s buffer.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._socket = sock
        # While nothing is waited for: whether a chunk may begin, and what has come before it.
        self._is_between = False
        self._come = b""

    def read1(self, n: int = -1) -> bytes:
        """At least one byte, unless the body has ended. Waits only while there is none."""
        if not self._is_before_chunk():
            return super().read1(n)
        pieces, length = _whole_chunks(self.fp.peek(1), n)
        if not pieces:
            # Part of a chunk, the end, or no chunk at all.
            return super().read1(n)
        self.fp.read(length)
        return b"".join(pieces)

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """In it `arrived` may be asked, and `read1` may not."""
        before = self._socket.gettimeout()
        self._socket.settimeout(0)
        try:
            with suppress(OSError):
                self._is_between = self._is_before_chunk()
                if self._is_between:
                    self._come = _taken(self.fp)
                    if isinstance(self._socket, ssl.SSLSocket):
                        # What is decrypted already does not make the socket readable.
                        self._come += self._socket.recv(self._socket.pending())
            yield
        finally:
            self._is_between = False
            self._socket.settimeout(before)
            if self._come:
                self.fp = _put_back(self._come, self.fp)
                self._come = b""

    def arrived(self) -> bytes | None:
        """All that has come, if it is whole chunks and no more; b"" where nothing has.

        None: it is for `read1`, which may have to wait.
        """
        if not self._is_between:
            return None
        if self._come:
            come, self._come = self._come, b""
        else:
            try:
                # More than a record of TLS, so that nothing is left that is decrypted already.
                come = self._socket.recv(_MOST_BYTES)
            except (BlockingIOError, ssl.SSLWantReadError):
                return b""
            except OSError:
                # `read1` meets what is left of the connection.
                return None
        content = _content(come)
        if content is None:
            self._come = come
        return content

    def _is_before_chunk(self) -> bool:
        # The length of what has no body, such as an answer to HEAD, is 0; else a chunked one has none.
        if not self.chunked or self.length is not None or self.fp is None:
            return False
        if self.chunk_left == 0 and self.fp.peek(2)[:2] == _LINE_END:
            # Now as before the first chunk.
            self.fp.read(2)
            self.chunk_left = None
        return self.chunk_left is None


def _whole_chunks(come: bytes, most: int = -1) -> tuple[list[bytes], int]:
    """The contents of the chunks with which this begins and that are whole; and their length.

    Up to so many bytes, unless `most` is negative.
    """
    pieces = []
    at = 0
    while at < len(come) and (size := _CHUNK.match(come, at)):
        start = size.end()
        end = start + int(size[1], 16)
        after = end + len(_LINE_END)
        if 0 <= most < after or come[end:after] != _LINE_END:
            break
        pieces.append(come[start:end])
        at = after
    return pieces, at


def _content(come: bytes) -> bytes | None:
    """The content of chunks that are whole, and after which nothing follows. None for all else."""
    size = _CHUNK.match(come)
    if size is None:
        return None
    end = size.end() + int(size[1], 16)
    if end + len(_LINE_END) == len(come):
        return come[size.end() : end] if come.endswith(_LINE_END) else None
    pieces, length = _whole_chunks(come)
    return b"".join(pieces) if length == len(come) else None


class _Before(io.RawIOBase):
    """Bytes that were read already, `first`, and then the rest."""

    def __init__(self, rest: io.RawIOBase) -> None:
        self.first = b""
        self._rest = rest

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._rest.fileno()

    def readinto(self, buffer: Any) -> int | None:
        if not self.first:
            return self._rest.readinto(buffer)
        some = self.first[: len(buffer)]
        buffer[: len(some)] = some
        self.first = self.first[len(some) :]
        return len(some)

    def close(self) -> None:
        self._rest.close()
        super().close()


def _put_back(data: bytes, reader: io.BufferedReader) -> io.BufferedReader:
    """Reads this first, and then as before. Nothing may be buffered in the reader."""
    raw = reader.detach()
    before = raw if isinstance(raw, _Before) else _Before(raw)
    before.first = data
    return io.BufferedReader(before)


def _taken(reader: io.BufferedReader) -> bytes:
    """What the reader has ahead, or else what has come, taken from it. Raises OSError."""
    data = reader.peek(1)
    reader.read(len(data))
    if isinstance(reader.raw, _Before):
        data += reader.raw.first
        reader.raw.first = b""
    return data


def _never() -> bytes | None:
    return None


# Not the last chunk, whose size is 0; and what carries an extension is left to `http.client`.
_CHUNK = re.compile(rb"0*([1-9A-Fa-f][0-9A-Fa-f]{,7})\r\n")
_LINE_END = b"\r\n"


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
