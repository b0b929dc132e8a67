"""Timed frames of bytes: what is sent, and when. Faults change them; senders play them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from streamguide.protocol.sse import encode
from streamguide.scenarios.script import TimedEvent


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes to send, and the milliseconds since the request at which to send them.

    `event` is the number of the event that they carry, from 1; 0 for bytes of no event.
    """

    at: int
    data: bytes
    event: int = 0


def to_frames(events: Iterable[TimedEvent]) -> list[Frame]:
    """One frame per event."""
    return [
        Frame(timed.at, encode(timed.event, timed.padding), number)
        for number, timed in enumerate(events, 1)
    ]
