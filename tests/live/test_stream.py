"""A relayed stream by itself, with a Claude and a server made for it."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, cast

import pytest
from pydantic import SecretStr

from streamguide.live import ends
from streamguide.live.ends import End
from streamguide.live.frames import Frame
from streamguide.live.stream import Stream
from streamguide.live.upstream import Begun, Upstream
from streamguide.settings import LiveSettings

START = Frame(b"start", {"type": "message_start", "message": {}})
DELTA = Frame(b"delta", {"type": "content_block_delta"})
STOP = Frame(b"stop", {"type": "message_stop"})
ERROR = Frame(b"error", {"type": "error", "error": {"type": "api_error"}})


class Claude:
    """Sends some frames, and comes to an end."""

    def __init__(self, frames: list[Frame], end: End) -> None:
        self._items: list[Begun | Frame | End] = [Begun("req_1", (START,)), *frames, end]

    def stream(self, body: Any, heard: Any) -> Generator[Begun | Frame | End, None, None]:
        yield from self._items


def played(frames: list[Frame], end: End, while_sending: bytes) -> tuple[list[bytes], Stream]:
    """What was sent of a stream that is interrupted while one of its frames is being sent."""
    sent: list[bytes] = []

    def write(data: bytes) -> None:
        sent.append(data)
        if data == while_sending:
            stream.interrupt(ends.TOO_LONG)

    claude = cast(Upstream, Claude(frames, end))
    stream = Stream(claude, {}, LiveSettings(key=SecretStr("key")), lambda record: None)
    stream.first()
    stream.write = write
    for data in stream.frames():
        sent.append(data)
    stream.close()
    return sent, stream


@pytest.mark.parametrize(("last", "end"), [(STOP, ends.COMPLETE), (ERROR, ends.TOLD)])
def test_nothing_follows_the_last_event(last: Frame, end: End) -> None:
    sent, stream = played([DELTA, last], end, while_sending=last.data)
    assert sent == [START.data, DELTA.data, last.data]
    assert stream.record.end is end


def test_a_frame_that_is_being_sent_is_finished_before_the_end_is_told() -> None:
    sent, stream = played([DELTA, STOP], ends.COMPLETE, while_sending=DELTA.data)
    assert sent == [START.data, DELTA.data, ends.TOO_LONG.event("req_1")]
    assert stream.record.end is ends.TOO_LONG
