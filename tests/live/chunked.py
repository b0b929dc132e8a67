"""An answer in chunks, as a test sends and reads it."""

from __future__ import annotations

from streamguide.live.chunks import WholeChunks

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def arrived(answer: WholeChunks) -> bytes | None:
    with answer.without_waiting():
        return answer.arrived()
