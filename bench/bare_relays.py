"""The least that a relay through the SDK's client can cost: it passes bytes on, and that is all.

`bench.bare_relays:relay("httpx2")` is a WSGI application that asks UPSTREAM with the client that
the SDK makes for itself; `"urllib3"` with one over the site's own transport.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import anthropic
import httpx2

from streamguide.live.transport import BODY, Transport

_Start = Callable[[str, list[tuple[str, str]]], object]
_Application = Callable[[dict[str, Any], _Start], Iterable[bytes]]
# No limit on connections, in which requests would wait without a word; nor any of time.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=100)
_HTTP_CLIENTS: dict[str, Callable[[], httpx2.Client]] = {
    "httpx2": lambda: anthropic.DefaultHttpxClient(limits=_LIMITS, timeout=None),
    "urllib3": lambda: anthropic.DefaultHttpxClient(transport=Transport(), timeout=None),
}


def relay(transport: str) -> _Application:
    """The application over one of the transports."""
    client = anthropic.Anthropic(
        api_key="bench",
        base_url=os.environ["UPSTREAM"],
        http_client=_HTTP_CLIENTS[transport](),
        max_retries=0,
        timeout=None,
        default_headers={"accept-encoding": "identity"},
    )

    def application(environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        opening = client.messages.with_streaming_response.create(**asked)
        response = opening.__enter__().http_response
        start("200 OK", [("content-type", "text/event-stream; charset=utf-8")])
        return _passed_on(opening, response)

    return application


def _passed_on(opening: AbstractContextManager[Any], response: httpx2.Response) -> Iterator[bytes]:
    try:
        # The shortest way, where the transport has one.
        body = response.extensions.get(BODY)
        yield from iter(body.read, b"") if body else response.iter_raw()
    finally:
        # Also when the client has left: the server closes this generator.
        opening.__exit__(None, None, None)
