"""The site in this process, with streams that do not wait: for tests of what arrives, not when."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from werkzeug.serving import make_server

from app import create_app
from streamguide.scenarios.load import Scenario
from streamguide.settings import Settings


def at_once(connection: socket.socket | None, seconds: float) -> bool:
    """Waits for nothing."""
    return True


def before_any_end() -> date:
    """A day on which no model's life has ended: what tests see does not change with the calendar."""
    return date.min


def as_written(scenario: Scenario) -> int:
    """The seed of the scenario's file: the ids are those of the golden files."""
    return scenario.seed


@contextmanager
def unpaced_site() -> Iterator[str]:
    """The address of the site, without a slash at the end."""
    server = make_server(
        "127.0.0.1", 0, create_app(Settings(), at_once, as_written, before_any_end), threaded=True
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
