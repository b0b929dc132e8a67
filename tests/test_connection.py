"""Waiting without missing that the client has left."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from streamguide.connection import (
    hang_up,
    has_closed,
    reset_on_close,
    socket_of,
    wait,
)

Pair = tuple[socket.socket, socket.socket]


def waited(connection: socket.socket | None, seconds: float) -> tuple[bool, float]:
    start = time.monotonic()
    stayed = wait(connection, seconds)
    return stayed, time.monotonic() - start


def test_a_client_that_stays_is_waited_for(pair: Pair) -> None:
    stayed, took = waited(pair[0], 0.3)
    assert stayed and took >= 0.3
    assert pair[0].gettimeout() is None


def test_a_client_that_has_left_ends_the_wait_at_once(pair: Pair) -> None:
    pair[1].close()
    stayed, took = waited(pair[0], 60)
    assert not stayed and took < 1


def test_a_client_that_leaves_meanwhile_ends_the_wait(pair: Pair) -> None:
    leaving = threading.Timer(0.1, pair[1].close)
    leaving.start()
    stayed, took = waited(pair[0], 60)
    leaving.join()
    assert not stayed and took < 2


def test_a_reset_ends_the_wait(pair: Pair) -> None:
    reset_on_close(pair[1])
    pair[1].close()
    assert waited(pair[0], 60)[0] is False


def test_a_client_that_sends_more_is_still_there_and_loses_nothing(pair: Pair) -> None:
    pair[1].sendall(b"GET")
    stayed, took = waited(pair[0], 0.3)
    assert stayed and took >= 0.3
    assert pair[0].recv(10) == b"GET"


def test_without_a_socket_it_only_waits() -> None:
    stayed, took = waited(None, 0.01)
    assert stayed and took >= 0.01


def test_closing_without_lingering_is_a_reset(pair: Pair) -> None:
    reset_on_close(pair[0])
    option = pair[0].getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
    assert struct.unpack("ii", option) == (1, 0)
    pair[0].close()
    with pytest.raises(ConnectionResetError):
        pair[1].recv(1)


def test_a_socket_that_was_closed_here_has_no_client(pair: Pair) -> None:
    pair[0].close()
    assert has_closed(pair[0])


def test_each_server_hands_the_socket_over_under_its_own_name(pair: Pair) -> None:
    for name in ("streamguide.socket", "gunicorn.socket", "werkzeug.socket"):
        assert socket_of({name: pair[0]}) is pair[0]
    assert socket_of({}) is None


def test_a_client_that_sent_more_and_then_leaves_is_noticed(pair: Pair) -> None:
    pair[1].sendall(b"GET")
    leaving = threading.Timer(0.1, pair[1].close)
    leaving.start()
    stayed, took = waited(pair[0], 60)
    leaving.join()
    assert not stayed and took < 2


def test_whoever_is_still_sending_a_large_body_gets_the_answer_and_no_reset(pair: Pair) -> None:
    server, client = pair
    server.sendall(b"413")
    hanging_up = threading.Thread(target=hang_up, args=(server,))
    hanging_up.start()
    # What deploy/nginx.conf passes on at most: nginx reads no answer while its sending fails.
    client.sendall(bytes(33 * 1024 * 1024))
    assert client.recv(10) == b"413"
    client.close()
    hanging_up.join()


def test_whoever_sends_for_ever_is_cut(pair: Pair) -> None:
    server, client = pair

    def end() -> None:
        hang_up(server)
        # As servers do after the answer: on a busy machine the time may be over with a full buffer.
        server.close()

    ending = threading.Thread(target=end)
    ending.start()
    client.settimeout(60)
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        while True:
            client.sendall(bytes(1024 * 1024))
    ending.join()
