"""Events as bytes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from streamguide.protocol.sse import encode


def test_a_frame_is_an_event_line_a_data_line_and_a_blank_line() -> None:
    assert encode({"type": "message_stop"}) == (
        b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )


def test_padding_goes_before_the_last_brace() -> None:
    frame = encode({"type": "content_block_stop", "index": 0}, padding=3)
    assert frame == (
        b'event: content_block_stop\ndata: {"type":"content_block_stop","index":0   }\n\n'
    )


def test_a_ping_has_the_space_of_recordings_and_no_padding() -> None:
    assert encode({"type": "ping"}, padding=5) == b'event: ping\ndata: {"type": "ping"}\n\n'


def test_text_is_sent_as_utf_8_not_as_escapes() -> None:
    assert '"é👩‍👩‍👧你"'.encode() in encode({"type": "x", "text": "é👩‍👩‍👧你"})


@given(text=st.text(st.characters(exclude_categories=["Cs"])), padding=st.integers(0, 30))
def test_any_text_stays_on_one_line_and_comes_back(text: str, padding: int) -> None:
    frame = encode({"type": "x", "text": text}, padding)
    event, data, *rest = frame.split(b"\n")
    assert b"\r" not in frame
    assert (event, rest) == (b"event: x", [b"", b""])
    assert json.loads(data.removeprefix(b"data: ")) == {"type": "x", "text": text}
