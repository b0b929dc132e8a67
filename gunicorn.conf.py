"""Production settings: `gunicorn` in this folder reads them and serves the site.

`make run` does without it: app.py serves with gevent's own server.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
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


# The folder in whose files workers count, for prometheus_client. It maps them into memory, so that
# a write for which the disk has no room is not an error, but the worker's end (SIGBUS).
_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
# More than the files of a worker take.
_COUNTS_BYTES = 1024 * 1024
# The process ids of workers that ended, for the next one that begins.
_ended: list[int] = []


def on_starting(server: Any) -> None:
    """Let whichever worker is asked for /metrics tell of all."""
    if _settings.workers == 1:
        return
    # In memory, so that a full disk does not matter; systemd's folder is in memory too.
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = os.environ.get("RUNTIME_DIRECTORY") or in_memory
    try:
        os.environ[_COUNTS] = tempfile.mkdtemp(prefix="streamguide-metrics-", dir=folder)
    except OSError as error:
        server.log.warning("Each worker counts by itself: %s", error)


def pre_fork(server: Any, worker: Any) -> None:
    """Tell the next worker who ended."""
    worker.ended_before = tuple(_ended)
    _ended.clear()


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker count by itself where its files have no room, before anything opens them."""
    folder = os.environ.get(_COUNTS)
    if folder is None:
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_COUNTS_BYTES))
    except OSError as error:
        del os.environ[_COUNTS]
        server.log.warning("Worker %s counts by itself: %s: %s", worker.pid, folder, error.strerror)
    # When it is imported, it looks whether there is a folder: in the master that would be for all.
    from prometheus_client.multiprocess import mark_process_dead

    # What they counted stays; what they had open is open no longer.
    for pid in worker.ended_before:
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def child_exit(server: Any, worker: Any) -> None:
    """Note that a worker is no more."""
    _ended.append(worker.pid)


def on_exit(server: Any) -> None:
    """The counts end with the site."""
    if _COUNTS in os.environ:
        shutil.rmtree(os.environ[_COUNTS], ignore_errors=True)


def _reserve_counts() -> None:
    """Take the room of files that have none yet: what they will count may come on a full disk."""
    folder = os.environ.get(_COUNTS)
    if folder is None or not hasattr(os, "posix_fallocate"):
        return
    for path in Path(folder).iterdir():
        with suppress(OSError), path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def post_worker_init(worker: Any) -> None:
    """Let live mode end its streams when the worker is told to stop, which runs no other code."""
    # Not before the worker has patched sockets and threads.
    from streamguide.server import settle

    settle()
    # The bare peers of the benchmarks have no live mode.
    live = getattr(worker.wsgi, "extensions", {}).get("live")
    if live is None:
        return
    _reserve_counts()

    def watch() -> None:
        while worker.alive:
            gevent.sleep(_LOOK_SECONDS)
        live.stop()

    gevent.spawn(watch)
