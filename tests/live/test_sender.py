"""Sending past the server, in the chunks that it sends itself."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import gevent
import pytest
from gevent import socket as green

from streamguide.connection import reset_on_close
from streamguide.live.sender import Sender
from tests.server import ROOT, Server, environment

Pair = tuple[socket.socket, socket.socket]
# More than the buffers of a connection take.
LARGE = bytes(range(256)) * 100_000
# Says whether its answers go past the server.
DIRECT = "tests.live.direct:application"
APPS, GUNICORNS = r"is at (\S+)/", r"at: (\S+) "


@pytest.fixture
def pair() -> Iterator[Pair]:
    """The server's end, as gevent makes it, and the client's end of a connection."""
    with green.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        client = green.create_connection(listener.getsockname())
        server, _ = listener.accept()
    with server, client:
        yield server, client


@contextmanager
def started(command: tuple[str, ...], address: str) -> Iterator[str]:
    """The address that a server of Python's prints."""
    with subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        server = Server(process, re.compile(address))
        try:
            yield server.url
        finally:
            process.terminate()
            process.wait(30)
            server.finish_log()


def unused(data: bytes) -> None:
    raise AssertionError("the server's way was not to be used")


def test_what_is_sent_at_once_is_a_chunk(pair: Pair) -> None:
    assert Sender(unused, pair[0]).send_now(b"event: ping\ndata: {}\n\n")
    assert pair[1].recv(100) == b"16\r\nevent: ping\ndata: {}\n\n\r\n"
    assert pair[0].gettimeout() is None


def test_what_the_system_does_not_take_at_once_is_sent_later_and_nothing_is_lost(
    pair: Pair,
) -> None:
    sender = Sender(unused, pair[0])
    assert not sender.send_now(LARGE)
    chunk = b"%X\r\n%b\r\n" % (len(LARGE), LARGE)
    got = bytearray()

    def read() -> None:
        while len(got) < len(chunk):
            got.extend(pair[1].recv(65536))

    reading = gevent.spawn(read)
    sender.send_rest()
    reading.get(timeout=30)
    assert got == chunk


def test_of_what_a_full_connection_does_not_take_nothing_is_lost() -> None:
    # Of a pair like this one, unlike TCP's, the system moves nothing on by itself.
    server, client = green.socketpair()
    with server, client:
        assert not Sender(unused, server).send_now(LARGE)
        sender = Sender(unused, server)
        assert not sender.send_now(b"more")
        client.settimeout(0)
        with pytest.raises(BlockingIOError):
            while True:
                client.recv(65536)
        sender.send_rest()
        assert client.recv(100) == b"4\r\nmore\r\n"


def test_a_visitor_who_has_left_is_an_error(pair: Pair) -> None:
    reset_on_close(pair[1])
    pair[1].close()
    with pytest.raises(OSError):
        Sender(unused, pair[0]).send_now(b"event")


def test_without_a_connection_the_servers_own_way_is_the_only_one() -> None:
    sent: list[bytes] = []
    sender = Sender(sent.append)
    assert not sender.is_direct
    sender.write(b"event")
    assert sent == [b"event"]


def test_nothing_goes_past_tls_nor_through_what_is_not_gevents() -> None:
    context = ssl.create_default_context()
    with green.socket() as plain, context.wrap_socket(plain, server_hostname="x") as encrypted:
        assert not Sender(unused, encrypted).is_direct
    with socket.socket() as blocking:
        assert not Sender(unused, blocking).is_direct


@pytest.mark.parametrize(
    ("command", "address"),
    [
        (("tests.live.direct",), APPS),
        # Without the site's own configuration, which is about the site.
        (("gunicorn", "-c", "/dev/null", "-k", "gevent", "-b", "127.0.0.1:0", DIRECT), GUNICORNS),
    ],
    ids=["gevent", "gunicorn"],
)
def test_under_both_servers_events_go_past_them(command: tuple[str, ...], address: str) -> None:
    with started(command, address) as url, urllib.request.urlopen(url, timeout=30) as answer:
        assert answer.read() == b"True"
