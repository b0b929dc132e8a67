"""The events of an answer with their times and padding, as Claude's API sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from streamguide.scenarios.answer import Answer
from streamguide.scenarios.load import ScenarioBlock
from streamguide.scenarios.message import end_delta, end_usage, full_message, start_message

WireObject = Mapping[str, Any]

# The largest text_delta in recorded streams has 208 characters, with up to 8 to the word's end.
_LARGEST_DELTA = 200
_MOST_PADDING = 18
_NEXT_EVENT_MS = 4
_END_MS = 22
_REST_OF_WORD = re.compile(r"[A-Za-z]{1,8}(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event, the milliseconds between the request and it, and the spaces of its padding."""

    at: int
    event: WireObject
    padding: int


def script(answer: Answer) -> list[TimedEvent]:
    """The events of the answer, in order. The same answer always gives the same list."""
    pace = _Pace(answer)
    return [pace.place(delay, event) for delay, event in _events(answer, pace)]


class _Pace:
    """Draws delays, sizes and padding, and adds up the time."""

    def __init__(self, answer: Answer) -> None:
        self._timing = answer.scenario.timing
        self._padded = answer.scenario.padding
        # Seeded by the scenario, not the answer, so that every request gets the same events.
        self._random = Random(answer.scenario.seed + 1)
        self._now = 0.0

    def place(self, delay: float, event: WireObject) -> TimedEvent:
        self._now += delay
        padding = int(self._random.random() * _MOST_PADDING) if self._padded else 0
        return TimedEvent(round(self._now), event, 0 if event["type"] == "ping" else padding)

    def pieces(self, text: str) -> Iterator[tuple[float, str]]:
        """The text in pieces of different sizes, each with the delay before it in milliseconds."""
        start, delay = 0, float(self._timing.first_delta_ms)
        while start < len(text):
            # The product of two draws gives many small pieces and few large ones, as in recordings.
            spread = 4 * self._random.random() * self._random.random()
            size = round(self._timing.delta_characters * spread)
            piece = text[start : _word_end(text, start + max(1, min(size, _LARGEST_DELTA)))]
            yield delay, piece
            start += len(piece)
            jitter = 0.4 + 1.2 * self._random.random()
            delay = 1000 * len(piece) / self._timing.characters_per_second * jitter

    def whole(self, pieces: Iterable[str]) -> Iterator[tuple[float, str]]:
        """The pieces unsplit, each after the time that writing it takes."""
        delay = float(self._timing.first_delta_ms)
        for piece in pieces:
            jitter = 0.4 + 1.2 * self._random.random()
            yield delay + 1000 * len(piece) / self._timing.characters_per_second * jitter, piece
            delay = 0.0


def _word_end(text: str, place: int) -> int:
    """The end of the word at `place`, since most tokens end with a word.

    It is `place` itself in a long word, and in scripts without spaces.
    """
    match = _REST_OF_WORD.match(text, place)
    return match.end() if match and place > 0 and text[place - 1].isalpha() else place


def _events(answer: Answer, pace: _Pace) -> Iterator[tuple[float, WireObject]]:
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


def _ending(answer: Answer) -> Iterator[tuple[float, WireObject]]:
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
    """Whether content_block_stop is sent: not for a cut block, nor for the one before an error."""
    is_last = index == len(answer.blocks) - 1
    return answer.blocks[index].cut is None and not (answer.scenario.error and is_last)


def _block_start(index: int, block: ScenarioBlock) -> WireObject:
    content = {**block.content, **_EMPTY.get(block.type, {})}
    if content.get("citations"):
        content["citations"] = []
    return {"type": "content_block_start", "index": index, "content_block": content}


# The fields in content_block_start that deltas fill.
_EMPTY: Mapping[str, Mapping[str, Any]] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "tool_use": {"input": {}},
    "server_tool_use": {"input": {}},
    "mcp_tool_use": {"input": {}},
    "compaction": {"content": None, "encrypted_content": None},
}


def _block_rest(
    index: int, block: ScenarioBlock, pace: _Pace, *, closed: bool
) -> Iterator[tuple[float, WireObject]]:
    pause = block.pause_inside_ms
    for delay, delta in _deltas(block, pace):
        yield delay + pause, {"type": "content_block_delta", "index": index, "delta": delta}
        pause = 0
    if closed:
        yield pause + _NEXT_EVENT_MS, {"type": "content_block_stop", "index": index}


def _input_pieces(block: ScenarioBlock, pace: _Pace) -> Iterator[tuple[float, str]]:
    given = block.content["input"]
    if not given:
        return iter(())
    if block.type == "tool_use" and not block.eager:
        return pace.whole(_by_parameter(given, block.cut))
    return pace.pieces(json.dumps(given, ensure_ascii=False)[: block.cut])


def _by_parameter(given: Mapping[str, Any], cut: int | None) -> Iterator[str]:
    """The JSON of an input in one piece per parameter, up to `cut` characters."""
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


def _deltas(block: ScenarioBlock, pace: _Pace) -> Iterator[tuple[float, Mapping[str, Any]]]:
    content = block.content
    match block.type:
        case "text":
            for citation in content.get("citations") or ():
                yield _NEXT_EVENT_MS, {"type": "citations_delta", "citation": citation}
            for delay, piece in pace.pieces(content["text"][: block.cut]):
                yield delay, {"type": "text_delta", "text": piece}
        case "thinking":
            for delay, piece in pace.pieces(content["thinking"][: block.cut]):
                yield delay, {"type": "thinking_delta", "thinking": piece}
            if block.cut is None:
                signature = content["signature"]
                yield _NEXT_EVENT_MS, {"type": "signature_delta", "signature": signature}
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            # The API sends an empty fragment first; a call without input gets no other.
            yield _NEXT_EVENT_MS, {"type": "input_json_delta", "partial_json": ""}
            for delay, piece in _input_pieces(block, pace):
                yield delay, {"type": "input_json_delta", "partial_json": piece}
        case "compaction":
            parts = {key: content.get(key) for key in ("content", "encrypted_content")}
            yield _NEXT_EVENT_MS, {"type": "compaction_delta", **parts}
