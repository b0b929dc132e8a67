"""Reading a chunked body by all chunks that have come whole, also without waiting."""

from __future__ import annotations

import io
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from typing import Any

# The most that one read takes, and more than a record of TLS.
MOST_BYTES = 65536
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
