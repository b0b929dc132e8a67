"""An answer read by its chunks that are buffered whole, also without waiting, never past its end."""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import Any

# The most that one read takes, and more than a record of TLS.
MOST_BYTES = 65536
# The most that comes between two reads of the body: heads, sizes of chunks, trailers.
_MOST_BESIDE = 131_072
_MOST_INTERIM = 16
# Not the last chunk, whose size is 0; and what carries an extension is left to `http.client`.
_CHUNK = re.compile(rb"0*([1-9A-Fa-f][0-9A-Fa-f]{,7})\r\n")
_LINE_END = b"\r\n"


class WholeChunks(HTTPResponse):
    """Gives all chunks at once that have come whole: `http.client` gives each by itself.

    That costs more than all else in reading a stream, and each would be sent on by itself. And it
    gives what has come without waiting, which costs less than `http.client`'s buffer.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self._socket = sock
        self._raw = _Raw(sock, self.fp.detach())
        self.fp = _Reader(self._raw)
        # While nothing is waited for: whether a chunk may begin, and what has come before it.
        self._is_between = False
        self._come = b""

    def begin(self) -> None:
        """Read the head, and pass over interim ones (1xx). Raises HTTPException for too many."""
        for _ in range(_MOST_INTERIM):
            super().begin()
            if self.status >= 200 or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                # A connection is used again only after an answer whose end nobody can mistake.
                self.will_close = self.will_close or not self._has_certain_end()
                return
            self.headers = self.msg = None  # type: ignore[assignment]
        raise HTTPException(f"more than {_MOST_INTERIM} interim answers")

    def _has_certain_end(self) -> bool:
        told = [
            value
            for name in ("transfer-encoding", "content-length")
            for value in self.headers.get_all(name, [])
        ]
        return self.status == HTTPStatus.OK and len(told) == 1

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
                    self._come = self._taken()
                    if isinstance(self._socket, ssl.SSLSocket):
                        # What is decrypted already does not make the socket readable.
                        self._come += self._socket.recv(self._socket.pending())
            yield
        finally:
            self._is_between = False
            self._socket.settimeout(before)
            if self._come:
                # Nothing is buffered now.
                self.fp.detach()
                self._raw.first = self._come
                self.fp = _Reader(self._raw)
                self._come = b""

    def _taken(self) -> bytes:
        """What is buffered, or else what the reader has received. Raises OSError."""
        data = self.fp.peek(1)
        self.fp.read(len(data))
        data += self._raw.first
        self._raw.first = b""
        return data

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
                come = self._socket.recv(MOST_BYTES)
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
        self._raw.left = MOST_BYTES + _MOST_BESIDE
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


class _Raw(io.RawIOBase):
    """A socket's bytes, after those of `first`, which were read already; at most `left` of them."""

    def __init__(self, sock: socket.socket, rest: io.RawIOBase) -> None:
        self.first = b""
        self.left = _MOST_BESIDE
        self.is_ended = False
        self._socket = sock
        self._rest = rest

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._rest.fileno()

    def readinto(self, buffer: Any) -> int | None:
        if self.is_ended:
            return 0
        if self.left <= 0:
            raise HTTPException("more bytes than a head, a chunk's size or trailers may have")
        if not self.first:
            count = self._rest.readinto(buffer)
            self.left -= count or 0
            return count
        some = self.first[: len(buffer)]
        buffer[: len(some)] = some
        self.first = self.first[len(some) :]
        return len(some)

    def end(self) -> None:
        """Let no connection be used again on which more came than the answer."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Reader(io.BufferedReader):
    """Closed at the end of an answer: then nothing may be buffered."""

    raw: _Raw

    def close(self) -> None:
        if not self.closed and not self.raw.is_ended:
            self.raw.is_ended = True
            if self.peek(1) or self.raw.first:
                self.raw.end()
        super().close()
