"""The least that a stream can cost: a WSGI application that knows nothing but its bytes.

It sends what the simulator sends for the measured scenario, header for header and event for
event. The path is the pace: `/20` is an event every 20 ms, `/0` everything at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from app import create_app
from bench.stream_servers import HEADERS, PATHS, body
from streamguide.settings import from_environment

_Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
    """Answer any request with the stream."""
    environ["wsgi.input"].read()
    start(_STATUS, _HEADERS)
    milliseconds = float(environ["PATH_INFO"].strip("/"))
    return _paced(milliseconds / 1000) if milliseconds else iter(_EVENTS)


def _paced(seconds: float) -> Iterator[bytes]:
    started = time.monotonic()
    for number, event in enumerate(_EVENTS):
        early = started + number * seconds - time.monotonic()
        if early > 0:
            time.sleep(early)
        yield event


def _simulated() -> tuple[str, list[tuple[str, str]], list[bytes]]:
    client = create_app(from_environment({"PORT": "0"})).test_client()
    answer = client.post(PATHS["simulator"](0), data=body(0), headers=HEADERS)
    events = answer.data.split(b"\n\n")[:-1]
    return answer.status, list(answer.headers), [event + b"\n\n" for event in events]


_STATUS, _HEADERS, _EVENTS = _simulated()
