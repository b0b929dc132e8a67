"""The bytes of an event stream cut into whole frames, with what each says read along.

Bytes are passed on as they came. A frame's data is parsed once, and only to know its type and
its usage: the browser is the one that decodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

# A line ends with LF, CRLF or CR. Atomic, so that one CRLF never counts as two ends; and where
# lines end with CRLF, a CR that came last waits for its LF.
_BLANK_LINE = re.compile(rb"(?>\r\n|\n|\r)(?:\r\n|\n|(?<=\r)\r)")
# How Claude writes an event. What is written in another way takes longer to read.
_PLAIN = re.compile(rb"(?:event:[^\r\n]*\n)?data:([^\r\n]*)\n\n")
# The longest recorded line has 256 kB.
MOST_BYTES = 16 * 1024 * 1024
_BOM = b"\xef\xbb\xbf"


class BrokenEvent(ValueError):
    """An event that nobody can read. The message says why, and quotes nothing of it."""


@dataclass(slots=True)
class Frame:
    """One frame, with the blank line that ends it.

    `event` is the JSON object of its data; None where it has none, as in a comment.
    """

    data: bytes
    event: dict[str, Any] | None

    @property
    def type(self) -> str:
        """The event's type, "" where there is no event."""
        type_ = self.event.get("type") if self.event else None
        return type_ if isinstance(type_, str) else ""


class FrameCutter:
    """Takes bytes in pieces of any size and gives whole frames.

    All bytes that come are in the frames, in order; those of an unfinished one wait for the rest.
    """

    def __init__(self) -> None:
        self._rest = bytearray()
        self._searched = 0
        self._begun = False

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that this piece completes. Raises BrokenEvent after those before it."""
        if not self._rest and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            # Most pieces are whole events, and this is half the work.
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
        # A line's end may be buffered in part.
        self._searched = max(0, len(rest) - 3)

    def end(self) -> Iterator[Frame]:
        """After the last piece: the event that no blank line ended, with one, if it is whole.

        Several recorded streams end like this. Raises BrokenEvent for half an event.
        """
        if self._rest.strip():
            yield self._frame(bytes(self._rest) + b"\n\n")

    def _frame(self, data: bytes) -> Frame:
        first = not self._begun
        self._begun = True
        text = _data(data.removeprefix(_BOM) if first else data)
        return Frame(data, None if text is None else _parsed(text))


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
