"""The entry point: `python app.py`, or `gunicorn -c gunicorn.conf.py 'app:create_app()'`."""

if __name__ == "__main__":
    # Before sockets or threads are imported. In gunicorn the gevent worker does it.
    from gevent import monkey

    monkey.patch_all()

import sys
from collections.abc import Callable
from datetime import date

from flask import Flask

from streamguide import settings as settings_module
from streamguide.connection import Wait, wait
from streamguide.content import Today, load_content
from streamguide.content_file import ContentError
from streamguide.models import utc_today
from streamguide.server import listen, serve
from streamguide.settings import Settings, SettingsError
from streamguide.simulator import own_files
from streamguide.simulator.endpoint import Seeds, counted_seeds
from streamguide.web.site import build


def create_app(
    settings: Settings | None = None,
    wait: Wait = wait,
    seeds: Seeds | None = None,
    today: Callable[[], date] = utc_today,
) -> Flask:
    """The Flask application. Tests replace `wait`, which paces the simulator's streams, `seeds`, from
    which ids are drawn, and `today`, by which models retire. Raises SettingsError."""
    if settings is None:
        settings = settings_module.read()
    content = load_content(site_url=settings.site_url)
    try:
        own = own_files.load(settings.scenarios, content.table, content.models, content.scenarios)
    except ContentError as error:
        raise SettingsError(f"SCENARIOS: {error}") from None
    return build(settings, Today(content, today), wait, seeds or counted_seeds(), own)


def main() -> None:
    """Serve with gevent until SIGTERM or Ctrl-C."""
    try:
        listener, settings = listen(settings_module.read())
        app = create_app(settings)
    except SettingsError as error:
        sys.exit(f"{error}.")
    serve(app, listener, settings, app.extensions["live"])


if __name__ == "__main__":
    main()
