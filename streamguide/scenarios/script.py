"""From an answer to events with their times and padding: what Claude's server would send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from streamguide.scenarios.answer import Answer
from streamguide.scenarios.load import Block
from streamguide.scenarios.message import end_delta, end_usage, full_message, start_message

Event = Mapping[str, Any]

# The largest text_delta in recordings has 208 characters, a word's rest of 8 included.
_LARGEST_DELTA = 200
_MOST_PADDING = 18
_NEXT_EVENT_MS = 4
_END_MS = 22
_REST_OF_WORD = re.compile(r"[A-Za-z]{1,8}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event, the milliseconds since the request at which it is sent, and its padding."""

    at: int
    event: Event
    padding: int


def script(answer: Answer) -> list[TimedEvent]:
    """Every event of the answer, in order. The same answer always gives the same list."""
    pace = _Pace(answer)
    return [pace.place(wait, event) for wait, event in _events(answer, pace)]


class _Pace:
    """Draws waits, sizes and padding, and keeps the time."""

    def __init__(self, answer: Answer) -> None:
        self._timing = answer.scenario.timing
        self._padded = answer.scenario.padding
        # By the scenario's seed, not the answer's: event n stays event n in every request.
        self._random = Random(answer.scenario.seed + 1)
        self._now = 0.0

    def place(self, wait: float, event: Event) -> TimedEvent:
        self._now += wait
        padding = int(self._random.random() * _MOST_PADDING) if self._padded else 0
        return TimedEvent(round(self._now), event, 0 if event["type"] == "ping" else padding)

    def pieces(self, text: str) -> Iterator[tuple[float, str]]:
        """The text in uneven pieces, each with the wait before it."""
        start, wait = 0, float(self._timing.first_delta_ms)
        while start < len(text):
            # Two draws multiplied give many small pieces and a few large ones, as recorded.
            spread = 4 * self._random.random() * self._random.random()
            size = round(self._timing.delta_characters * spread)
            piece = text[start : _word_end(text, start + max(1, min(size, _LARGEST_DELTA)))]
            yield wait, piece
            start += len(piece)
            jitter = 0.4 + 1.2 * self._random.random()
            wait = 1000 * len(piece) / self._timing.characters_per_second * jitter

    def whole(self, pieces: Iterable[str]) -> Iterator[tuple[float, str]]:
        """The pieces as they are, each after the time in which it is written."""
        wait = float(self._timing.first_delta_ms)
        for piece in pieces:
            jitter = 0.4 + 1.2 * self._random.random()
            yield wait + 1000 * len(piece) / self._timing.characters_per_second * jitter, piece
            wait = 0.0


def _word_end(text: str, place: int) -> int:
    """The end of the word that a cut at `place` would split: tokens mostly end with a word.

    Long words and scripts without spaces are split where they are.
    """
    match = _REST_OF_WORD.match(text, place)
    return match.end() if match and place > 0 and text[place - 1].isalpha() else place


def _events(answer: Answer, pace: _Pace) -> Iterator[tuple[float, Event]]:
    scenario = answer.scenario
    first = scenario.timing.first_event_ms
    if scenario.whole_at_start:
        yield first, {"type": "message_start", "message": full_message(answer)}
        yield _NEXT_EVENT_MS, {"type": "message_stop"}
        return
    yield first, {"type": "message_start", "message": start_message(answer)}
    pinged = False
    for index, block in enumerate(answer.blocks):
        yield block.pause_before_ms or _NEXT_EVENT_MS, _block_start(index, block)
        if not pinged:
            yield _NEXT_EVENT_MS, {"type": "ping"}
            pinged = True
        yield from _block_rest(index, block, pace, closed=_is_closed(answer, index))
    if not pinged:
        yield _NEXT_EVENT_MS, {"type": "ping"}
    yield from _ending(answer)


def _ending(answer: Answer) -> Iterator[tuple[float, Event]]:
    error = answer.scenario.error
    if error is not None:
        body = {"details": None, **error}
        yield _END_MS, {"type": "error", "error": body, "request_id": answer.request_id}
        return
    extra = answer.scenario.end.get("extra", {})
    yield (
        _END_MS,
        {
            "type": "message_delta",
            "delta": end_delta(answer),
            "usage": end_usage(answer),
            **extra,
        },
    )
    yield _NEXT_EVENT_MS, {"type": "message_stop"}


def _is_closed(answer: Answer, index: int) -> bool:
    """Whether the block gets its content_block_stop: a cut one and one before an error do not."""
    is_last = index == len(answer.blocks) - 1
    return answer.blocks[index].cut is None and not (answer.scenario.error and is_last)


def _block_start(index: int, block: Block) -> Event:
    content = {**block.content, **_EMPTY.get(block.type, {})}
    if content.get("citations"):
        content["citations"] = []
    return {"type": "content_block_start", "index": index, "content_block": content}


# What a block's start holds in place of the content that its deltas bring.
_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "tool_use": {"input": {}},
    "server_tool_use": {"input": {}},
    "mcp_tool_use": {"input": {}},
    "compaction": {"content": None, "encrypted_content": None},
}


def _block_rest(
    index: int, block: Block, pace: _Pace, *, closed: bool
) -> Iterator[tuple[float, Event]]:
    pause = block.pause_inside_ms
    for wait, delta in _deltas(block, pace):
        yield wait + pause, {"type": "content_block_delta", "index": index, "delta": delta}
        pause = 0
    if closed:
        yield pause + _NEXT_EVENT_MS, {"type": "content_block_stop", "index": index}


def _input_pieces(block: Block, pace: _Pace) -> Iterator[tuple[float, str]]:
    given = block.content["input"]
    if not given:
        return iter(())
    if block.type == "tool_use" and not block.eager:
        return pace.whole(_by_parameter(given, block.cut))
    return pace.pieces(json.dumps(given, ensure_ascii=False)[: block.cut])


def _by_parameter(given: Mapping[str, Any], cut: int | None) -> Iterator[str]:
    """The JSON of an input in pieces that end with a whole value, as far as `cut` reaches."""
    length, opening = 0, "{"
    for name, value in given.items():
        piece = f"{opening}{_json(name)}: {_json(value)}"
        length += len(piece)
        if cut is not None and length > cut:
            return
        yield piece
        opening = ", "
    if cut is None or length < cut:
        yield "}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _deltas(block: Block, pace: _Pace) -> Iterator[tuple[float, Mapping[str, Any]]]:
    content = block.content
    match block.type:
        case "text":
            for citation in content.get("citations") or ():
                yield _NEXT_EVENT_MS, {"type": "citations_delta", "citation": citation}
            for wait, piece in pace.pieces(content["text"][: block.cut]):
                yield wait, {"type": "text_delta", "text": piece}
        case "thinking":
            for wait, piece in pace.pieces(content["thinking"][: block.cut]):
                yield wait, {"type": "thinking_delta", "thinking": piece}
            if block.cut is None:
                signature = content["signature"]
                yield _NEXT_EVENT_MS, {"type": "signature_delta", "signature": signature}
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            # Recordings begin with an empty fragment; a call without input has no other.
            yield _NEXT_EVENT_MS, {"type": "input_json_delta", "partial_json": ""}
            for wait, piece in _input_pieces(block, pace):
                yield wait, {"type": "input_json_delta", "partial_json": piece}
        case "compaction":
            parts = {key: content.get(key) for key in ("content", "encrypted_content")}
            yield _NEXT_EVENT_MS, {"type": "compaction_delta", **parts}
