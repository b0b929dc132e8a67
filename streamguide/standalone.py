"""Serves the simulator by itself, without the site: the base of the package is enough for it."""

from __future__ import annotations

import json
import os

from streamguide.connection import wait
from streamguide.content_file import ContentError
from streamguide.library import Daily, load_library
from streamguide.models import utc_today
from streamguide.server import listen, serve
from streamguide.settings import Settings, SettingsError
from streamguide.simulator import own_files
from streamguide.simulator.endpoint import counted_seeds
from streamguide.web.simulator_app import build


def run(settings: Settings, *, until_stdin_ends: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C, and print the base URL as a line of JSON when it listens.

    With `until_stdin_ends` also until standard input ends, as it does when the program that
    started this one was killed. Raises SettingsError for a folder of scenarios that cannot be
    played, and exits with one line if it cannot listen.
    """
    library = load_library()
    try:
        own = own_files.load(settings.scenarios, library.table, library.models, library.scenarios)
    except ContentError as error:
        raise SettingsError(f"--scenarios: {error}") from None
    listener, settings = listen(settings, "streamguide simulator --port {port}")
    app = build(settings, Daily(library, utc_today), wait, counted_seeds(), own)
    serve(
        app, listener, settings, announce=_announce, until=_read_stdin if until_stdin_ends else None
    )


def _announce(address: str) -> None:
    print(json.dumps({"base_url": f"{address}simulator"}), flush=True)


def _read_stdin() -> None:
    # Not through sys.stdin, whose lock a thread must not hold when the interpreter ends.
    while os.read(0, 4096):
        pass
