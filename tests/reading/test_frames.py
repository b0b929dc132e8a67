"""Frames of an event stream, wherever its bytes are split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.reading.events import Event, event_of
from streamguide.reading.frames import Frame, FrameParser

GOLDEN = Path(__file__).parents[1] / "golden" / "scenarios"
HELLO = (GOLDEN / "hello.sse").read_bytes()
ENDINGS = (b"\n", b"\r\n", b"\r")
SAMPLE = b"\n".join(
    (
        b"\xef\xbb\xbfevent: ping",
        b'data: {"type": "ping"}',
        b"",
        b": a comment",
        b"",
        'event: x\ndata: {"type":"x","text":"žluťoučký 🐎\\n\\n"}   '.encode(),
        b"",
        b"id: 7",
        b'data: {"type":',
        b'data:  "two lines"}',
        b"",
        b"",
    )
)


def parsed(chunks: list[bytes]) -> list[Frame]:
    parser = FrameParser()
    return [frame for chunk in chunks for frame in parser.feed(chunk)]


def joined(frames: list[Frame]) -> bytes:
    return b"".join(frame.raw for frame in frames)


def events(frames: list[Frame]) -> list[Event]:
    return [event for frame in frames if (event := event_of(frame)) is not None]


def test_a_frame_has_its_name_its_data_and_all_its_bytes() -> None:
    ping, comment, x, two = frames = parsed([SAMPLE])
    assert [frame.name for frame in frames] == ["ping", "", "x", ""]
    assert ping.data == b'{"type": "ping"}'
    assert (comment.raw, comment.data) == (b": a comment\n\n", None)
    assert x.text.endswith("}   ")
    assert two.data == b'{"type":\n "two lines"}'
    assert joined(frames) == SAMPLE


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stream_split_at_any_byte_has_the_same_events_and_all_its_bytes(ending: bytes) -> None:
    sample = SAMPLE.replace(b"\n", ending)
    whole = parsed([sample])
    assert len(events(whole)) == 3
    for place in range(len(sample) + 1):
        parts = parsed([sample[:place], sample[place:]])
        assert events(parts) == events(whole)
        # Of a last CRLF, the line feed belongs to a frame that never comes.
        assert joined(parts) in (sample, sample.removesuffix(b"\n"))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stream_that_comes_byte_by_byte_is_the_same(ending: bytes) -> None:
    stream = HELLO.replace(b"\n", ending)
    parts = parsed([stream[at : at + 1] for at in range(len(stream))])
    assert events(parts) == events(parsed([HELLO]))
    assert joined(parts) in (stream, stream.removesuffix(b"\n"))


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b": c", b"event: e", b"data: d"])))
def test_no_byte_is_lost_whatever_lines_come(lines: list[bytes]) -> None:
    stream = b"".join(lines)
    parser = FrameParser()
    frames = [frame for at in range(len(stream)) for frame in parser.feed(stream[at : at + 1])]
    whole = parsed([stream])
    told = [(frame.name, frame.data) for frame in frames if frame.data is not None]
    assert told == [(frame.name, frame.data) for frame in whole if frame.data is not None]
    assert joined(frames) + parser.end().raw == stream


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.sse")), ids=lambda path: path.stem)
def test_every_scenario_is_read_as_it_was_written(path: Path) -> None:
    stream = path.read_bytes()
    frames = parsed([stream[at : at + 1000] for at in range(0, len(stream), 1000)])
    assert joined(frames) == stream
    expected = [json.loads(line[5:]) for line in stream.splitlines() if line.startswith(b"data:")]
    assert events(frames) == expected


@pytest.mark.parametrize("data", [b"{", b"[DONE]", b"3", b'"a"', b"[]", b"NaN", b"", b"\xff"])
def test_data_that_is_no_json_object_is_an_event_only_if_it_is_an_error(data: bytes) -> None:
    [unknown] = parsed([b"event: x\ndata: " + data + b"\n\n"])
    assert event_of(unknown) is None
    [error] = parsed([b"event: error\ndata: " + data + b"\n\n"])
    assert (event_of(error) or {})["type"] == "error"


def test_bytes_that_are_no_text_and_halves_of_characters_break_no_event() -> None:
    [first, second] = events(parsed([b'data: {"a": "\xff"}\n\ndata: {"a": "\\ud83c"}\n\n']))
    assert first == {"a": "\N{REPLACEMENT CHARACTER}"}
    assert second == {"a": "\ud83c"}
