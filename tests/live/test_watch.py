"""Noticing that a client leaves, without a greenlet that waits for it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import gevent
import pytest
from gevent.event import Event
from gevent.socket import wait_read

from streamguide.connection import reset_on_close
from streamguide.live.watch import Watch

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def watched(pair: Pair) -> Iterator[tuple[Watch, Event]]:
    """The server's end under watch, and what is set when the client has left."""
    left = Event()
    watch = Watch(pair[0], left.set)
    yield watch, left
    watch.stop()


Watched = tuple[Watch, Event]


def sent_more(pair: Pair) -> None:
    """The client sends something, and the watch has seen that there is something to read."""
    pair[1].sendall(b"GET")
    wait_read(pair[0].fileno())
    gevent.sleep(0)


def test_a_watch_tells_of_a_client_that_leaves(pair: Pair, watched: Watched) -> None:
    _, left = watched
    assert not left.wait(0.1)
    pair[1].close()
    assert left.wait(10)


def test_a_watch_tells_of_a_reset(pair: Pair, watched: Watched) -> None:
    reset_on_close(pair[1])
    pair[1].close()
    assert watched[1].wait(10)


def test_a_watch_leaves_the_connection_to_whoever_writes_on_it(
    pair: Pair, watched: Watched
) -> None:
    sent_more(pair)
    watched[0].look()
    assert not watched[1].is_set()
    assert pair[0].gettimeout() is None
    pair[0].sendall(b"more")
    assert pair[1].recv(10) == b"more"
    assert pair[0].recv(10) == b"GET"


def test_a_watch_tells_of_a_client_that_sent_more_and_left_when_it_looks(
    pair: Pair, watched: Watched
) -> None:
    watch, left = watched
    sent_more(pair)
    pair[1].close()
    deadline = time.monotonic() + 10
    while not left.is_set() and time.monotonic() < deadline:
        watch.look()
        gevent.sleep(0.01)
    assert left.is_set()


def test_a_watch_that_was_stopped_tells_nothing(pair: Pair, watched: Watched) -> None:
    watch, left = watched
    watch.stop()
    pair[1].close()
    watch.look()
    assert not left.wait(0.1)


def test_a_watch_ends_a_connection_so_that_nobody_writes_on_it_for_ever(
    pair: Pair, watched: Watched
) -> None:
    watched[0].cut()
    watched[0].cut()
    assert pair[1].recv(1) == b""
    with pytest.raises(BrokenPipeError):
        pair[0].sendall(b"more")
