"""The least that a relay through the SDK's client can cost: it passes bytes on, and that is all.

`bench.bare_relays:relay("httpx2")` is a WSGI application that asks UPSTREAM with the client that
the SDK makes for itself; `"urllib3"` with one over the site's own transport; `"hub"` as well, and
what comes whole is passed on by gevent's hub, as the site does it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import anthropic
import httpx2

from streamguide.connection import chunked_socket_of
from streamguide.live.readable import while_readable
from streamguide.live.sender import Sender
from streamguide.live.transport import BODY, Body, Transport

_Start = Callable[[str, list[tuple[str, str]]], Callable[[bytes], object]]
_Application = Callable[[dict[str, Any], _Start], Iterable[bytes]]
# No limit on connections, in which requests would wait without a word; nor any of time.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=100)


def _own_client() -> httpx2.Client:
    return anthropic.DefaultHttpxClient(limits=_LIMITS, timeout=None)


def _site_client() -> httpx2.Client:
    return anthropic.DefaultHttpxClient(transport=Transport(), timeout=None)


_HTTP_CLIENTS = {"httpx2": _own_client, "urllib3": _site_client, "hub": _site_client}


def relay(way: str) -> _Application:
    """The application that passes streams on in one of the ways."""
    client = anthropic.Anthropic(
        api_key="bench",
        base_url=os.environ["UPSTREAM"],
        http_client=_HTTP_CLIENTS[way](),
        max_retries=0,
        timeout=None,
        default_headers={"accept-encoding": "identity"},
    )

    def application(environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        asked = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        opened = ExitStack()
        opening = client.messages.with_streaming_response.create(**asked)
        response = opened.enter_context(opening).http_response
        write = start("200 OK", [("content-type", "text/event-stream; charset=utf-8")])
        if way == "hub":
            sender = Sender(write, chunked_socket_of(environ))
            pieces = _by_the_hub(response.extensions[BODY], sender)
        else:
            pieces = _in_turn(response)
        return _passed_on(opened, pieces)

    return application


def _passed_on(opened: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    # Closed also when the client has left: the server closes this generator.
    with opened:
        yield from pieces


def _in_turn(response: httpx2.Response) -> Iterator[bytes]:
    # The shortest way, where the transport has one.
    body = response.extensions.get(BODY)
    return iter(body.read, b"") if body else response.iter_raw()


def _by_the_hub(body: Body, sender: Sender) -> Iterator[bytes]:
    """What the server is to send; in between the hub sends what comes whole."""

    chunks = body.chunks
    assert chunks is not None

    def step() -> bool:
        piece = chunks.arrived()
        return piece is not None and piece != b"" and sender.send_now(piece)

    while read := body.read():
        yield read
        with chunks.without_waiting():
            # What has come already does not make the socket readable.
            piece = chunks.arrived()
            if piece is not None and (not piece or sender.send_now(piece)):
                while_readable(chunks.fileno(), step)
        sender.send_rest()
