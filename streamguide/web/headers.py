"""The headers that every response carries."""

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


def register(app: Flask) -> None:
    """Add the security headers to every response of the application."""

    @app.after_request
    def secure(response: Response) -> Response:
        if response.location:
            # The framework takes the host of a corrected address from the request, who may name
            # any; and all redirects lead to this site.
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
