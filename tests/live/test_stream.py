"""A relayed stream by itself, with a Claude and a server made for it."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, cast

import gevent
import pytest
from pydantic import SecretStr
from werkzeug.test import create_environ

from streamguide.files import CONTENT
from streamguide.live import close_reason
from streamguide.live.close_reason import CloseReason
from streamguide.live.relay import Relay
from streamguide.live.stream import Stream
from streamguide.live.upstream import Upstream, UpstreamAnswer, read_batches
from streamguide.models import load
from streamguide.protocol.sse import encode
from streamguide.reading.outline import Outline
from streamguide.settings import LiveSettings
from streamguide.web.live_api import Relayed

MODEL = "claude-haiku-5-5"
START = encode({"type": "message_start", "message": {}})
DELTA = encode({"type": "content_block_delta"})
STOP = encode({"type": "message_stop"})
ERROR = encode({"type": "error", "error": {"type": "api_error"}})


class Claude:
    """Answers with some pieces, and with nothing after them."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    @contextmanager
    def ask(self, body: Mapping[str, Any]) -> Iterator[UpstreamAnswer]:
        message = Outline()
        yield UpstreamAnswer("req_1", message, read_batches(iter(self._pieces), message))


def begun(pieces: list[bytes]) -> Stream:
    """A stream of these pieces whose first event has come."""
    settings = LiveSettings(key=SecretStr("key"))
    stream = Stream(cast(Upstream, Claude(pieces)), {}, settings, None, lambda stream: None)
    stream.begin()
    return stream


def played(pieces: list[bytes], while_sending: bytes) -> tuple[list[bytes], Stream]:
    """What was sent of a stream that is cancelled while one of its pieces is being sent."""
    stream = begun(pieces)
    sent = []
    for data in stream.frames():
        sent.append(data)
        if data == while_sending:
            stream.cancel(close_reason.TOO_LONG)
    stream.close()
    return sent, stream


@pytest.mark.parametrize(
    ("last", "end"), [(STOP, close_reason.COMPLETE), (ERROR, close_reason.UPSTREAM_ERROR)]
)
def test_nothing_follows_the_last_event(last: bytes, end: CloseReason) -> None:
    sent, stream = played([START, DELTA, last], while_sending=last)
    assert sent == [START, DELTA, last]
    assert stream.record.end is end


@pytest.mark.parametrize("last", [DELTA, START])
def test_a_frame_that_is_being_sent_is_finished_before_the_end_is_told(last: bytes) -> None:
    sent, stream = played([START, DELTA, DELTA, STOP], while_sending=last)
    assert sent == [*[START, DELTA][: 1 + (last is DELTA)], close_reason.TOO_LONG.event("req_1")]
    assert stream.record.end is close_reason.TOO_LONG


def test_a_body_split_at_any_byte_gives_the_same_bytes_events_and_end() -> None:
    body = START + DELTA + b": a comment\n\n" + DELTA + STOP
    for place in range(len(body) + 1):
        message = Outline()
        batches = list(read_batches(iter(filter(None, [body[:place], body[place:]])), message))
        assert b"".join(batch.data for batch in batches) == body
        assert sum(batch.events for batch in batches) == 4
        assert message.is_stopped
        assert [batch.end for batch in batches if batch.end] == [close_reason.COMPLETE]


def test_a_stream_that_is_over_waits_for_no_garbage_collector() -> None:
    settings = LiveSettings(key=SecretStr("key"), models=(MODEL,))
    models = load(CONTENT / "models.toml")
    relay = Relay(settings, lambda: models, {})
    relay.upstream = cast(Upstream, Claude([START, DELTA, STOP]))
    asked = {"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Hello"}]}
    gc.disable()
    try:
        stream = relay.open(json.dumps(asked).encode(), "somebody", None, nullcontext())
        assert b"".join(stream.frames()) == START + DELTA + STOP
        stream.close()
        stream.close()
        assert stream.record.end is close_reason.COMPLETE
        left = weakref.ref(stream)
        del stream
        # The reader, which waits for the end of Claude's answer, has its turn.
        gevent.sleep(0)
        assert left() is None
    finally:
        gc.enable()


def test_an_error_of_ours_is_told_to_the_visitor_and_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(message: Outline, event: Mapping[str, Any]) -> None:
        if event["type"] == "message_stop":
            raise ZeroDivisionError("ours")

    monkeypatch.setattr(Outline, "apply", fail)
    stream = begun([START, DELTA, STOP])
    assert list(stream.frames()) == [START, DELTA, close_reason.DROPPED.event("req_1")]
    assert "ZeroDivisionError: ours" in caplog.text


def test_an_answer_that_the_server_refuses_to_begin_is_closed() -> None:
    told: list[Stream] = []
    settings = LiveSettings(key=SecretStr("key"))
    claude = cast(Upstream, Claude([START, DELTA]))
    stream = Stream(claude, {}, settings, None, told.append)
    stream.begin()

    def refuse(*head: Any) -> Any:
        raise ValueError("a header that cannot be sent")

    with pytest.raises(ValueError, match="a header"):
        Relayed(stream)(create_environ(method="POST"), refuse)
    assert told == [stream]
    assert stream.record.end is close_reason.LEFT
