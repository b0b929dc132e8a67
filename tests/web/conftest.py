"""The application, and a client that asks it without a network."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from streamguide.settings import Settings
from tests.unpaced import as_written, at_once, before_any_end


@pytest.fixture(scope="session")
def app() -> Flask:
    """The site, known as https://example.org, with a simulator that does not wait."""
    # Known so, it serves others; these tests ask more often than any of them, and leave open more.
    settings = Settings(
        site_url="https://example.org",
        visitor_per_minute=1_000_000,
        visitor_streams=1_000_000,
        key_streams=1_000_000,
    )
    return create_app(settings, at_once, as_written, before_any_end)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies."""
    return app.test_client(use_cookies=False)
