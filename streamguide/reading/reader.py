"""A response read from its first byte to its end.

>>> reader = StreamReader(200, "text/event-stream")
>>> reader.feed(b'event: error\\ndata: "no more"\\n\\n')
>>> reader.end().words
'no more'
"""

from __future__ import annotations

from streamguide.reading.ending import Ending, ending_of, not_a_stream
from streamguide.reading.events import event_of
from streamguide.reading.frames import FrameParser, TooLong
from streamguide.reading.message import Message

# A body that is no stream is an error or a web page, of which the beginning is enough.
_MOST_BODY = 1_000_000


class StreamReader:
    """Reads one response, whose chunks may have any size. It has no transport and no clock."""

    def __init__(self, status: int, content_type: str) -> None:
        self.message = Message()
        self.is_stream = status == 200 and media_type(content_type) == "text/event-stream"
        self._status = status
        self._content_type = content_type
        self._body = bytearray()
        self._frames = FrameParser()
        self._is_too_long = False

    def feed(self, chunk: bytes) -> None:
        """Read the next bytes of the body."""
        if not self.is_stream:
            self._body += chunk[: _MOST_BODY - len(self._body)]
        elif not self._is_too_long:
            try:
                for frame in self._frames.feed(chunk):
                    self.message.read(frame)
            except TooLong:
                self._is_too_long = True

    def end(self) -> Ending:
        """The body has ended, in whichever way: only message_stop makes a message complete."""
        if not self.is_stream:
            return not_a_stream(self._status, self._content_type, bytes(self._body))
        return ending_of(self.message, event_of(self._frames.end()), self._is_too_long)


def media_type(content_type: str) -> str:
    """The media type of a content-type, in lower case and without its parameters."""
    return content_type.partition(";")[0].strip().lower()
