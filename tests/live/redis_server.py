"""A Redis server for the tests, run from what is installed, with nothing kept on disk."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from tests.server import environment, started

_READY = re.compile("ready to accept connections", re.IGNORECASE)


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server of its own, empty, on a Unix socket: gives its URL, and stops it at the end.

    A test that wants it gone sends it SHUTDOWN. Raises RuntimeError where it does not start.
    """
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = f"{folder}/redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", socket, "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        with started(command, environment({}), _READY):
            yield f"unix://{socket}"
