"""Waiting that somebody else can end, and only while it is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from greenlet import greenlet


class Interrupted(BaseException):
    """The wait was ended. No Exception: libraries catch those, and try again."""


class Waiting:
    """One greenlet's waits, which others may end.

    Unlike `Greenlet.kill`, it reaches only what is inside of `interruptible`: a server's greenlet
    has other work to do, before and after.
    """

    def __init__(self) -> None:
        self._greenlet: greenlet | None = None
        self._throwing: Any = None

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """What is waited for in here may end with Interrupted."""
        self._greenlet = gevent.getcurrent()
        try:
            yield
        finally:
            self._greenlet = None
            if self._throwing is not None:
                # Else it would come later, and reach something else.
                self._throwing.stop()
                self._throwing = None

    def interrupt(self) -> None:
        """End the wait, if there is one. Returns before it has ended."""
        if self._greenlet is not None and self._throwing is None:
            self._throwing = gevent.get_hub().loop.run_callback(self._greenlet.throw, Interrupted)
