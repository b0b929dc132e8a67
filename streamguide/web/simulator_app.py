"""The simulator by itself: the same endpoint as the site's, and no page.

>>> client = build(Settings(), Daily(load_library(), utc_today), wait, seeds).test_client()
>>> client.get("/simulator/index.json").status_code
200
"""

from __future__ import annotations

from flask import Flask, Response, jsonify

from streamguide import __version__
from streamguide.connection import Wait
from streamguide.library import Daily, Library
from streamguide.settings import Settings
from streamguide.simulator.endpoint import Seeds
from streamguide.simulator.own_files import NONE, OwnFiles
from streamguide.turns import Turns
from streamguide.web import bodies, errors, headers, rates, simulator_api


def build(
    settings: Settings, today: Daily[Library], wait: Wait, seeds: Seeds, own: OwnFiles = NONE
) -> Flask:
    """The application. It plays `own` files too."""
    app = Flask("streamguide", static_folder=None)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok", version=__version__)

    turns = Turns(bodies.client_has_left)
    app.register_blueprint(simulator_api.blueprint(settings, today, wait, seeds, turns, own))
    rates.register(app, settings)
    bodies.register(app, settings.client_seconds, simulator_api.LARGE_BODIES)
    errors.register(app, pages=False)
    headers.register(app)
    return app
