"""The security headers of the site's own responses."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ForeignResponse(Response):
    """A response that is passed on from elsewhere, with the headers that it has there."""


def register(app: Flask) -> None:
    """Add the headers to every response of this site, and keep redirects within the site."""

    @app.after_request
    def secure(response: Response) -> Response:
        if isinstance(response, ForeignResponse):
            return response
        if response.location:
            # Werkzeug would take the host from the request, which can name any.
            parts = urlsplit(response.location)
            path = "/" + parts.path.lstrip("/")
            response.location = urlunsplit(("", "", path, parts.query, parts.fragment))
            response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        return response
