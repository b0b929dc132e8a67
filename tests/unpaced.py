"""The site in this process, with streams that do not wait: for tests of what arrives, not when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from werkzeug.serving import make_server

from app import create_app
from streamguide.settings import Settings


@contextmanager
def unpaced_site() -> Iterator[str]:
    """The address of the site, without a slash at the end."""
    server = make_server("127.0.0.1", 0, create_app(Settings(), lambda _: None), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
