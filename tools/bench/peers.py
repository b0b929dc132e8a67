"""The peers of the site and its streams: WSGI applications that do less.

`python -m tools.bench.peers bare` and `rendered` are served as app.py serves the site, with the same
server and the same settings; `tools.bench.peers:stream()` is for gunicorn.
"""

from __future__ import annotations

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from unittest.mock import patch
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response

from app import create_app
from streamguide.server import listen, serve
from streamguide.settings import Settings, from_environment
from streamguide.web.response_cache import CachedResponse, ResponseCache, respond
from tools.bench.stream_servers import simulated

PATHS = ("/", "/demo", "/guide/events")
# Pages name the address of their site, and all servers must send the same bytes.
SITE_URL = "http://127.0.0.1"


def bare(settings: Settings) -> WSGIApplication:
    """Knows nothing but the bytes that the site would answer."""
    client = create_app(settings).test_client()
    answers: dict[tuple[str, bool], tuple[str, list[tuple[str, str]], list[bytes]]] = {}
    for path in PATHS:
        full = client.get(path, headers={"Accept-Encoding": "gzip"})
        same = {"Accept-Encoding": "gzip", "If-None-Match": full.headers["ETag"]}
        for is_known, answer in ((False, full), (True, client.get(path, headers=same))):
            answers[path, is_known] = (answer.status, list(answer.headers), [answer.data])

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        known = "HTTP_IF_NONE_MATCH" in environ
        status, headers, body = answers[environ["PATH_INFO"], known]
        start(status, headers)
        return body

    return application


def rendered(settings: Settings) -> Flask:
    """The site, but with every body made anew for each request: rendered, hashed, compressed."""
    # For good: the process is this peer's own, and the views call the method when they run.
    patch.object(ResponseCache, "serve", _make_and_serve).start()
    return create_app(settings)


def _make_and_serve(cache: ResponseCache, key: str, make: Callable[[], CachedResponse]) -> Response:
    del cache, key
    return respond(make())


def stream() -> WSGIApplication:
    """The least that a stream can cost: answers any request with the bytes that the simulator sends
    for the measured scenario. The path is the pace: `/20` is an event every 20 ms, `/0` everything
    at once."""
    status, headers, events = simulated()

    def paced(seconds: float) -> Iterator[bytes]:
        started = time.monotonic()
        for number, event in enumerate(events):
            early = started + number * seconds - time.monotonic()
            if early > 0:
                time.sleep(early)
            yield event

    def application(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        environ["wsgi.input"].read()
        start(status, headers)
        milliseconds = float(environ["PATH_INFO"].strip("/"))
        return paced(milliseconds / 1000) if milliseconds else iter(events)

    return application


if __name__ == "__main__":
    _PEERS: dict[str, Callable[[Settings], Flask | WSGIApplication]] = {
        "bare": bare,
        "rendered": rendered,
    }
    _listener, _settings = listen(from_environment({"PORT": "0", "SITE_URL": SITE_URL}))
    serve(_PEERS[sys.argv[1]](_settings), _listener, _settings)
