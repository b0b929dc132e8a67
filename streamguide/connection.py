"""The client's connection: waiting until it closes, time-outs, and closing it."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import gevent
from gevent.monkey import is_module_patched

# Waits this number of seconds; returns False if the client disconnected.
Wait = Callable[["socket.socket | None", float], bool]

# The keys of the WSGI environ under which servers pass the client's socket: streamguide/server.py,
# gunicorn's gevent worker, and Werkzeug's server.
SOCKET_KEY = "streamguide.socket"
_KEYS = (SOCKET_KEY, "gunicorn.socket", "werkzeug.socket")

# Shorter waits do not watch the socket, because that costs more than sleeping.
_SHORTEST_WATCH = 0.25
_POLL_SECONDS = 0.5
# The limits of reading from a client that still sends after its response: a little more than the
# largest body that deploy/nginx.conf allows. nginx has buffered the body, and reports an error if
# the connection is reset while it sends. On a busy machine that takes more than a second.
_LINGER_SECONDS = 3.0
_LINGER_SILENCE_SECONDS = 1.0
_LINGER_BYTES = 34 * 1024 * 1024
# The first byte of Linux's TCP_INFO is the connection's state.
_ESTABLISHED = 1


def socket_of(environ: Mapping[str, Any]) -> socket.socket | None:
    """The client's socket, if the server passes it to the application."""
    return next((environ[key] for key in _KEYS if key in environ), None)


def wait(connection: socket.socket | None, seconds: float) -> bool:
    """Wait, or return False at once when the client disconnects.

    Without this a disconnect would be noticed only when the next event is written, which may be
    minutes later.
    """
    if connection is None or seconds < _SHORTEST_WATCH:
        time.sleep(seconds)
        return True
    deadline = time.monotonic() + seconds
    is_closed = is_at_end(connection, seconds)
    if is_closed:
        return False
    return is_closed is None or _poll_until(connection, deadline)


def is_at_end(connection: socket.socket, seconds: float) -> bool | None:
    """True if the client closed its side, False if it sent data, None if it did neither in time."""
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


def _poll_until(connection: socket.socket, deadline: float) -> bool:
    """Wait while data of the client is pending, such as its next request, which is read later.

    Reading cannot reveal a disconnect behind that data, but the operating system knows of it.
    """
    while (rest := deadline - time.monotonic()) > 0:
        if has_closed(connection):
            return False
        time.sleep(min(rest, _POLL_SECONDS))
    return True


def has_closed(connection: socket.socket) -> bool:
    """Whether the operating system reports that the client closed its side."""
    if not hasattr(socket, "TCP_INFO"):
        # Only Linux has it; elsewhere the next write fails.
        return False
    try:
        state = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != _ESTABLISHED


def reset_on_close(connection: socket.socket) -> None:
    """Make `close` send a TCP reset (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Cut(ConnectionResetError):
    """Ends a response without ending its body, so that the server closes the connection.

    It is the exception of a connection that the client reset, which servers do not log.
    """

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "the response ends here")


class Slow(Exception):
    """The client exceeded a time limit."""


@contextmanager
def in_time(seconds: float) -> Iterator[None]:
    """Raise Slow if the block takes longer, even if data is received all the time.

    Without gevent, which alone can interrupt a wait, there is no limit.
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
    """Raise the soft limit of open files to the hard limit.

    Most shells set 1024, and each stream opens one or two.
    """
    try:
        import resource
    except ImportError:
        # Windows has no such limit.
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems report an unlimited hard limit, but accept only a number.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def hang_up(connection: socket.socket) -> None:
    """Close a connection whose client got a response before it sent its whole request.

    The rest of the body is read and discarded for some seconds at most, because a client that still
    sends would get a reset instead of the response. Then the connection is shut down for reading, so that
    the server, which reads every request to its end, stops.
    """
    with suppress(OSError):
        connection.shutdown(socket.SHUT_WR)
        deadline, left = time.monotonic() + _LINGER_SECONDS, _LINGER_BYTES
        while left > 0 and (rest := deadline - time.monotonic()) > 0:
            connection.settimeout(min(rest, _LINGER_SILENCE_SECONDS))
            discarded = len(connection.recv(min(left, 1024 * 1024)))
            if not discarded:
                break
            left -= discarded
            # Yield: reading from a socket that is never empty does not switch greenlets.
            time.sleep(0)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RD)
