"""A stream of the corpus and what it means, and the parts from which most are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from streamguide.protocol.sse import encode
from streamguide.reading.rules import Rule
from streamguide.scenarios.frames import Frame

SSE = {"content-type": "text/event-stream; charset=utf-8"}
HTML = {"content-type": "text/html; charset=utf-8"}
_PAUSE_MS = 40
TEXT = "The tide comes in twice a day."
CALL = {"type": "tool_use", "id": "toolu_corpus", "name": "get_tide", "input": {"port": "Brest"}}


@dataclass(frozen=True, slots=True)
class Case:
    """A stream and what it means. `end`: whole, drop (no end of the body) or open (no end at all).

    `informational` are statuses of 1xx that come first. `gzip`: to a client that accepts it, the body
    is sent compressed, and in one piece at its end.

    `error` are words that a client must tell. `differs` names what another good client may read
    otherwise.
    """

    name: str
    rules: tuple[str, ...]
    title: str
    frames: tuple[Frame, ...]
    text: str = TEXT
    blocks: tuple[Mapping[str, Any], ...] = ({"type": "text", "text": TEXT},)
    stop_reason: str | None = "end_turn"
    usage: Mapping[str, Any] = field(
        default_factory=lambda: {"input_tokens": 21, "output_tokens": 12}
    )
    complete: bool = True
    error: str | None = None
    differs: tuple[str, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(SSE))
    end: str = "whole"
    informational: tuple[int, ...] = ()
    gzip: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(frame.data for frame in self.frames)

    def as_json(self, rules: Mapping[str, Rule]) -> dict[str, Any]:
        evidence = {one.text: None for rule in self.rules for one in rules[rule].evidence}
        return {
            "title": self.title,
            "response": {
                "status": self.status,
                "headers": dict(self.headers),
                "chunks": [[frame.at, len(frame.data)] for frame in self.frames],
                "end": self.end,
                "informational": self.informational,
                "gzip": self.gzip,
            },
            "expected": {
                "rules": self.rules,
                "evidence": list(evidence),
                "text": self.text,
                "blocks": self.blocks,
                "stop_reason": self.stop_reason,
                "usage": self.usage,
                "complete": self.complete,
                "error": self.error,
                "may_differ": self.differs,
            },
        }


def message_start(**changes: Any) -> bytes:
    message = {
        "id": "msg_corpus",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 21, "output_tokens": 1},
    } | changes
    kept = {name: value for name, value in message.items() if value is not ...}
    return encode({"type": "message_start", "message": kept})


def block_start(index: int = 0, **block: Any) -> bytes:
    content = block or {"type": "text", "text": ""}
    return encode({"type": "content_block_start", "index": index, "content_block": content})


def delta(index: int, type_: str, **payload: Any) -> bytes:
    changes = {"type": type_, **payload}
    return encode({"type": "content_block_delta", "index": index, "delta": changes})


def say(text: str, index: int = 0) -> bytes:
    return delta(index, "text_delta", text=text)


def block_stop(index: int = 0) -> bytes:
    return encode({"type": "content_block_stop", "index": index})


def message_delta(reason: str | None = "end_turn", usage: Any = ...) -> bytes:
    event = {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}}
    return encode(event | ({} if usage is None else {"usage": OUT if usage is ... else usage}))


def error(type_: str, message: str) -> bytes:
    return encode({"type": "error", "error": {"type": type_, "message": message}})


def raw(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


OUT = {"output_tokens": 12}
STOP = encode({"type": "message_stop"})
PING = encode({"type": "ping"})
SAID = (block_start(), say("The tide comes "), say("in twice a day."), block_stop())
BEGUN = (message_start(), block_start(), say("The tide comes "))
REST = (say("in twice a day."), block_stop(), message_delta(), STOP)
WHOLE = (*BEGUN, *REST)
HALF = {"text": "The tide comes ", "blocks": ({"type": "text", "text": "The tide comes "},)}
UNDECIDED = {"stop_reason": None, "usage": {"input_tokens": 21, "output_tokens": 1}}
CUT = {**HALF, **UNDECIDED, "complete": False}
NOTHING: Mapping[str, Any] = {
    "text": "",
    "blocks": (),
    "stop_reason": None,
    "usage": {},
    "complete": False,
}


def call(index: int, *fragments: str, start: Mapping[str, Any] | None = None) -> tuple[bytes, ...]:
    deltas = (delta(index, "input_json_delta", partial_json=one) for one in fragments)
    return (block_start(index, **(start or CALL | {"input": {}})), *deltas, block_stop(index))


def written(name: str, rules: str, title: str, *pieces: bytes, **expected: Any) -> Case:
    pause = _PAUSE_MS if len(pieces) < 100 else 1
    frames = tuple(Frame(pause * n, piece) for n, piece in enumerate(pieces, 1))
    return Case(name, tuple(rules.split()), title, frames, **expected)


# ------------------------------------------------------------------------------------ the cases
