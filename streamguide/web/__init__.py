"""Everything that knows Flask: the views, the headers, the errors, and what they share."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from streamguide.connection import Wait
from streamguide.library import Library
from streamguide.settings import Settings
from streamguide.simulator.endpoint import Seeds
from streamguide.web import (
    assets,
    data,
    errors,
    generator,
    headers,
    live,
    live_page,
    pages,
    simulator,
    simulator_page,
)

_ROOT = Path(__file__).parent.parent.parent


def build(settings: Settings, library: Library, wait: Wait, seeds: Seeds) -> Flask:
    """The application with every view registered."""
    app = Flask("streamguide", root_path=str(_ROOT), static_folder=None)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    static = assets.Assets(_ROOT / "static")
    app.register_blueprint(static.blueprint())
    app.register_blueprint(pages.blueprint(settings, library, static))
    app.register_blueprint(simulator_page.blueprint(settings, library))
    app.register_blueprint(generator.blueprint(settings, library))
    app.register_blueprint(data.blueprint(library))
    app.register_blueprint(live.blueprint(settings, library))
    app.register_blueprint(live_page.blueprint(settings, library))
    app.register_blueprint(simulator.blueprint(settings, library, wait, seeds))
    errors.register(app)
    headers.register(app)
    return app
