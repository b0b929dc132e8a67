"""The client's connection: waiting for a time without missing that the client has left."""

from __future__ import annotations

import resource
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent.monkey import is_module_patched

# Waits for so many seconds; False: the client has left meanwhile.
Wait = Callable[["socket.socket | None", float], bool]

# gunicorn's gevent worker and Werkzeug's server hand the socket over under names of their own;
# the handler of streamguide/server.py does it for gevent's.
SOCKET_KEY = "streamguide.socket"
_KEYS = (SOCKET_KEY, "gunicorn.socket", "werkzeug.socket")

# Shorter waits end before anybody would ask; watching costs more than sleeping.
_WORTH_WATCHING = 0.25
_LOOK_SECONDS = 0.5
# How long a client that is still sending is read from after its answer, and how much: a little
# more than the largest body that deploy/nginx.conf passes on. nginx has buffered that body, and
# takes a connection that is reset while it sends for a broken site.
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 34 * 1024 * 1024
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
    has_left = is_at_end(connection, seconds)
    return has_left is None or (not has_left and _wait_past(connection, deadline))


def is_at_end(connection: socket.socket, seconds: float) -> bool | None:
    """Whether the client has closed its end, or else sent more; None: neither in that time."""
    before = connection.gettimeout()
    connection.settimeout(seconds)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except (TimeoutError, BlockingIOError):
        return None
    except OSError:
        return True
    finally:
        connection.settimeout(before)


def _wait_past(connection: socket.socket, deadline: float) -> bool:
    """Wait for a client that has sent more, such as its next request, which is read later.

    Until then reading cannot show that it left, but the system knows.
    """
    while (rest := deadline - time.monotonic()) > 0:
        if has_closed(connection):
            return False
        time.sleep(min(rest, _LOOK_SECONDS))
    return True


def has_closed(connection: socket.socket) -> bool:
    """Whether the client has closed its end, as far as the system tells."""
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


class Slow(Exception):
    """What was waited for did not come in time."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raises Slow when what stands within takes longer, however little of it comes at a time.

    Only gevent can end a wait from outside: on a server without it there is no limit.
    """
    if not is_module_patched("socket"):
        yield
        return
    try:
        with gevent.Timeout(seconds):
            yield
    except gevent.Timeout:
        raise Slow from None


def raise_open_files() -> None:
    """Let this process hold as many connections as the system lets it, not only as its shell asks.

    A shell mostly asks for 1024, of which each stream takes one or two.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems say that there is no limit, and take only a number.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def hang_up(connection: socket.socket) -> None:
    """End a connection whose client was answered before it had sent everything.

    The rest of its body is read and discarded for a moment: a client that is sending when its
    connection closes would see a reset in place of the answer. Then the connection is closed for
    reading, so that a server that reads a request to its end finds it.
    """
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        deadline, left = time.monotonic() + _LINGER_SECONDS, _LINGER_BYTES
        while left > 0 and (rest := deadline - time.monotonic()) > 0:
            connection.settimeout(rest)
            discarded = len(connection.recv(min(left, 1024 * 1024)))
            if not discarded:
                break
            left -= discarded
            # Reading from a socket that is never empty would let no other greenlet run.
            time.sleep(0)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
