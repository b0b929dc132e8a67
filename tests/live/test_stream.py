"""A relayed stream by itself, with a Claude and a server made for it."""

from __future__ import annotations

import gc
import json
import socket
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import pytest
from pydantic import SecretStr

from streamguide.library import CONTENT
from streamguide.live import ends
from streamguide.live.ends import End
from streamguide.live.frames import Frames
from streamguide.live.relay import Relay
from streamguide.live.stream import Stream
from streamguide.live.upstream import Answer, Upstream
from streamguide.models import load
from streamguide.settings import LiveSettings

MODEL = "claude-haiku-5-5"
START = Frames(b"start", [{"type": "message_start", "message": {}}])
DELTA = Frames(b"delta", [{"type": "content_block_delta"}])
STOP = Frames(b"stop", [{"type": "message_stop"}])
ERROR = Frames(b"error", [{"type": "error", "error": {"type": "api_error"}}])


class Claude:
    """Sends some frames, and comes to an end."""

    def __init__(self, frames: list[Frames], end: End) -> None:
        self._answer = Answer("req_1", START, iter([*frames, end]))

    @contextmanager
    def stream(self, body: Any, heard: Any) -> Iterator[Answer]:
        yield self._answer


def played(frames: list[Frames], end: End, while_sending: bytes) -> tuple[list[bytes], Stream]:
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
def test_nothing_follows_the_last_event(last: Frames, end: End) -> None:
    sent, stream = played([DELTA, last], end, while_sending=last.data)
    assert sent == [START.data, DELTA.data, last.data]
    assert stream.record.end is end


def test_a_frame_that_is_being_sent_is_finished_before_the_end_is_told() -> None:
    sent, stream = played([DELTA, STOP], ends.COMPLETE, while_sending=DELTA.data)
    assert sent == [START.data, DELTA.data, ends.TOO_LONG.event("req_1")]
    assert stream.record.end is ends.TOO_LONG


def test_a_stream_that_is_over_waits_for_no_garbage_collector(
    pair: tuple[socket.socket, socket.socket],
) -> None:
    settings = LiveSettings(key=SecretStr("key"), models=(MODEL,))
    relay = Relay(settings, load(CONTENT / "models.toml"), {})
    relay.upstream = cast(Upstream, Claude([DELTA, STOP], ends.COMPLETE))
    asked = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    gc.disable()
    try:
        stream = relay.open(json.dumps(asked).encode(), "somebody", pair[0])
        stream.write = pair[0].sendall
        for data in stream.frames():
            pair[0].sendall(data)
        stream.close()
        assert stream.record.end is ends.COMPLETE
        left = weakref.ref(stream)
        del stream
        assert left() is None
    finally:
        gc.enable()
