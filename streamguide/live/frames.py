"""Cuts the bytes of an event stream into frames, and parses their data.

The bytes are sent on unchanged. The parsed data is only for the type and the usage of an event.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

# A line ends with LF, CRLF or CR. The group is atomic, so that a CRLF never counts as two ends. Where
# lines end with CRLF, a CR at the end of the buffer is kept until its LF is received.
_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r)(?:\r\n|\n|(?<=\r)\r)")
# The form in which Claude writes events. Other forms take longer to parse.
_PLAIN = re.compile(rb"(?:event:[^\r\n]*\n)?data:([^\r\n]*)\n\n")
# The longest recorded line has 256 kB.
MOST_BYTES = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class BrokenEvent(ValueError):
    """An event that cannot be parsed. The message says why, without quoting it."""


@dataclass(slots=True)
class ReceivedFrame:
    """One frame, including the blank line at its end.

    `event` is the JSON object of its data, or None without data, as in a comment.
    """

    data: bytes
    event: dict[str, Any] | None

    @property
    def type(self) -> str:
        """The event's type; "" without an event."""
        type_ = self.event.get("type") if self.event else None
        return type_ if isinstance(type_, str) else ""


class FrameCutter:
    """Cuts chunks of any size into frames, which have all their bytes in order.

    The bytes of an incomplete frame are buffered.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[ReceivedFrame]:
        """The frames that this chunk completes. Raises BrokenEvent after the frames before it."""
        if not self._rest and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            # Most chunks are whole events, and this takes half the time.
            for frame in chunk[:-2].split(b"\n\n"):
                yield self._frame(frame + b"\n\n")
            return
        rest = self._rest
        rest += chunk
        start = 0
        while found := _BLANK_LINE.search(rest, max(start, self._searched)):
            yield self._frame(bytes(rest[start : found.end()]))
            start = found.end()
            self._searched = 0
        del rest[:start]
        if len(rest) > MOST_BYTES:
            raise BrokenEvent(f"It has more than {MOST_BYTES:,} bytes.")
        # A blank line may be buffered in part.
        self._searched = max(0, len(rest) - 3)

    def end(self) -> Iterator[ReceivedFrame]:
        """After the last chunk: an event without a blank line after it, if it is complete.

        Several recorded streams end like this. The blank line is added. Raises BrokenEvent for an
        incomplete event.
        """
        if self._rest.strip():
            yield self._frame(bytes(self._rest) + b"\n\n")

    def _frame(self, data: bytes) -> ReceivedFrame:
        first = not self._begun
        self._begun = True
        text = _data(data.removeprefix(_BOM) if first else data)
        return ReceivedFrame(data, None if text is None else _parsed(text))


def _data(frame: bytes) -> bytes | None:
    if plain := _PLAIN.fullmatch(frame):
        return plain[1]
    lines = [line[5:] for line in frame.splitlines() if line.startswith(b"data:")]
    return b"\n".join(lines) if lines else None


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        event = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise BrokenEvent("Its data is not JSON.") from None
    if not isinstance(event, dict):
        raise BrokenEvent("Its data is no JSON object.")
    return event
