"""The servers that the site is compared with: `python -m bench.peers bare` or `rendered`.

Both are served as app.py serves the site, with the same server and the same settings.
"""

from __future__ import annotations

if __name__ == "__main__":
    from gevent import monkey

    monkey.patch_all()

import sys
from collections.abc import Callable, Iterable
from unittest.mock import patch

from flask import Flask, Response

from app import create_app
from streamguide.server import listen, serve
from streamguide.settings import Settings, from_environment
from streamguide.web.response_cache import CachedResponse, ResponseCache, respond

PATHS = ("/", "/demo", "/guide/events")

_Start = Callable[[str, list[tuple[str, str]]], object]
_Application = Callable[[dict[str, str], _Start], Iterable[bytes]]


def bare(settings: Settings) -> _Application:
    """A WSGI application that knows nothing but the bytes that the site would answer."""
    client = create_app(settings).test_client()
    answers: dict[tuple[str, bool], tuple[str, list[tuple[str, str]], list[bytes]]] = {}
    for path in PATHS:
        full = client.get(path, headers={"Accept-Encoding": "gzip"})
        same = {"Accept-Encoding": "gzip", "If-None-Match": full.headers["ETag"]}
        for is_known, answer in ((False, full), (True, client.get(path, headers=same))):
            answers[path, is_known] = (answer.status, list(answer.headers), [answer.data])

    def application(environ: dict[str, str], start: _Start) -> Iterable[bytes]:
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


_PEERS: dict[str, Callable[[Settings], Flask | _Application]] = {
    "bare": bare,
    "rendered": rendered,
}

if __name__ == "__main__":
    # As the site has them in the run: its own address is part of its pages.
    _listener, _settings = listen(from_environment({"PORT": "0"}))
    serve(_PEERS[sys.argv[1]](_settings), _listener, _settings)
