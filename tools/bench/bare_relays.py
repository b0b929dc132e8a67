"""The least that a relay through the SDK's client can cost: it passes bytes on, and that is all.

`tools.bench.bare_relays:relay("httpx2")` is a WSGI application that asks UPSTREAM with the client that
the SDK makes for itself; `"httptools"` with one over the site's own transport.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import anthropic
import httpx2

from streamguide.live.transport import Transport

# No limit on connections, in which requests would wait without a word; nor any of time.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=100)


def _own_client() -> httpx2.Client:
    return anthropic.DefaultHttpxClient(limits=_LIMITS, timeout=None)


def _site_client() -> httpx2.Client:
    return anthropic.DefaultHttpxClient(transport=Transport(), timeout=None)


_HTTP_CLIENTS = {"httpx2": _own_client, "httptools": _site_client}


def relay(way: str) -> WSGIApplication:
    """The application that passes streams on in one of the ways."""
    client = anthropic.Anthropic(
        api_key="bench",
        base_url=os.environ["UPSTREAM"],
        http_client=_HTTP_CLIENTS[way](),
        max_retries=0,
        timeout=None,
        default_headers={"accept-encoding": "identity"},
    )

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        opened = ExitStack()
        opening = client.messages.with_streaming_response.create(**asked)
        response = opened.enter_context(opening).http_response
        start("200 OK", [("content-type", "text/event-stream; charset=utf-8")])
        return _passed_on(opened, response)

    return application


def _passed_on(opened: ExitStack, response: httpx2.Response) -> Iterator[bytes]:
    # Closed also when the client has left: the server closes this generator.
    with opened:
        yield from response.iter_raw()
