"""The plan of a response: status and headers, frames with their times, and its end."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from streamguide.protocol.refusal import Refusal, envelope
from streamguide.protocol.table import Table
from streamguide.reading.reader import media_type
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.frames import Frame, to_frames
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script

# chunked: HTTP/1.1 with keep-alive; close: chunked with `Connection: close`;
# http10: HTTP/1.0, whose body ends with the connection.
Framing = Literal["chunked", "close", "http10"]
# whole: the body ends; drop: the connection is closed before its end; reset: by a TCP reset; open:
# nothing more is sent, and the connection stays open.
End = Literal["whole", "drop", "reset", "open"]

# Some faults send message_stop in pieces.
_LAST_FRAMES = 100

SSE = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Plan:
    """A response. `headers` are only those that depend on the body.

    The server sends the head with the first frame, or with `head_first` by itself after `head_at`
    milliseconds, so that a fault at the first event happens after the head. A drop without frames
    closes the connection before the status line. `informational` are statuses of 1xx that come
    before the head. An `altered` stream has other events than its message: message_stop does not
    tell whether a client has all of it.
    """

    frames: tuple[Frame, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(SSE))
    framing: Framing = "chunked"
    end: End = "whole"
    head_first: bool = False
    head_at: int = 0
    informational: tuple[int, ...] = ()
    altered: bool = False

    @property
    def streamed(self) -> bool:
        """Whether the body is a stream of events."""
        return media_type(self.headers.get("content-type", "")) == "text/event-stream"

    @property
    def is_whole(self) -> bool:
        """Whether it is an answer that is not broken off, as far as its bytes tell."""
        if self.status != 200 or self.end != "whole":
            return False
        if not self.streamed or "content-encoding" in self.headers:
            return True
        return b'"message_stop"' in b"".join(frame.data for frame in self.frames[-_LAST_FRAMES:])

    @property
    def is_cut(self) -> bool:
        """Whether the connection is closed before the end of the body."""
        return self.end in ("drop", "reset")


def stream_plan(answer: Answer) -> Plan:
    """The answer as an event stream."""
    return Plan(tuple(to_frames(script(answer))))


def json_plan(answer: Answer, table: Table) -> Plan:
    """The answer to a request without `stream`, at the time at which its stream would end.

    If the stream ends with an error, it is an HTTP error of the same type.
    """
    took = script(answer)[-1].at
    error = answer.scenario.error
    if error is not None:
        status = table.errors[error["type"]].status or 500
        refusal = Refusal(status, error["type"], error["message"])
        return refusal_plan(refusal, answer.request_id, took)
    return Plan((Frame(took, to_json(full_message(answer))),), headers=dict(JSON))


def refusal_plan(refusal: Refusal, request_id: str, at: int = 0) -> Plan:
    """An error instead of a stream, after `at` milliseconds."""
    body = to_json(envelope(refusal, request_id))
    return Plan((Frame(at, body),), refusal.status, JSON | refusal.headers)


def to_json(value: Any) -> bytes:
    """Compact JSON, as the API sends it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()
