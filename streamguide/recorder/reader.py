"""Follows an answer on its way through the recorder, to say what is in it. It changes no byte."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from streamguide.reading.ending import one_line, told_by
from streamguide.reading.events import Event, parse_json
from streamguide.reading.frames import FrameParser, TooLong
from streamguide.reading.outline import Outline, mapping
from streamguide.reading.reader import media_type

# What is kept of an answer's text for the list; the recording has all of it.
_MOST_TEXT = 280
# Of a stream without an end, the first of its events are enough for a strip.
MOST_TICKS = 2000
_MOST_SIZE = 40
_MOST_NAME = 60
# A body that is no stream is read to here; a few compressed bytes can be very many.
_MOST_BODY = 4 * 1024 * 1024
_MOST_DECODED = 64 * 1024 * 1024
_PIECE = 256 * 1024
# Both gzip's and zlib's form.
_ZLIB = 47
_READABLE = {"gzip": _ZLIB, "x-gzip": _ZLIB, "deflate": _ZLIB}


class AnswerReader:
    """Follows one answer. Times are in milliseconds since the request.

    `ticks` are the events as `(at, name, size)`, whose size is the number of characters that a
    delta brings, at most 40. `text` is the beginning of the text, `message` the rest of what is
    known of it, `error` what an error says in one line, and `counted` what count_tokens answered.
    """

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.events = 0
        self.ticks: list[tuple[int, str, int]] = []
        self.first_event_ms: int | None = None
        self.first_word_ms: int | None = None
        self.largest_gap_ms: int | None = None
        self.text = ""
        self.is_stream = (
            status == 200 and media_type(headers.get("content-type", "")) == "text/event-stream"
        )
        self._is_error = status >= 300
        self.message = Outline()
        self.error = ""
        self.counted: int | None = None
        self._body = bytearray()
        self._frames: FrameParser | None = FrameParser()
        self._decoder = Decoder(headers.get("content-encoding", ""))
        self._last_ms = 0

    def feed(self, chunk: bytes, at: int) -> bytes:
        """Read the next bytes of the body; returns them without compression."""
        decoded = self._decoder.feed(chunk)
        if not self.is_stream:
            self._body += decoded[: _MOST_BODY - len(self._body)]
        elif self._frames is not None:
            try:
                for frame in self._frames.feed(decoded):
                    if frame.data is not None:
                        self._read(self.message.read(frame), frame.name, at)
            except TooLong:
                self._frames = None
        return decoded

    def _read(self, event: Event | None, name: str, at: int) -> None:
        if self.message.error is not None:
            self.error = one_line(self.message.error)
        type_ = (event or {}).get("type")
        self.events += 1
        if self.first_event_ms is None:
            self.first_event_ms = at
        else:
            self._pause_until(at)
        self._last_ms = at
        delta = mapping((event or {}).get("delta"))
        if len(self.ticks) < MOST_TICKS:
            size = sum(len(one) for one in _texts(delta)) if "delta" in name else 0
            kind = type_ if isinstance(type_, str) else name
            self.ticks.append((at, kind[:_MOST_NAME], min(size, _MOST_SIZE)))
        if delta.get("type") == "text_delta":
            self._say(delta.get("text"), at)

    def _say(self, text: object, at: int) -> None:
        if not isinstance(text, str) or not text:
            return
        if self.first_word_ms is None:
            self.first_word_ms = at
        self.text += text[: _MOST_TEXT - len(self.text)]

    def _pause_until(self, at: int) -> None:
        self.largest_gap_ms = max(self.largest_gap_ms or 0, at - self._last_ms)

    def end(self, at: int) -> None:
        """The body has ended, in whichever way."""
        if self.is_stream:
            if self.first_event_ms is not None:
                self._pause_until(at)
            return
        body = bytes(self._body)
        # Parsed, it takes several times as much memory.
        self._body.clear()
        value = mapping(parse_json(body.decode(errors="replace")))
        if self._is_error or "error" in value:
            self.error = one_line(told_by(body, is_error=True))
        content = value.get("content")
        for block in content if isinstance(content, list) else []:
            self._say(mapping(block).get("text"), at)
        if value.get("type") == "message":
            self.message.apply({"type": "message_start", "message": {**value, "content": []}})
            self.message.apply({"type": "message_stop"})
        tokens = value.get("input_tokens")
        self.counted = tokens if type(tokens) is int else None

    def hide(self, clean: Callable[[str], str]) -> None:
        """Forget the message, and clean the texts."""
        self.message = Outline()
        self.text, self.error = clean(self.text), clean(self.error)

    @property
    def encoding(self) -> str:
        """How the body is compressed; "" if it is not."""
        return self._decoder.coding


class Decoder:
    """Undoes the compression of a body, as far as it can. `coding` is "" without one."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().lower()
        self.coding = "" if coding in ("", "identity") else coding
        self._zlib = zlib.decompressobj(_READABLE[coding]) if coding in _READABLE else None
        self._left = _MOST_DECODED

    def feed(self, chunk: bytes) -> bytes:
        """The bytes without compression; none that cannot be read."""
        if not self.coding:
            return chunk
        return b"".join(self._decoded(chunk))

    def _decoded(self, chunk: bytes) -> Iterator[bytes]:
        while chunk and self._zlib is not None and self._left > 0:
            try:
                piece = self._zlib.decompress(chunk, _PIECE)
            except zlib.error:
                self._zlib = None
                return
            self._left -= len(piece)
            chunk = self._zlib.unconsumed_tail
            yield piece


def _texts(delta: Mapping[str, Any]) -> Iterator[str]:
    return (value for name, value in delta.items() if name != "type" and isinstance(value, str))
