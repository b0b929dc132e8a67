"""The reader on the streams of all scenarios, wherever their bytes are split."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamguide.reading.reader import StreamReader

GOLDEN = Path(__file__).parents[1] / "golden" / "scenarios"
STREAMS = sorted(GOLDEN.glob("*.sse"))


def reader_of(*chunks: bytes) -> StreamReader:
    reader = StreamReader(200, "text/event-stream; charset=utf-8")
    for chunk in chunks:
        reader.feed(chunk)
    return reader


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_stream_adds_up_to_the_message_without_streaming(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    whole = path.read_bytes()
    reader = reader_of(whole)
    message = reader.message.value
    assert message
    ending = reader.end()
    # What max_tokens cut is the text that was received; after an error, the end is not known.
    cut = [block for block in message["content"] if block.pop("partial_json", None)]
    for block in cut:
        block["input"] = expected["content"][message["content"].index(block)]["input"]
    names = message.keys() - (set() if reader.message.is_stopped else {"stop_reason", "usage"})
    assert [message[name] for name in names] == [expected[name] for name in names]
    assert bool(cut) == ("open-block" in ending.findings)


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_stream_is_read_the_same_one_byte_at_a_time(path: Path) -> None:
    whole = path.read_bytes()
    by_byte = reader_of(*(whole[place : place + 1] for place in range(len(whole))))
    reader = reader_of(whole)
    assert by_byte.message.value == reader.message.value
    assert by_byte.end() == reader.end()
