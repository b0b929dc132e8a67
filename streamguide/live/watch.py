"""Noticing that a client leaves while another greenlet writes on its connection."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import gevent

from streamguide.connection import has_closed, is_at_end
from streamguide.live.readable import READABLE


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
        self._readable = gevent.get_hub().loop.io(connection.fileno(), READABLE)
        self._readable.start(self._read)

    def _read(self) -> None:
        """There is something to read: the end, or what comes after this request."""
        is_end = is_at_end(self._connection, 0)
        if is_end is None:
            return
        self._readable.stop()
        self._has_more = not is_end
        if is_end:
            self._left()

    def look(self) -> None:
        """Look whether a client has left that has sent more."""
        if self._has_more and has_closed(self._connection):
            self._has_more = False
            self._left()

    def cut(self) -> None:
        """End the connection, and with it what a greenlet is writing to it."""
        # On the socket itself, gevent would raise an error of its own where it is written to, which
        # gunicorn logs. So that is an EPIPE, as when the client has closed it.
        with suppress(OSError), self._connection.dup() as same:
            same.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Watch no longer."""
        self._has_more = False
        self._readable.close()
