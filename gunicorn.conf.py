"""Production settings: `gunicorn` in this folder reads them and serves the site.

`make run` does without it: app.py serves with gevent's own server.
"""

import gc
import os
import shutil
import sys
import tempfile
from typing import Any

import gevent

from streamguide import settings as settings_module
from streamguide.connection import raise_open_files
from streamguide.settings import SettingsError, in_url

wsgi_app = "app:create_app()"

# The same variables as app.py; behind a proxy on this machine the default is the right one.
try:
    _settings = settings_module.read()
except SettingsError as error:
    sys.exit(f"{error}.")
raise_open_files()
bind = f"{in_url(_settings.host)}:{_settings.port}"

# A stream lasts for seconds and mostly waits: greenlets hold thousands of them in a process,
# threads a few hundred. gunicorn patches the standard library before it imports the app.
worker_class = "gevent"

# Where each greenlet was started is kept for debuggers only, and costs more than starting it.
gevent.config.track_greenlet_tree = False

# Limits and counts in memory are one worker's own, so more than one is the operator's choice.
workers = _settings.workers

# The application refuses a stream too many with an answer that says so. Were this limit the lower
# one, visitors would wait without a word instead.
worker_connections = 5000

# Connections that come in a burst wait here, instead of being refused by the kernel.
backlog = 2048

# How long a connection may take for a request's head, or do nothing between two requests; a proxy
# in front keeps its own connections for less. Bodies have CLIENT_SECONDS.
keepalive = 2

# On SIGTERM, streams that are open get this long to finish; after it they are cut. Live mode's own
# time is shorter, so that each of its streams is told before.
graceful_timeout = max(30, int(_settings.live.stop_seconds) + 5 if _settings.live else 0)

# A line for every page would drown the errors; the proxy in front keeps the access log.
accesslog = None

# Nothing here uses the control socket, and two servers of one user would share its path.
control_socket_disable = True

_LOOK_SECONDS = 0.5


# The folder in whose files workers count, for prometheus_client.
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"


def on_starting(server: Any) -> None:
    """Let whichever worker is asked for /metrics tell of all."""
    if _settings.workers > 1:
        os.environ[_COUNTS] = tempfile.mkdtemp(prefix="streamguide-metrics-")


def child_exit(server: Any, worker: Any) -> None:
    """What a worker that is no more has counted stays; what it had open is open no longer."""
    if _COUNTS in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """The counts end with the site."""
    if _settings.workers > 1:
        shutil.rmtree(os.environ[_COUNTS], ignore_errors=True)


def _settle() -> None:
    """Leave the garbage collector little to do: while it works, every stream of a worker stands."""
    # What was loaded lives as long as the worker. To look through it takes a tenth of a second.
    gc.collect()
    gc.freeze()
    # What a stream leaves behind is freed at once. The default of 700 would have all open streams
    # looked through again and again, for a fiftieth of the worker's time and next to no garbage.
    gc.set_threshold(50_000)


def post_worker_init(worker: Any) -> None:
    """Let live mode end its streams when the worker is told to stop, which runs no other code."""
    _settle()
    live = worker.wsgi.extensions["live"]
    if live is None:
        return

    def watch() -> None:
        while worker.alive:
            gevent.sleep(_LOOK_SECONDS)
        live.stop()

    gevent.spawn(watch)
