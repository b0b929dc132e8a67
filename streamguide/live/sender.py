"""Sending a stream's bytes to its visitor: by the server, or at once and past it."""

from __future__ import annotations

from collections.abc import Callable
from socket import socket

from gevent import socket as green

# WSGI's own way to send bytes. Raises OSError when the visitor has left.
Write = Callable[[bytes], object]


class Sender:
    """What a stream sends with, once the server has sent the head and the beginning.

    `connection` is the visitor's socket where the server sends the body in chunks of HTTP/1.1;
    without one only `write` sends. So it is for TLS, which gevent cannot send without waiting.
    """

    def __init__(self, write: Write, connection: socket | None = None) -> None:
        self.write = write
        self.is_direct = type(connection) is green.socket
        self._connection: green.socket = connection  # type: ignore[assignment]
        self._left = b""

    def send_now(self, data: bytes) -> bool:
        """Send as far as nothing has to be waited for. False: `send_rest` comes before all else.

        Only where `is_direct`. Raises OSError when the visitor has left.
        """
        chunk = b"%X\r\n%b\r\n" % (len(data), data)
        try:
            sent = self._connection.send(chunk, 0, 0.0)  # type: ignore[call-arg]
        except BlockingIOError:
            sent = 0
        if sent == len(chunk):
            return True
        self._left = chunk[sent:]
        return False

    def send_rest(self) -> None:
        """Send what was left. Raises OSError when the visitor has left."""
        left, self._left = self._left, b""
        self._connection.sendall(left)
