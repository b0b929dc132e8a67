"""The body of a streamed response."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class StreamBody:
    """A WSGI iterable that is the frames' own iterator, and calls `closed` when the server is done.

    Flask and Werkzeug wrap a body in generators, which every event of every stream would pass
    through (measured: `python -m tools.bench simulator`).
    """

    def __init__(self, frames: Iterator[bytes], closed: Callable[[], None]) -> None:
        self._frames = frames
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        return self._frames

    def close(self) -> None:
        """Close the frames' generator. The server calls it however the response ended."""
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()
        self._closed()
