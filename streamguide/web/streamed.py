"""A streamed answer without the framework's wrappers."""

from __future__ import annotations

from collections.abc import Callable, Iterator


class Streamed:
    """What the server iterates over: the frames themselves, with nothing around them.

    Flask's and Werkzeug's own wrappers are generators about ours, which each event of each
    stream would pass through (measured: `python -m bench simulator`).
    """

    def __init__(self, frames: Iterator[bytes], closed: Callable[[], None]) -> None:
        self._frames = frames
        self._closed = closed

    def __iter__(self) -> Iterator[bytes]:
        return self._frames

    def close(self) -> None:
        """The server calls it when the answer is over, however it ended."""
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()
        self._closed()
