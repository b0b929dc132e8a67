"""The client's connection: waiting, or doing something else, without missing that it has left."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import gevent

# Waits for so many seconds; False: the client has left meanwhile.
Wait = Callable[["socket.socket | None", float], bool]

# gunicorn's gevent worker and Werkzeug's server hand the socket over under names of their own;
# the handler of streamguide/server.py does it for gevent's.
SOCKET_KEY = "streamguide.socket"
_KEYS = (SOCKET_KEY, "gunicorn.socket", "werkzeug.socket")

# Shorter waits end before anybody would ask; watching costs more than sleeping.
_WORTH_WATCHING = 0.25
_LOOK_SECONDS = 0.5
# What libev calls EV_READ.
_READABLE = 1
# The first byte of Linux's TCP_INFO is the connection's state.
_ESTABLISHED = 1


def socket_of(environ: Mapping[str, Any]) -> socket.socket | None:
    """The client's socket, if the server lets the application have it."""
    return next((environ[key] for key in _KEYS if key in environ), None)


def wait(connection: socket.socket | None, seconds: float) -> bool:
    """Wait, and notice at once when the client closes its end. False: it has left.

    While a server is silent, no write fails: without watching, a client that left would be
    noticed at the next event, which may be minutes away.
    """
    if connection is None or seconds < _WORTH_WATCHING:
        time.sleep(seconds)
        return True
    deadline = time.monotonic() + seconds
    before = connection.gettimeout()
    connection.settimeout(seconds)
    try:
        left = connection.recv(1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return True
    except OSError:
        return False
    finally:
        connection.settimeout(before)
    return not left and _wait_past(connection, deadline)


def _wait_past(connection: socket.socket, deadline: float) -> bool:
    """Wait for a client that has sent more, such as its next request, which is read later.

    Until then reading cannot show that it left, but the system knows.
    """
    while (rest := deadline - time.monotonic()) > 0:
        if _has_closed(connection):
            return False
        time.sleep(min(rest, _LOOK_SECONDS))
    return True


class Watch:
    """Tells that the client has closed its end: `left` is called, in gevent's hub, and once.

    For a connection on which a greenlet writes meanwhile; to wait for its end in another one costs
    more. `look` is to be called now and then, for a client that has sent more before it left, and
    `stop` before the server closes the connection.
    """

    def __init__(self, connection: socket.socket, left: Callable[[], None]) -> None:
        self._connection = connection
        self._left = left
        self._has_more = False
        self._readable = gevent.get_hub().loop.io(connection.fileno(), _READABLE)
        self._readable.start(self._read)

    def _read(self) -> None:
        """There is something to read: the end, or what comes after this request."""
        is_end = _is_at_end(self._connection)
        if is_end is None:
            return
        self._readable.stop()
        self._has_more = not is_end
        if is_end:
            self._left()

    def look(self) -> None:
        """Look whether a client has left that has sent more."""
        if self._has_more and _has_closed(self._connection):
            self._has_more = False
            self._left()

    def cut(self) -> None:
        """End the connection, and with it what a greenlet is writing to it."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Watch no longer."""
        self._has_more = False
        self._readable.close()


def _is_at_end(connection: socket.socket) -> bool | None:
    """Whether the client has closed its end or sent more; None for neither. It never waits."""
    before = connection.gettimeout()
    connection.settimeout(0)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return None
    except OSError:
        return True
    finally:
        connection.settimeout(before)


def _has_closed(connection: socket.socket) -> bool:
    if not hasattr(socket, "TCP_INFO"):
        # Elsewhere than on Linux it is noticed at the next write.
        return False
    try:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != _ESTABLISHED


def reset_on_close(connection: socket.socket) -> None:
    """Let the connection end with a TCP reset: without lingering, closing sends RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
