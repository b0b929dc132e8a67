"""Chunks that have come whole, read together, wherever the bytes are split."""

from __future__ import annotations

import io
import select
import socket
from http.client import HTTPException, IncompleteRead
from typing import Any, cast

import pytest

from streamguide.connection import reset_on_close
from streamguide.live.chunks import WholeChunks
from tests.live.chunked import HEAD, arrived, chunk

EVENT = b"event: ping\ndata: {}\n\n"


class Parts(io.RawIOBase):
    """Stands for a socket: each part arrives by itself."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts.copy()

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._parts:
            return 0
        part = self._parts[0][: len(buffer)]
        self._parts[0] = self._parts[0][len(part) :]
        if not self._parts[0]:
            self._parts.pop(0)
        buffer[: len(part)] = part
        return len(part)

    def shutdown(self, how: int) -> None:
        self._parts.clear()


def read(parts: list[bytes], most: int = 65536) -> bytes:
    """The body of an answer that arrives in these parts."""
    answer = WholeChunks(cast(socket.socket, Parts(parts)))
    answer.begin()
    got = b""
    while piece := answer.read1(most):
        assert len(piece) <= most
        got += piece
    assert answer.isclosed()
    return got


CHUNKED = chunk(EVENT) * 2 + b"3;a=b\r\nabc\r\n" + chunk(b"x" * 20) + b"A\r\n0123456789\r\n"
CHUNKED_BODY = EVENT * 2 + b"abc" + b"x" * 20 + b"0123456789"
LAST_CHUNK = b"0\r\ntrailer: x\r\n\r\n"


@pytest.mark.parametrize("most", [1, 7, 30, 65536])
def test_a_chunked_body_split_at_any_byte_is_the_same(most: int) -> None:
    # Two sizes have an extension, or a zero in front.
    sent = HEAD + CHUNKED.replace(b"14\r\n", b"0014\r\n") + LAST_CHUNK
    for place in range(len(sent)):
        assert read([part for part in (sent[:place], sent[place:]) if part], most) == CHUNKED_BODY
    assert read([sent[at : at + 1] for at in range(len(sent))], most) == CHUNKED_BODY


@pytest.mark.parametrize("size", [8192, 100_000])
def test_a_chunk_may_be_longer_than_the_buffer(size: int) -> None:
    sent = HEAD + chunk(b"a") + chunk(b"x" * size) + chunk(b"b") + LAST_CHUNK
    parts = [sent[at : at + 5000] for at in range(0, len(sent), 5000)]
    assert read(parts) == b"a" + b"x" * size + b"b"


def test_what_arrived_is_given_if_it_is_whole_chunks_and_waited_for_by_nobody() -> None:
    server, claude = socket.socketpair()
    with server, claude:
        claude.sendall(HEAD)
        answer = WholeChunks(server)
        answer.begin()
        assert arrived(answer) == b""
        claude.sendall(chunk(EVENT) * 2)
        assert arrived(answer) == EVENT * 2
        claude.sendall(chunk(EVENT) + chunk(EVENT)[:5])
        assert arrived(answer) is None
        assert answer.read1() == EVENT
        assert arrived(answer) is None
        assert answer.read1() == EVENT[:1]
        assert arrived(answer) is None
        claude.sendall(chunk(EVENT)[5:])
        assert answer.read1() == EVENT[1:]
        claude.sendall(chunk(EVENT) + b"0\r\n\r\n")
        assert arrived(answer) is None
        assert answer.read1() == EVENT
        assert arrived(answer) is None
        assert answer.read1() == b""
        assert arrived(answer) is None
        assert server.gettimeout() is None


def test_a_chunked_body_is_the_same_where_what_arrived_is_taken_first_split_at_any_byte() -> None:
    sent = CHUNKED + LAST_CHUNK
    for place in range(len(sent)):
        server, claude = socket.socketpair()
        with server, claude:
            claude.sendall(HEAD + sent[:place])
            answer = WholeChunks(server)
            answer.begin()
            got = arrived(answer) or b""
            claude.sendall(sent[place:])
            while not answer.isclosed():
                got += arrived(answer) or answer.read1()
            assert got == CHUNKED_BODY


def test_what_arrived_and_is_left_to_reading_is_read_first_however_long_it_is() -> None:
    server, claude = socket.socketpair()
    with server, claude:
        claude.sendall(HEAD)
        answer = WholeChunks(server)
        answer.begin()
        with answer.without_waiting():
            assert answer.arrived() == b""
            # Several times as long as the buffer, and half a chunk at the end.
            claude.sendall(chunk(EVENT) * 1000 + chunk(EVENT)[:-1])
            assert answer.arrived() is None
        got = b""
        while len(got) < 1000 * len(EVENT):
            got += answer.read1()
            assert arrived(answer) is None
        claude.sendall(chunk(EVENT)[-1:] + LAST_CHUNK)
        while piece := answer.read1():
            got += piece
        assert got == EVENT * 1001


def test_a_reset_is_left_to_reading() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = socket.create_connection(listener.getsockname())
        claude, _ = listener.accept()
    with server:
        claude.sendall(HEAD + chunk(EVENT))
        answer = WholeChunks(server)
        answer.begin()
        assert arrived(answer) == EVENT
        reset_on_close(claude)
        claude.close()
        assert select.select([server], [], [], 10)[0]
        assert arrived(answer) is None
        with pytest.raises((ConnectionError, IncompleteRead)):
            answer.read1()


@pytest.mark.parametrize("cut", range(1, len(CHUNKED)))
def test_a_chunked_body_that_ends_anywhere_but_at_its_end_is_broken(cut: int) -> None:
    with pytest.raises(IncompleteRead):
        read([HEAD + CHUNKED[:-cut]])


@pytest.mark.parametrize("size", [b"", b"x", b"1 2"])
def test_a_size_that_is_no_number_is_broken(size: bytes) -> None:
    with pytest.raises(HTTPException):
        read([HEAD + chunk(EVENT) + size + b"\r\nabc\r\n" + LAST_CHUNK])
