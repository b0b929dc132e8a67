"""Responses that are rendered once and served from memory, with ETag and gzip.

>>> cache = ResponseCache(today)
>>> cache.serve("/", lambda: precompress(render_template("home.html"), "text/html"))
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

# A shorter body saves less by gzip than the header costs.
_MINIMUM_BYTES = 500
_COMPRESSIBLE = ("text/", "application/json", "application/xml", "image/svg+xml")

REVALIDATE = "no-cache"
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A body, plain and (where that is smaller) compressed, with the hash of its content."""

    plain: bytes
    gzipped: bytes | None
    digest: str
    content_type: str
    cache_control: str


def precompress(
    body: str | bytes, content_type: str, cache_control: str = REVALIDATE
) -> CachedResponse:
    """Compress and hash a body once, so that it can be served many times."""
    plain = body.encode() if isinstance(body, str) else body
    gzipped = None
    if len(plain) >= _MINIMUM_BYTES and content_type.startswith(_COMPRESSIBLE):
        # Without a time, so that the same body gives the same bytes.
        compressed = gzip.compress(plain, compresslevel=9, mtime=0)
        gzipped = compressed if len(compressed) < len(plain) else None
    digest = hashlib.sha256(plain).hexdigest()[:16]
    return CachedResponse(plain, gzipped, digest, content_type, cache_control)


class ResponseCache:
    """Keeps responses by key until the day changes: all of them, or the newest `most`.

    `today` returns another object each day.
    """

    def __init__(self, today: Callable[[], object], most: int | None = None) -> None:
        self._today = today
        self._most = most
        self._library = today()
        self._cached: dict[str, CachedResponse] = {}

    def serve(self, key: str, make: Callable[[], CachedResponse]) -> Response:
        """Respond from the cache; `make` is called for what is not kept."""
        content = self._today()
        if content is not self._library:
            self._library = content
            self._cached.clear()
        cached = self._cached.get(key)
        if cached is None:
            if len(self._cached) == self._most:
                del self._cached[next(iter(self._cached))]
            cached = self._cached[key] = make()
        return respond(cached)


def respond(cached: CachedResponse) -> Response:
    """The response in the encoding that the current request accepts: 200, or 304 if its ETag
    matches."""
    gzipped = cached.gzipped if request.accept_encodings["gzip"] > 0 else None
    response = Response(gzipped or cached.plain, content_type=cached.content_type)
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    if cached.gzipped:
        response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = cached.cache_control
    # Two encodings are two representations, so their strong ETags differ.
    response.set_etag(cached.digest + ("-gzip" if gzipped else ""))
    response.make_conditional(request)
    return response
