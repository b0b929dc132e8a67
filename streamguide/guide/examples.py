"""Real bytes for the guide: events of the scenarios, and the envelope of an error."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

from streamguide.protocol.sse import encode
from streamguide.protocol.table import Delta, Entry, ErrorType, Table
from streamguide.scenarios.answer import draw, make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.script import script

_ALPHANUMERIC = string.digits + string.ascii_letters
# A sample that is still longer than this when shortened is shown only if there is no other.
_SHORT = 800
_LONGEST_STRING = 160
_KEPT_AT_START, _KEPT_AT_END = 72, 16
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]")


@dataclass(frozen=True, slots=True)
class Place:
    """Events of a scenario, from `first` to `last`; counted from 1, as the demo does."""

    scenario: Scenario
    first: int
    last: int

    @property
    def url(self) -> str:
        """The demo at the first of these events."""
        return f"/demo?scenario={self.scenario.name}&event={self.first}"


@dataclass(frozen=True, slots=True)
class Example:
    """Bytes as text, whole, and where they are from: None if no scenario has them."""

    text: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """An event of a scenario and its frame."""

    event: Mapping[str, Any]
    text: str


Streams = Mapping[str, tuple[Sent, ...]]


def play(scenario: Scenario) -> tuple[Sent, ...]:
    """Everything that the scenario sends, with the bytes that it has everywhere."""
    events = script(make_answer(scenario))
    frames = to_frames(events)
    return tuple(
        Sent(timed.event, frame.data.decode()) for timed, frame in zip(events, frames, strict=True)
    )


def find_examples(
    table: Table, scenarios: Mapping[str, Scenario], streams: Streams
) -> Mapping[str, Example]:
    """An example for each entry of the table by its anchor, as far as there is one."""
    found = {error.anchor: error_envelope(error) for error in table.errors.values()}
    best: dict[str, tuple[bool, ...]] = {}
    for scenario, number, sent in _all_sent(scenarios, streams):
        for entry in table.explain(sent.event):
            faults = _faults(entry, scenario, sent)
            # Of equally good ones the first counts: scenarios go from plain to special.
            if entry.anchor not in best or faults < best[entry.anchor]:
                best[entry.anchor] = faults
                found[entry.anchor] = Example(sent.text, Place(scenario, number, number))
    return MappingProxyType(found)


def _all_sent(
    scenarios: Mapping[str, Scenario], streams: Streams
) -> Iterator[tuple[Scenario, int, Sent]]:
    for name, scenario in scenarios.items():
        for number, sent in enumerate(streams[name], start=1):
            yield scenario, number, sent


def _faults(entry: Entry, scenario: Scenario, sent: Sent) -> tuple[bool, ...]:
    """What speaks against showing this event for the entry, the worst first."""
    name = sent.event["type"]
    is_empty = isinstance(entry, Delta) and not sent.event["delta"].get(entry.payload)
    is_unusual = scenario.whole_at_start or (entry.kind == "stop" and name != "message_delta")
    return (is_unusual, is_empty, scenario.beta, len(shorten(sent.text)) > _SHORT)


def error_envelope(error: ErrorType) -> Example:
    """What a client receives for an error, made from the table's entry."""
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
    """The text with the middle of each long JSON string replaced by a count of it."""
    return _STRING.sub(lambda match: f'"{_shorten_string(match[1])}"', text)


def _shorten_string(inner: str) -> str:
    # One item a character, so that an escape such as \n is neither split nor counted twice.
    characters = _CHARACTER.findall(inner)
    if len(characters) <= _LONGEST_STRING:
        return inner
    start, end = characters[:_KEPT_AT_START], characters[-_KEPT_AT_END:]
    left_out = len(characters) - len(start) - len(end)
    return f"{''.join(start)}…({left_out:,} more characters)…{''.join(end)}"
