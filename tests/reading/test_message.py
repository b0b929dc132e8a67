"""A message from events with any values, and of any length."""

from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streamguide.reading.ending import ending_of
from streamguide.reading.events import Event
from streamguide.reading.message import Message

# What the reader looks at, with values of any type.
FIELDS = (
    *("type", "index", "message", "id", "content", "content_block", "delta", "usage", "error"),
    *("text", "thinking", "partial_json", "input", "citations", "citation", "signature", "to"),
    *("stop_reason", "output_tokens", "iterations", "model"),
)
TYPES = (
    *("message_start", "content_block_start", "content_block_delta", "content_block_stop"),
    *("message_delta", "message_stop", "error", "ping", "text", "tool_use", "fallback"),
    *("text_delta", "input_json_delta", "citations_delta", "signature_delta"),
)
SCALARS = (
    st.none() | st.booleans() | st.integers(-1, 2) | st.sampled_from([0.5, "", "{}", "\ud83c"])
)
VALUES = st.recursive(
    SCALARS | st.sampled_from(TYPES),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=12,
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(TYPES) | VALUES},
    optional={name: VALUES for name in FIELDS if name != "type"},
)
START: Event = {"type": "message_start", "message": {"id": "msg_1", "usage": {"output_tokens": 1}}}
OPEN: Event = {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}}


def assembled(*events: Event) -> Message:
    message = Message()
    for event in events:
        message.apply(event)
    return message


@given(st.lists(EVENTS, max_size=6))
def test_no_value_breaks_the_reading(events: list[dict[str, Any]]) -> None:
    message = assembled(START, OPEN, *events)
    assert isinstance(message.text, str)
    assert isinstance(ending_of(message, None, False).words, str)


def test_a_very_long_text_is_assembled_in_little_time() -> None:
    began = time.process_time()
    delta = {"type": "text_delta", "text": "seven x"}
    more: Event = {"type": "content_block_delta", "index": 0, "delta": delta}
    message = assembled(START, OPEN, *[more] * 200_000)
    assert len(message.text) == 1_400_000
    # Many times what it takes, and far less than work that grows with the square of the text.
    assert time.process_time() - began < 5
