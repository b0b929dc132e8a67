"""Encoding of events as server-sent events, with the bytes that Claude's API sends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# In recorded streams only pings have a space after the colon.
_PING = b'event: ping\ndata: {"type": "ping"}\n\n'


def encode(event: Mapping[str, Any], padding: int = 0) -> bytes:
    """The frame for one event: an `event:` line, one `data:` line and a blank line, UTF-8.

    `padding` is the number of spaces before the last brace. The API adds a random number of them,
    which breaks a client that compares text or lengths instead of parsing JSON. Pings are never
    padded.
    """
    name = event["type"]
    if name == "ping":
        return _PING
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {name}\ndata: {data[:-1]}{' ' * padding}}}\n\n".encode()
