"""The load client, against a server whose streams are known to the byte."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tools.bench.load import BadStream, Load, drive
from tools.bench.stream_servers import Server

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b"event: ping\ndata: {}\n\n"
LAST = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_whole_streams_are_counted_event_by_event() -> None:
    with answering([HEAD + 3 * chunk(EVENT) + LAST]) as server:
        figures = drive(server, Load(streams=4, window=0.3))
    assert (figures.fewest, figures.most) == (3, 3)
    assert figures.ended > 4
    assert abs(figures.events - 3 * figures.ended) <= 3 * 4


def test_events_are_found_however_the_bytes_are_cut() -> None:
    stream = HEAD + 3 * chunk(EVENT) + LAST
    with answering([stream[n : n + 1] for n in range(len(stream))]) as server:
        figures = drive(server, Load(streams=1, window=0.3))
    assert (figures.fewest, figures.most) == (3, 3)


def test_the_events_of_one_write_are_late_or_early_by_the_pace() -> None:
    with answering([HEAD + chunk(EVENT), *[chunk(EVENT)] * 3 + [LAST]]) as server:
        figures = drive(server, Load(streams=1, pace=1000, window=0.3))
    assert figures.late_p99 == 0


def test_an_event_is_counted_once_wherever_its_chunks_are_cut() -> None:
    both, places = 2 * EVENT, range(1, 2 * len(EVENT))
    cut = [chunk(part) for place in places for part in (both[:place], both[place:])]
    with answering([HEAD, *cut, LAST]) as server:
        figures = drive(server, Load(streams=1, window=0.5))
    assert (figures.fewest, figures.most) == (2 * len(places), 2 * len(places))


def test_the_time_in_an_event_is_read_however_it_is_cut() -> None:
    sent = b"data: @%019d\n\n" % time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    stream = HEAD + chunk(sent[:12]) + chunk(sent[12:]) + LAST
    with answering([stream[n : n + 1] for n in range(len(stream))]) as server:
        figures = drive(server, Load(streams=1, window=0.3))
    assert figures.ages == pytest.approx(figures.events, abs=1)
    assert 0 < figures.age_p50 < 30_000


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n" + 20 * b"a", 200),
        (b"HTTP/1.1 304 NOT MODIFIED\r\n\r\n", 304),
    ],
)
def test_pages_are_counted_as_often_as_they_were_sent(page: bytes, status: int) -> None:
    sent: list[socket.socket] = []
    with answering([page[:9], page[9:]], then=sent.append) as server:
        figures = drive(server, Load(streams=2, window=0.2), b"GET / HTTP/1.1\r\n\r\n", status)
    assert figures.ended > 4
    assert figures.ended == pytest.approx(len(sent), abs=2)


def test_an_answer_of_unknown_length_ends_the_run() -> None:
    with (
        answering([b"HTTP/1.1 200 OK\r\n\r\n", EVENT]) as server,
        pytest.raises(BadStream, match="neither a length nor chunks"),
    ):
        drive(server, Load(streams=1))


def test_an_answer_that_is_no_200_ends_the_run() -> None:
    with (
        answering([b"HTTP/1.1 529 Overloaded\r\n\r\n"]) as server,
        pytest.raises(BadStream, match="529"),
    ):
        drive(server, Load(streams=1))


def test_a_stream_that_is_cut_ends_the_run() -> None:
    with (
        answering([HEAD + chunk(EVENT)], then=socket.socket.close) as server,
        pytest.raises(BadStream, match="closed after 1 events"),
    ):
        drive(server, Load(streams=1))


@contextmanager
def answering(
    pieces: list[bytes], then: Callable[[socket.socket], object] = lambda connection: None
) -> Iterator[Server]:
    """A server that answers every request with these pieces, each a write of its own."""

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                while connection.recv(65536):
                    for piece in pieces:
                        connection.sendall(piece)
                    then(connection)
            except OSError:
                return  # The client is done, and left in the middle.

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield Server("bare", listener.getsockname()[1], os.getpid())
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
