"""Streams of any lines and chunks are read with little CPU and memory."""

from __future__ import annotations

import time

import pytest

from streamguide.reading.frames import MOST_BYTES, FrameParser, TooLong
from streamguide.reading.reader import StreamReader

MB = 1_000_000
# Many times what it takes, so that a busy machine passes, and far less than work that grows with
# the square of the lines.
CPU_SECONDS = 5.0
LINES = (b"data:\n", b":\r\n", b"\n", b"x")


@pytest.mark.parametrize("size", [10, 65_536], ids="{} bytes a chunk".format)
@pytest.mark.parametrize("line", LINES, ids=repr)
def test_a_megabyte_of_the_same_line_is_read_in_little_time(line: bytes, size: int) -> None:
    body = line * (MB // len(line))
    reader = StreamReader(200, "text/event-stream")
    began = time.process_time()
    for place in range(0, len(body), size):
        reader.feed(body[place : place + size])
    assert not reader.end().is_complete
    assert time.process_time() - began < CPU_SECONDS


def test_a_frame_of_lines_without_end_is_not_kept_for_ever() -> None:
    parser = FrameParser()
    chunk = b"data:\n" * (MB // 6)
    with pytest.raises(TooLong):
        for _ in range(MOST_BYTES // len(chunk) + 2):
            assert not list(parser.feed(chunk))
    assert parser.end().raw == b""
