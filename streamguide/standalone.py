"""Serves the simulator by itself, or the recorder, without the site."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from streamguide.connection import wait
from streamguide.content_file import ContentError
from streamguide.library import Daily, load_library
from streamguide.models import utc_today
from streamguide.server import listen, serve
from streamguide.settings import Settings, SettingsError
from streamguide.simulator import own_files
from streamguide.simulator.endpoint import counted_seeds


def run_simulator(settings: Settings, *, until_stdin_ends: bool = False) -> None:
    """Serve until SIGTERM or Ctrl-C, and print the base URL as a line of JSON when it listens.

    With `until_stdin_ends` also until standard input ends, as it does when the program that
    started this one was killed. Raises SettingsError for a folder of scenarios that cannot be
    played, and exits with one line if it cannot listen.
    """
    from streamguide.web import simulator_app

    library = load_library()
    try:
        own = own_files.load(settings.scenarios, library.table, library.models, library.scenarios)
    except ContentError as error:
        raise SettingsError(f"--scenarios: {error}") from None
    listener, settings = listen(settings, "streamguide simulator --port {port}")
    app = simulator_app.build(settings, Daily(library, utc_today), wait, counted_seeds(), own)
    until = _read_stdin if until_stdin_ends else None
    serve(app, listener, settings, announce=_announce_below("simulator"), until=until)


def run_recorder(settings: Settings) -> None:
    """The same for `/record`, which passes requests on to an API and keeps its answers."""
    from streamguide.web import recorder_app

    library = load_library()
    listener, settings = listen(settings, "streamguide record --port {port}")
    app = recorder_app.build(settings, Daily(library, utc_today))
    serve(app, listener, settings, announce=_announce_below("record"))


def _announce_below(path: str) -> Callable[[str], None]:
    return lambda address: print(json.dumps({"base_url": f"{address}{path}"}), flush=True)


def _read_stdin() -> None:
    # Not through sys.stdin, whose lock a thread must not hold when the interpreter ends.
    while os.read(0, 4096):
        pass
