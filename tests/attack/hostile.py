"""An upstream on a raw socket that responds as no server should."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from streamguide.protocol.sse import encode
from tests.live.asking import TIMEOUT

# Answers one request with this prompt. An OSError means that the relay has closed the connection.
Answers = Callable[[socket.socket, str], None]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Hostile:
    """Its `url`, the received `requests`, head and body, and the number of `connections`."""

    def __init__(self, answers: Answers) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._answers = answers
        self._closing = ExitStack()
        self._listening = self._closing.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._closing.enter_context(connection)
                self.connections += 1
                thread = threading.Thread(target=self._talk, args=[connection])
                self._threads.append(thread)
                thread.start()

    def _talk(self, connection: socket.socket) -> None:
        connection.settimeout(2 * TIMEOUT)
        with suppress(OSError), connection:
            while request := _request(connection):
                self.requests.append(request)
                self._answers(connection, _prompt(request))

    def close(self) -> None:
        # Wakes the thread in `accept`, which closing alone does not.
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._closing.close()
        for thread in self._threads:
            thread.join(TIMEOUT)


@contextmanager
def hostile(answers: Answers) -> Iterator[Hostile]:
    """Run one in threads."""
    claude = Hostile(answers)
    try:
        yield claude
    finally:
        claude.close()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def events(text: str, usage: bytes = b'{"output_tokens": 5}') -> bytes:
    """The events of a whole message with this text. `usage` is JSON, or invalid JSON."""
    start = {"type": "message_start", "message": {"id": "msg_1", "content": [], "usage": {}}}
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}
    last = (
        b'event: message_delta\ndata: {"type": "message_delta", '
        b'"delta": {"stop_reason": "end_turn"}, "usage": %b}\n\n'
    )
    return encode(start) + encode(delta) + last % usage + encode({"type": "message_stop"})


def whole(text: str, usage: bytes = b'{"output_tokens": 5}') -> bytes:
    """A correct response with this text."""
    return CHUNKED + chunk(events(text, usage)) + b"0\r\n\r\n"


def _request(connection: socket.socket) -> bytes:
    """A request, head and body; b"" at the connection's end."""
    came = b""
    while b"\r\n\r\n" not in came:
        some = connection.recv(65536)
        # A TLS handshake gets no response either.
        if not some or some[:1] == b"\x16":
            return b""
        came += some
    length = _LENGTH.search(came)
    end = came.index(b"\r\n\r\n") + 4 + (int(length[1]) if length else 0)
    while len(came) < end:
        if not (some := connection.recv(65536)):
            return b""
        came += some
    return came


def _prompt(request: bytes) -> str:
    body = request.partition(b"\r\n\r\n")[2]
    return str(json.loads(body)["messages"][0]["content"]) if body else ""
