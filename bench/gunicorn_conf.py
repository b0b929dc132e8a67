"""The site's own settings for gunicorn; each worker that is ready prints its port."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import Any

_SETTINGS = run_path(str(Path(__file__).parent.parent / "gunicorn.conf.py"))
globals().update({name: value for name, value in _SETTINGS.items() if not name.startswith("_")})


def post_worker_init(worker: Any) -> None:
    """gunicorn calls it once a worker has the application and goes on to accept connections."""
    if hasattr(worker.wsgi, "extensions"):
        _SETTINGS["post_worker_init"](worker)
    else:
        # Peers of the site have no live mode to look after.
        _SETTINGS["_settle"]()
    print("ready on port", worker.sockets[0].getsockname()[1], flush=True)
