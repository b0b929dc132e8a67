"""Claude with an answer that never ends, for visitors who take little of it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from streamguide.protocol.sse import encode
from tests.live.asking import TIMEOUT

START = {
    "type": "message_start",
    "message": {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "usage": {}},
}
# Some hundred of them fill every buffer on the way.
DELTA = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": 30_000 * "word "}}


class Endless:
    """Answers one request. `is_held` once nobody takes more for a while, after `sent` events."""

    def __init__(self) -> None:
        self.is_held = threading.Event()
        self.has_ended = threading.Event()
        self.sent = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(TIMEOUT)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def answer(self) -> None:
        """Send until it is held back, and then until the connection is closed."""
        with self._listening, self._listening.accept()[0] as connection:
            connection.settimeout(TIMEOUT)
            connection.recv(65536)
            connection.settimeout(1)
            with suppress(TimeoutError):
                connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
                connection.sendall(encode(START))
                while True:
                    connection.sendall(encode(DELTA))
                    self.sent += 1
            self.is_held.set()
            connection.settimeout(TIMEOUT)
            with suppress(ConnectionError):
                while connection.recv(65536):
                    pass
            self.has_ended.set()


@contextmanager
def endless() -> Iterator[Endless]:
    """Run one in a thread. It has to be asked, or its end waits until it gives up."""
    claude = Endless()
    thread = threading.Thread(target=claude.answer)
    thread.start()
    yield claude
    thread.join()
