"""The site's entry: `python app.py`, or `gunicorn -c gunicorn.conf.py 'app:create_app()'`."""

if __name__ == "__main__":
    # Before anything imports sockets or threads; under gunicorn its gevent worker does this.
    from gevent import monkey

    monkey.patch_all()

import sys
from collections.abc import Callable
from datetime import date

from flask import Flask

from streamguide import settings as settings_module
from streamguide.connection import Wait, wait
from streamguide.content import Today, load_content
from streamguide.models import utc_today
from streamguide.server import listen, serve
from streamguide.settings import Settings, SettingsError
from streamguide.simulator.endpoint import Seeds, counted_seeds
from streamguide.web import build


def create_app(
    settings: Settings | None = None,
    wait: Wait = wait,
    seeds: Seeds | None = None,
    today: Callable[[], date] = utc_today,
) -> Flask:
    """The Flask application. `wait` paces the simulator's streams, `seeds` gives their ids, and
    `today` says which models are retired; tests pass their own."""
    if settings is None:
        settings = settings_module.read()
    return build(settings, Today(load_content(), today), wait, seeds or counted_seeds())


def main() -> None:
    """Serve with gevent until stopped."""
    try:
        listener, settings = listen(settings_module.read())
        app = create_app(settings)
    except SettingsError as error:
        sys.exit(f"{error}.")
    serve(app, listener, settings, app.extensions["live"])


if __name__ == "__main__":
    main()
