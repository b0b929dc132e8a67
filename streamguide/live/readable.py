"""Work that gevent's hub does whenever there is something to read, without a greenlet's switches."""

from __future__ import annotations

from collections.abc import Callable

import gevent
from gevent.event import AsyncResult

# What libev calls EV_READ.
READABLE = 1


def while_readable(descriptor: int, step: Callable[[], bool]) -> None:
    """Have `step` called whenever there is something to read, until it gives False.

    The hub calls it, so it may wait for nothing. What it raises is raised here.
    """
    ended: AsyncResult[None] = AsyncResult()
    readable = gevent.get_hub().loop.io(descriptor, READABLE)

    def ready() -> None:
        try:
            if step():
                return
        except Exception as error:
            ended.set_exception(error)
        else:
            ended.set()
        readable.stop()

    readable.start(ready)
    try:
        ended.get()
    finally:
        readable.close()
