"""Bodies that are made once and served from memory, with ETag and gzip."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, request

from streamguide.library import Today

# Below this a gzip body saves less than its header costs.
_SMALLEST_TO_COMPRESS = 500
_COMPRESSIBLE = ("text/", "application/json", "application/xml", "image/svg+xml")

REVALIDATE = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Stored:
    """One body, plain and (where that is smaller) as gzip, and the hash of its content."""

    plain: bytes
    gzipped: bytes | None
    digest: str
    content_type: str
    cache_control: str


def store(body: str | bytes, content_type: str, cache_control: str = REVALIDATE) -> Stored:
    """Prepare a body for serving. The ETag depends on the content alone."""
    plain = body.encode() if isinstance(body, str) else body
    return Stored(
        plain=plain,
        gzipped=_gzip(plain, content_type),
        digest=hashlib.sha256(plain).hexdigest()[:16],
        content_type=content_type,
        cache_control=cache_control,
    )


class Shelf:
    """Keeps what was made, by key; each body is made at its first request of a day."""

    def __init__(self, today: Today) -> None:
        self._today = today
        self._library = today()
        self._stored: dict[str, Stored] = {}

    def serve(self, key: str, make: Callable[[], Stored]) -> Response:
        """The response for the current request: 200, or 304 if the client has this body."""
        if self._today() is not self._library:
            self._library = self._today()
            self._stored.clear()
        stored = self._stored.get(key)
        if stored is None:
            stored = self._stored[key] = make()
        return respond(stored)


def respond(stored: Stored) -> Response:
    """The stored body as the current request wants it."""
    gzipped = stored.gzipped if request.accept_encodings["gzip"] > 0 else None
    response = Response(gzipped or stored.plain, content_type=stored.content_type)
    if gzipped:
        response.headers["Content-Encoding"] = "gzip"
    if stored.gzipped:
        response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = stored.cache_control
    # Two encodings are two representations, so their strong ETags differ.
    response.set_etag(stored.digest + ("-gzip" if gzipped else ""))
    response.make_conditional(request)
    return response


def _gzip(plain: bytes, content_type: str) -> bytes | None:
    if len(plain) < _SMALLEST_TO_COMPRESS or not content_type.startswith(_COMPRESSIBLE):
        return None
    gzipped = gzip.compress(plain, compresslevel=9, mtime=0)
    return gzipped if len(gzipped) < len(plain) else None
