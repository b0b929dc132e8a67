"""The site's own settings for gunicorn; each worker that is ready prints its port."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path
from typing import Any

# gunicorn's names in the file, which is no module: its own name has a dot.
_SITE = run_path(str(Path(__file__).parent.parent.parent / "gunicorn.conf.py"))
globals().update({name: value for name, value in _SITE.items() if not name.startswith("_")})


def post_worker_init(worker: Any) -> None:
    """gunicorn calls it once a worker has the application and goes on to accept connections."""
    _SITE["post_worker_init"](worker)
    print("ready on port", worker.sockets[0].getsockname()[1], flush=True)
