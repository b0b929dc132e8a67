"""Cutting an event stream into frames, wherever its bytes are split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.live.frames import MOST_BYTES, BrokenEvent, FrameCutter, ReceivedFrame

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
        b'data: {"type":',
        b'data: "two lines"}',
        b"",
        b"",
    )
)


def cut(chunks: list[bytes]) -> list[ReceivedFrame]:
    cutter = FrameCutter()
    frames = [frame for chunk in chunks for frame in cutter.feed(chunk)]
    return [*frames, *cutter.end()]


def joined(frames: list[ReceivedFrame]) -> bytes:
    return b"".join(frame.data for frame in frames)


def events(frames: list[ReceivedFrame]) -> list[object]:
    return [frame.event for frame in frames if frame.event is not None]


def test_a_frame_ends_with_its_blank_line_and_knows_its_event() -> None:
    [ping, comment, x, two] = cut([SAMPLE])
    assert (ping.type, comment.type, x.type, two.type) == ("ping", "", "x", "two lines")
    assert comment.data == b": a comment\n\n"
    assert joined([ping, comment, x, two]) == SAMPLE


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stream_split_at_any_byte_gives_the_same_events_and_all_its_bytes(ending: bytes) -> None:
    sample = SAMPLE.replace(b"\n", ending)
    whole = cut([sample])
    assert len(events(whole)) == 3
    for place in range(len(sample) + 1):
        parts = cut([sample[:place], sample[place:]])
        assert events(parts) == events(whole)
        assert joined(parts) == sample


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stream_that_comes_byte_by_byte_is_the_same(ending: bytes) -> None:
    stream = HELLO.replace(b"\n", ending)
    parts = cut([stream[at : at + 1] for at in range(len(stream))])
    assert events(parts) == events(cut([HELLO]))
    assert joined(parts) == stream


@given(st.lists(st.sampled_from([b"\n", b"\r", b"\r\n", b": c", b"event: e"])))
def test_no_byte_is_lost_whatever_lines_come(lines: list[bytes]) -> None:
    stream = b"".join(lines)
    cutter = FrameCutter()
    frames = [frame for at in range(len(stream)) for frame in cutter.feed(stream[at : at + 1])]
    assert stream.startswith(joined(frames))
    last = list(cutter.end())
    rest = stream[len(joined(frames)) :]
    assert joined(last) == (rest + b"\n\n" if rest.strip() else b"")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.sse")), ids=lambda path: path.stem)
def test_every_scenario_passes_unchanged(path: Path) -> None:
    stream = path.read_bytes()
    frames = cut([stream[at : at + 1000] for at in range(0, len(stream), 1000)])
    assert joined(frames) == stream
    expected = [json.loads(line[5:]) for line in stream.splitlines() if line.startswith(b"data:")]
    assert events(frames) == expected


def test_an_event_that_no_blank_line_ends_gets_one_if_it_is_whole() -> None:
    [frame] = cut([b'event: message_stop\ndata: {"type":"message_stop"}'])
    assert frame.type == "message_stop"
    assert frame.data.endswith(b"}\n\n")


def test_what_comes_before_a_broken_event_is_given_first() -> None:
    frames = []
    with pytest.raises(BrokenEvent):
        for frame in FrameCutter().feed(b"data: {}\n\n: a comment\n\ndata: {\n\ndata: {}\n\n"):
            frames.append(frame)
    assert joined(frames) == b"data: {}\n\n: a comment\n\n"


@pytest.mark.parametrize("data", [b"{", b"[DONE]", b"3", b'"a"', b"[]", b"NaN", b"", b"\xff"])
def test_data_that_is_no_json_object_is_broken(data: bytes) -> None:
    with pytest.raises(BrokenEvent):
        cut([b"event: x\ndata: " + data + b"\n\n"])


def test_half_an_event_at_the_end_is_broken() -> None:
    with pytest.raises(BrokenEvent):
        cut([b'event: x\ndata: {"type"'])


def test_a_frame_without_end_is_not_kept_for_ever() -> None:
    cutter = FrameCutter()
    with pytest.raises(BrokenEvent, match="bytes"):
        for _ in range(MOST_BYTES // 2**20 + 1):
            assert not list(cutter.feed(b"x" * 2**20))
