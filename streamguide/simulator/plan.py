"""What one response will be: its status and headers, its frames, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from streamguide.protocol.refusal import Refusal, envelope
from streamguide.protocol.table import Table
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.frames import Frame, to_frames
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script

# chunked: HTTP/1.1, the connection stays; close: chunked with `Connection: close`;
# http10: HTTP/1.0, the body ends where the connection does.
Framing = Literal["chunked", "close", "http10"]
# whole: as the framing ends a body; drop: the connection is closed in the middle of it;
# reset: the same by a TCP reset.
End = Literal["whole", "drop", "reset"]

SSE = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Plan:
    """One response. `headers` has only what depends on the body.

    The servers send the head with the first frame. With `head_first` it goes out before, after
    `head_at` milliseconds, so that a fault at the first event finds a response that has begun.
    A plan without frames that ends in a drop closes the connection before the status line.
    """

    frames: tuple[Frame, ...]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(SSE))
    framing: Framing = "chunked"
    end: End = "whole"
    head_first: bool = False
    head_at: int = 0

    @property
    def streamed(self) -> bool:
        """Whether the body is a stream of events."""
        return self.headers["content-type"] == SSE["content-type"]


def stream_plan(answer: Answer) -> Plan:
    """The answer as an event stream."""
    return Plan(tuple(to_frames(script(answer))))


def json_plan(answer: Answer, table: Table) -> Plan:
    """The same answer to a request without `stream`: it is sent when the stream would end.

    Where the stream ends in an error, it is an HTTP error of that type.
    """
    took = script(answer)[-1].at
    error = answer.scenario.error
    if error is not None:
        status = table.errors[error["type"]].status or 500
        refusal = Refusal(status, error["type"], error["message"])
        return refusal_plan(refusal, answer.request_id, took)
    return Plan((Frame(took, to_json(full_message(answer))),), headers=dict(JSON))


def refusal_plan(refusal: Refusal, request_id: str, at: int = 0) -> Plan:
    """An error before the stream, after `at` milliseconds."""
    body = to_json(envelope(refusal, request_id))
    return Plan((Frame(at, body),), refusal.status, JSON | refusal.headers)


def to_json(value: Any) -> bytes:
    """Compact JSON as the API sends it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()
