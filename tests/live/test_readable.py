"""Work that the hub does while there is something to read."""

from __future__ import annotations

import socket

import gevent
import pytest
from gevent.socket import wait_read

from streamguide.live.readable import while_readable

Pair = tuple[socket.socket, socket.socket]


def test_the_hub_works_whenever_there_is_something_to_read_until_it_shall_not(pair: Pair) -> None:
    got: list[bytes] = []
    hub = gevent.get_hub()

    def step() -> bool:
        assert gevent.getcurrent() is hub
        got.append(pair[0].recv(1))
        return got[-1] != b"d"

    reader = gevent.spawn(while_readable, pair[0].fileno(), step)
    pair[1].sendall(b"ab")
    while len(got) < 2:
        gevent.sleep(0)
    assert not reader.ready()
    pair[1].sendall(b"cde")
    reader.get(timeout=10)
    assert got == [b"a", b"b", b"c", b"d"]


def test_what_the_work_raises_is_raised_to_whoever_waits_for_it(pair: Pair) -> None:
    def step() -> bool:
        raise ValueError("of a step")

    pair[1].sendall(b"a")
    with pytest.raises(ValueError, match="of a step"):
        while_readable(pair[0].fileno(), step)


def test_nothing_is_done_any_more_when_whoever_waited_was_killed(pair: Pair) -> None:
    steps: list[bool] = []

    def step() -> bool:
        steps.append(True)
        return True

    reader = gevent.spawn(while_readable, pair[0].fileno(), step)
    gevent.sleep(0)
    reader.kill()
    pair[1].sendall(b"a")
    wait_read(pair[0].fileno(), timeout=10)
    gevent.sleep(0)
    assert steps == []
