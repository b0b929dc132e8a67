"""Production settings, which `gunicorn` reads from this folder.

`make run` does not use them: app.py serves with gevent's own server.
"""

import os
import shutil
import sys
import tempfile
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import gevent

from streamguide import settings as settings_module
from streamguide.connection import raise_open_files
from streamguide.settings import Settings, SettingsError, in_url

wsgi_app = "app:create_app()"

_CONTENT = Path(__file__).parent / "content"


def _check(settings: Settings) -> None:
    """Exit where the application would raise SettingsError, of which a worker prints a traceback."""
    from streamguide import models
    from streamguide.content_file import ContentError
    from streamguide.live.limits import open_limits
    from streamguide.live.request import check_models
    from streamguide.protocol import load as protocol
    from streamguide.simulator import own_files

    known = models.load(_CONTENT / "models.toml")
    try:
        table = protocol.load(_CONTENT / "protocol.toml")
        taken = [path.stem for path in (_CONTENT / "scenarios").glob("*.toml")]
        own_files.load(settings.scenarios, table, known, taken)
        if settings.live:
            check_models(settings.live, known.on(models.utc_today()))
            open_limits(settings.live)
    except ContentError as error:
        sys.exit(f"SCENARIOS: {error}.")
    except SettingsError as error:
        sys.exit(f"{error}.")


# The variables of app.py. The default host is for a proxy on this machine.
try:
    _settings = settings_module.read()
except SettingsError as error:
    sys.exit(f"{error}.")
if _settings.live or _settings.scenarios:
    # In a process of its own, because workers patch sockets before they import Redis's client.
    _checked = get_context("fork").Process(target=_check, args=[_settings])
    _checked.start()
    _checked.join()
    if _checked.exitcode:
        sys.exit(_checked.exitcode)
raise_open_files()
bind = f"{in_url(_settings.host)}:{_settings.port}"

# A stream mostly waits: with greenlets a process can hold thousands of them, with threads a few
# hundred. gunicorn patches the standard library before it imports the app.
worker_class = "gevent"

# Only debuggers need the place where a greenlet was spawned, and it costs more than the spawn.
gevent.config.track_greenlet_tree = False

# Workers do not share limits and counts in memory, so more than one must be configured.
workers = _settings.workers

# Above the application's own limits, which refuse a request with an error. This one would leave it
# pending without a response.
worker_connections = 5000

# A burst of connections is queued instead of refused by the kernel.
backlog = 2048

# The time limit in seconds of a request's head, and of an idle connection; a proxy in front
# closes idle connections earlier. The limit of bodies is CLIENT_SECONDS.
keepalive = 2

# The seconds that open streams have after SIGTERM; then they are cut. Live mode's limit is shorter,
# so that each of its streams can end with an error event.
graceful_timeout = max(30, int(_settings.live.stop_seconds) + 5 if _settings.live else 0)

# The proxy in front keeps the access log, and this log only has errors.
accesslog = None

# Unused, and two servers of the same user would share its path.
control_socket_disable = True

_POLL_SECONDS = 0.5


# The variable from which prometheus_client reads the folder of the workers' metrics. It maps their
# files into memory: a write to a full disk ends the worker (SIGBUS) instead of raising an error.
_METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# More than the files of one worker.
_METRICS_FOLDER_BYTES = 1024 * 1024
# The process ids of workers that exited since the last fork.
_exited: list[int] = []


def on_starting(server: Any) -> None:
    """Share metrics, so that every worker responds to /metrics with the sum of all."""
    if _settings.workers == 1:
        return
    # Both folders are in memory, so that a full disk does not matter.
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = os.environ.get("RUNTIME_DIRECTORY") or in_memory
    try:
        os.environ[_METRICS_FOLDER] = tempfile.mkdtemp(prefix="streamguide-metrics-", dir=folder)
    except OSError as error:
        server.log.warning("Each worker counts by itself: %s", error)


def pre_fork(server: Any, worker: Any) -> None:
    """Pass the exited workers to the next one."""
    worker.exited_before = tuple(_exited)
    _exited.clear()


def post_fork(server: Any, worker: Any) -> None:
    """Do not share metrics if the folder is full, and remove exited workers from the gauges."""
    folder = os.environ.get(_METRICS_FOLDER)
    if folder is None:
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_METRICS_FOLDER_BYTES))
    except OSError as error:
        del os.environ[_METRICS_FOLDER]
        server.log.warning("Worker %s counts by itself: %s: %s", worker.pid, folder, error.strerror)
    # Imported here, because the import reads the variable, which workers may have deleted.
    from prometheus_client.multiprocess import mark_process_dead

    # Their counters stay, and only their gauges of open streams are removed.
    for pid in worker.exited_before:
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]


def child_exit(server: Any, worker: Any) -> None:
    """Remember a worker that exited."""
    _exited.append(worker.pid)


def on_exit(server: Any) -> None:
    """Delete the metrics."""
    if _METRICS_FOLDER in os.environ:
        shutil.rmtree(os.environ[_METRICS_FOLDER], ignore_errors=True)


def _allocate_metrics() -> None:
    """Allocate the disk space of the metrics now, because the disk may be full later."""
    folder = os.environ.get(_METRICS_FOLDER)
    if folder is None or not hasattr(os, "posix_fallocate"):
        return
    for path in Path(folder).iterdir():
        with suppress(OSError), path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def post_worker_init(worker: Any) -> None:
    """Log that the worker is ready, and end the streams of live mode when it stops.

    gunicorn logs that it listens before a worker has loaded the application, and has no hook for
    the end.
    """
    port = worker.sockets[0].getsockname()[1]
    worker.log.info("Worker %s is ready on port %s", worker.pid, port)
    # Imported here, after the worker has patched sockets and threads.
    from streamguide.server import settle

    settle()
    # The servers to which the benchmarks compare the site have no live mode.
    live = getattr(worker.wsgi, "extensions", {}).get("live")
    if live is None:
        return
    _allocate_metrics()

    def watch() -> None:
        while worker.alive:
            gevent.sleep(_POLL_SECONDS)
        live.stop()

    gevent.spawn(watch)
