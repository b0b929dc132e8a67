"""Sending a stream's bytes to its visitor: by the server, or at once and past it."""

from __future__ import annotations

import socket
from collections.abc import Callable

from streamguide.connection import send_now

# WSGI's own way to send bytes. Raises OSError when the visitor has left.
Write = Callable[[bytes], object]


class Sender:
    """What a stream sends with, once the server has sent the head and the beginning.

    `connection` is the visitor's socket where the server sends the body in chunks of HTTP/1.1;
    without one only `write` sends.
    """

    def __init__(self, write: Write, connection: socket.socket | None = None) -> None:
        self.write = write
        self.is_direct = connection is not None
        self._connection = connection
        self._left = b""

    def send_now(self, data: bytes) -> bool:
        """Send as far as nothing has to be waited for. False: `send_rest` comes before all else.

        Only where `is_direct`. Raises OSError when the visitor has left.
        """
        assert self._connection is not None
        chunk = b"%X\r\n%b\r\n" % (len(data), data)
        self._left = chunk[send_now(self._connection, chunk) :]
        return not self._left

    def send_rest(self) -> None:
        """Send what was left. Raises OSError when the visitor has left."""
        assert self._connection is not None
        left, self._left = self._left, b""
        self._connection.sendall(left)
