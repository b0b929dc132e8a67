"""The Flask application of the site: pages, APIs, errors and headers.

>>> client = build(Settings(), Today(load_content(), utc_today), wait, seeds).test_client()
>>> client.get("/healthz").json["status"]
'ok'
"""

from __future__ import annotations

from flask import Flask

from streamguide.connection import Wait
from streamguide.content import Today
from streamguide.files import ROOT
from streamguide.settings import Settings
from streamguide.simulator.endpoint import Seeds
from streamguide.simulator.own_files import NONE, OwnFiles
from streamguide.turns import Turns
from streamguide.web import (
    assets,
    bodies,
    corpus,
    data,
    errors,
    generator,
    headers,
    inspect_page,
    live_api,
    live_page,
    models_page,
    pages,
    rates,
    record_api,
    record_page,
    simulator_api,
    simulator_page,
)


def build(
    settings: Settings, today: Today, wait: Wait, seeds: Seeds, own: OwnFiles = NONE
) -> Flask:
    """The application with all routes and handlers. The simulator plays `own` files too."""
    app = Flask("streamguide", root_path=str(ROOT), static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    turns = Turns(bodies.client_has_left)
    static = assets.Assets(ROOT / "static")
    app.register_blueprint(static.blueprint())
    app.register_blueprint(pages.blueprint(settings, today, static))
    app.register_blueprint(pages.guide_blueprint(settings, today))
    app.register_blueprint(pages.machines_blueprint(settings, today))
    app.register_blueprint(simulator_page.blueprint(settings, today, turns))
    app.register_blueprint(generator.blueprint(settings, today, turns))
    app.register_blueprint(models_page.blueprint(today, turns))
    app.register_blueprint(inspect_page.blueprint(today, turns))
    app.register_blueprint(data.blueprint(today, turns))
    app.register_blueprint(corpus.blueprint(today))
    app.register_blueprint(live_api.blueprint(settings, today, turns))
    app.register_blueprint(live_page.blueprint(settings, today))
    app.register_blueprint(simulator_api.blueprint(settings, today, wait, seeds, turns, own))
    app.register_blueprint(record_api.blueprint(settings, today))
    app.register_blueprint(record_page.blueprint(settings, today))
    rates.register(app, settings)
    large = simulator_api.LARGE_BODIES | {"live.messages", "recorder.pass_on"}
    bodies.register(app, settings.client_seconds, large)
    errors.register(app)
    headers.register(app)
    return app
