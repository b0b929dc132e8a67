"""The headers of every response."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

EVERYTHING = [
    "/",
    "/demo",
    "/simulator",
    "/guide/events",
    "/nowhere",
    "/protocol.json",
    "/healthz",
    "/robots.txt",
]


@pytest.mark.parametrize("path", EVERYTHING)
def test_every_response_is_confined_and_sets_no_cookie(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert "Set-Cookie" not in headers
