"""Server-sent events from bytes, wherever the network divided them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# The longest recorded line has 256 kB. A body that never ends a frame would fill memory.
MOST_BYTES = 32_000_000
# Two line ends, each LF, CRLF or CR. The first group is atomic: a CRLF never counts as two.
_BLANK_LINE = re.compile(rb"(?>\r\n?|\n)(?:\r\n?|\n)")
# The form in which Claude writes events, if there is no CR. Other forms take longer to parse.
_PLAIN = re.compile(rb"(?:event: ?(.*)\n)?data: ?(.*)\n\n")
_BOM = b"\xef\xbb\xbf"


class TooLong(ValueError):
    """A frame has more than MOST_BYTES. Nothing after it can be read."""


@dataclass(slots=True)
class Frame:
    """A frame: `raw` are its bytes, with the blank line that ended it.

    `name` is its event line, "" without one. `data` are its data lines, joined by LF; it is None
    without any, as in a comment.
    """

    raw: bytes
    name: str
    data: bytes | None

    @property
    def text(self) -> str:
        """The data as text, where bytes that are no UTF-8 become U+FFFD; "" without data."""
        return (self.data or b"").decode("utf-8", "replace")


class FrameParser:
    """Parses frames as the standard does. Together they have all bytes of the body, in order.

    The time is in proportion to the number of bytes, in whatever lines and chunks they are.
    """

    def __init__(self) -> None:
        self._is_first = True
        # The bytes of the frame that is not complete. No blank line begins before `_searched`.
        self._pending = bytearray()
        self._searched = 0

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that this chunk completes. Raises TooLong after the frames before it."""
        if not self._pending and chunk.endswith(b"\n\n") and b"\r" not in chunk:
            # Most chunks are whole events, and this takes half the time.
            for raw in chunk[:-2].split(b"\n\n"):
                yield self._frame(raw + b"\n\n")
            return
        pending = self._pending
        pending += chunk
        start = 0
        while found := _BLANK_LINE.search(pending, max(start, self._searched)):
            # A CR at the end of a chunk can be half of a CRLF. The frame is complete either way;
            # a line feed at the beginning of the next one changes nothing.
            yield self._frame(bytes(pending[start : found.end()]))
            start = found.end()
            self._searched = 0
        del pending[:start]
        # The last line end can be the first half of a blank line.
        self._searched = max(0, len(pending) - 2)
        if len(pending) > MOST_BYTES:
            pending.clear()
            raise TooLong

    def end(self) -> Frame:
        """The body has ended. Returns the frame that no blank line ended: the standard drops it."""
        return self._frame(bytes(self._pending))

    def _frame(self, raw: bytes) -> Frame:
        content = raw.removeprefix(_BOM) if self._is_first else raw
        self._is_first = False
        if b"\r" not in content and (plain := _PLAIN.fullmatch(content)):
            name, data = plain.groups()
            return Frame(raw, name.decode("utf-8", "replace") if name else "", data)
        name, lines = b"", []
        for line in content.splitlines():
            field, _, value = line.partition(b":")
            if field == b"data":
                lines.append(value.removeprefix(b" "))
            elif field == b"event":
                name = value.removeprefix(b" ")
        return Frame(raw, name.decode("utf-8", "replace"), b"\n".join(lines) if lines else None)
