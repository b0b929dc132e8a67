"""The recorder by itself: `/record` and what was recorded, and no page.

>>> client = build(Settings(), Daily(load_library(), utc_today)).test_client()
>>> client.get("/recordings.json").status_code
200
"""

from __future__ import annotations

from flask import Flask

from streamguide.library import Daily, Library
from streamguide.settings import Settings
from streamguide.web import bodies, errors, headers, record_api


def build(settings: Settings, today: Daily[Library]) -> Flask:
    """The application."""
    app = Flask("streamguide", static_folder=None)
    app.register_blueprint(record_api.blueprint(settings, today))
    bodies.register(app, settings.client_seconds, frozenset({"recorder.pass_on"}))
    errors.register(app, pages=False)
    headers.register(app)
    return app
