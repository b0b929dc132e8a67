"""Sending a plan's frames at their times."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from streamguide.scenarios.plan import Frame


def paced(
    frames: Iterable[Frame],
    sleep: Callable[[float], object],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[bytes]:
    """The frames' bytes, each held back until its time.

    Times count from the first `next()`, so that a slow reader does not stretch the plan:
    a frame that is late goes out at once. `sleep` and `clock` are in seconds.
    """
    start = clock()
    for frame in frames:
        early = start + frame.at / 1000 - clock()
        if early > 0:
            sleep(early)
        yield frame.data
