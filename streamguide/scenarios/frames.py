"""Timed frames: the bytes of a stream and when to send them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streamguide.protocol.sse import encode
from streamguide.scenarios.script import TimedEvent


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes to send `at` this number of milliseconds after the request.

    `event` is the number of the event in them, from 1; 0 for bytes that belong to no event.
    """

    at: int
    data: bytes
    event: int = 0


def to_frames(events: Iterable[TimedEvent]) -> list[Frame]:
    """Encode each event as a frame."""
    return [
        Frame(timed.at, encode(timed.event, timed.padding), number)
        for number, timed in enumerate(events, 1)
    ]
