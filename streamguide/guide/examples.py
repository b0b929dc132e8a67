"""Examples for the guide: events of the scenarios as bytes, and bodies of errors."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from streamguide.protocol.sse import encode
from streamguide.protocol.table import DeltaType, ErrorType, ProtocolEntry, Table
from streamguide.scenarios.answer import draw, make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.script import script

_ALPHANUMERIC = string.digits + string.ascii_letters
# An example that is longer than this after shortening is chosen only if there is no other.
_SHORT = 800
_LONGEST_STRING = 160
_KEPT_AT_START, _KEPT_AT_END = 72, 16
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]")


@dataclass(frozen=True, slots=True)
class SourceReference:
    """Events of a scenario, from number `first` to number `last`, counted from 1."""

    scenario: Scenario
    first: int
    last: int

    @property
    def url(self) -> str:
        """The demo at the first of these events."""
        return f"/demo?scenario={self.scenario.name}&event={self.first}"


@dataclass(frozen=True, slots=True)
class Example:
    """The whole text of an example; `source` is None if no scenario contains it."""

    text: str
    source: SourceReference | None = None


@dataclass(frozen=True, slots=True)
class WireEvent:
    """An event, parsed and as the text of its frame."""

    event: Mapping[str, Any]
    text: str


Streams = Mapping[str, tuple[WireEvent, ...]]


def wire_events(scenario: Scenario) -> tuple[WireEvent, ...]:
    """The scenario's stream, with the same bytes as in the demo and the simulator."""
    events = script(make_answer(scenario))
    return tuple(
        WireEvent(timed.event, frame.data.decode())
        for timed, frame in zip(events, to_frames(events), strict=True)
    )


def find_examples(
    table: Table, scenarios: Mapping[str, Scenario], streams: Streams
) -> Mapping[str, Example]:
    """The best example of each entry by its anchor; entries without an example are missing."""
    found = {error.anchor: error_envelope(error) for error in table.errors.values()}
    best: dict[str, tuple[bool, ...]] = {}
    for name, scenario in scenarios.items():
        for number, wire_event in enumerate(streams[name], start=1):
            for entry in table.explain(wire_event.event):
                flaws = _flaws(entry, scenario, wire_event)
                # The first of equally good ones: scenarios are ordered from plain to special.
                if entry.anchor not in best or flaws < best[entry.anchor]:
                    best[entry.anchor] = flaws
                    source = SourceReference(scenario, number, number)
                    found[entry.anchor] = Example(wire_event.text, source)
    return found


def _flaws(entry: ProtocolEntry, scenario: Scenario, wire_event: WireEvent) -> tuple[bool, ...]:
    """The reasons not to show this event as the entry's example, the worst first."""
    event = wire_event.event
    is_unusual = scenario.whole_at_start or (
        entry.kind == "stop" and event["type"] != "message_delta"
    )
    is_empty = isinstance(entry, DeltaType) and not event["delta"].get(entry.payload)
    return (is_unusual, is_empty, scenario.beta, len(shorten(wire_event.text)) > _SHORT)


def error_envelope(error: ErrorType) -> Example:
    """The error as a client receives it: an `error` event, or an HTTP response."""
    body: dict[str, Any] = {"type": error.name, "message": error.message}
    request_id = "req_011" + draw(Random(error.name), _ALPHANUMERIC, 21)
    if error.in_stream:
        body["details"] = None
    whole = {"type": "error", "error": body, "request_id": request_id}
    if error.in_stream:
        return Example(encode(whole).decode())
    head = f"HTTP/1.1 {error.status}\ncontent-type: application/json\nrequest-id: {request_id}\n\n"
    return Example(head + json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n")


def shorten(text: str) -> str:
    """The text with the middle of each long JSON string replaced by the number of characters."""
    return _STRING.sub(lambda match: f'"{_shorten_string(match[1])}"', text)


def _shorten_string(inner: str) -> str:
    # An escape sequence such as \n is one character: it must not be split, nor counted twice.
    characters = _CHARACTER.findall(inner)
    if len(characters) <= _LONGEST_STRING:
        return inner
    start, end = characters[:_KEPT_AT_START], characters[-_KEPT_AT_END:]
    omitted = len(characters) - len(start) - len(end)
    return f"{''.join(start)}…({omitted:,} more characters)…{''.join(end)}"
