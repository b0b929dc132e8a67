"""Server-sent events from bytes, wherever the network divided them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

# The longest recorded line has 256 kB. A body that never ends a line would fill memory.
MOST_CHARACTERS = 32_000_000
_LINE_END = re.compile(r"\r\n?|\n")
_BOM = "\ufeff"


class TooLong(ValueError):
    """A frame has more than MOST_CHARACTERS. Nothing after it can be read."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame with data: `name` is its event line, "" without one; data lines are joined by LF."""

    name: str
    data: str


class FrameParser:
    """Parses frames as the standard does. A frame without data is passed over."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._is_first = True
        self._skip_line_feed = False
        # The pending line in pieces, because a line can be received in very many chunks.
        self._pieces: list[str] = []
        self._lines: list[str] = []
        # Characters of the frame that is not complete.
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that this chunk completes. Raises TooLong after the frames before it."""
        text = self._decoder.decode(chunk)
        if not text:
            return
        if self._is_first:
            text = text.removeprefix(_BOM)
            self._is_first = False
        start = int(self._skip_line_feed and text.startswith("\n"))
        for found in _LINE_END.finditer(text, start):
            line = "".join((*self._pieces, text[start : found.start()]))
            start = found.end()
            self._pieces.clear()
            if line:
                self._lines.append(line)
                self._size = sum(map(len, self._lines))
            elif (frame := self._frame()) is not None:
                yield frame
        # A CR at the end of a chunk can be half of a CRLF. The line is complete either way.
        self._skip_line_feed = text.endswith("\r")
        self._pieces.append(text[start:])
        self._size += len(text) - start
        if self._size > MOST_CHARACTERS:
            raise TooLong

    def end(self) -> str:
        """The body has ended. Returns the lines that no blank line ended: the standard drops them."""
        line = "".join((*self._pieces, self._decoder.decode(b"", final=True)))
        return "\n".join(filter(None, (*self._lines, line)))

    def _frame(self) -> Frame | None:
        lines, self._lines, self._size = self._lines, [], 0
        data = list(_values("data", lines))
        names = list(_values("event", lines))
        return Frame(names[-1] if names else "", "\n".join(data)) if data else None


def _values(field: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        name, _, value = line.partition(":")
        if name == field:
            yield value.removeprefix(" ")
