"""What the recorder tells of an answer."""

from __future__ import annotations

import gzip
import json
import zlib

import pytest

from streamguide.recorder.reader import MOST_TICKS, AnswerReader
from tests.attack.hostile import events

SSE = {"content-type": "text/event-stream"}
EVENTS = events("Hello", b'{"output_tokens": 5, "input_tokens": 7}')
JSON = {"content-type": "application/json"}


def read(body: bytes, status: int = 200, headers: dict[str, str] = SSE) -> AnswerReader:
    reader = AnswerReader(status, headers)
    reader.feed(body, 100)
    reader.end(200)
    return reader


def test_a_stream_may_be_divided_anywhere() -> None:
    whole = read(EVENTS)
    reader = AnswerReader(200, SSE)
    for at in range(len(EVENTS)):
        reader.feed(EVENTS[at : at + 1], 100)
    reader.end(200)
    assert (reader.ticks, reader.text) == (whole.ticks, whole.text)
    assert reader.message.usage == {"output_tokens": 5, "input_tokens": 7}
    assert reader.message.is_stopped


def test_an_error_event_is_told() -> None:
    reader = read(b'event: error\ndata: {"type":"error","error":{"type":"a","message":"b"}}\n\n')
    assert (reader.error, reader.events) == ("a: b", 1)


def test_events_that_are_no_objects_are_counted_and_harm_nothing() -> None:
    reader = read(b"data: [DONE]\n\ndata: 5\n\n: comment\n\nevent: x\ndata: {}\n\n" + EVENTS)
    assert (reader.events, reader.text) == (7, "Hello")
    assert [name for _, name, _ in reader.ticks[:3]] == ["", "", "x"]


def test_what_a_message_without_streaming_has_is_told() -> None:
    usage = {"input_tokens": 3, "output_tokens": 4}
    content = [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "Hello"}]
    told = {"type": "message", "model": "m", "stop_reason": "end_turn", "usage": usage}
    reader = read(json.dumps(told | {"content": content}).encode(), headers=JSON)
    assert (reader.text, reader.message.stop_reason) == ("Hello", "end_turn")
    assert (reader.message.usage, reader.events, reader.first_word_ms) == (usage, 0, 200)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (
            529,
            b'{"type":"error","error":{"type":"overloaded_error","message":"no"}}',
            "overloaded_error: no",
        ),
        (502, b"<html><title>Bad gateway</title>", "Bad gateway"),
        (500, b"plain words", "plain words"),
        (200, b'{"input_tokens": 14}', ""),
        (200, b"[" * 100_000, ""),
        (200, b'{"content": [{"text": 5}, 7], "type": "message", "usage": 3}', ""),
    ],
)
def test_an_answer_that_is_no_stream_is_told_by_its_error(
    status: int, body: bytes, error: str
) -> None:
    assert read(body, status, JSON).error == error


def test_a_count_of_tokens_is_told() -> None:
    assert read(b'{"input_tokens": 14}', headers=JSON).counted == 14
    assert read(b'{"input_tokens": true}', headers=JSON).counted is None


@pytest.mark.parametrize(
    ("coding", "packed", "text"),
    [
        ("gzip", gzip.compress(EVENTS), "Hello"),
        ("GZIP", gzip.compress(EVENTS), "Hello"),
        ("deflate", zlib.compress(EVENTS), "Hello"),
        ("br", EVENTS, ""),
        ("gzip", EVENTS, ""),
        ("identity", EVENTS, "Hello"),
    ],
)
def test_what_is_compressed_is_read_as_far_as_it_can_be(
    coding: str, packed: bytes, text: str
) -> None:
    reader = read(packed, headers={**SSE, "content-encoding": coding})
    assert reader.text == text


def test_a_few_bytes_that_unpack_to_very_many_are_not_read_to_their_end() -> None:
    packed = gzip.compress(bytes(90_000_000), compresslevel=1)
    reader = AnswerReader(200, {**JSON, "content-encoding": "gzip"})
    assert len(reader.feed(packed, 1)) < 70_000_000


def test_an_endless_stream_takes_no_more_than_its_place() -> None:
    reader = AnswerReader(200, SSE)
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "x" * 100}}
    frame = f"data: {json.dumps(delta)}\n\n".encode()
    for _ in range(MOST_TICKS + 10):
        reader.feed(frame, 1)
    assert (len(reader.ticks), len(reader.text)) == (MOST_TICKS, 280)
