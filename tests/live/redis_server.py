"""A Redis server for the tests, run from what is installed, with nothing kept on disk."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_READY = "ready to accept connections"
_STOP_SECONDS = 10.0


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server of its own, empty, on a Unix socket: gives its URL, and stops it at the end.

    A test that wants it gone sends it SHUTDOWN. Raises RuntimeError where it does not start.
    """
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder) / "redis.sock"
        with subprocess.Popen(
            _command(socket),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                _wait_until_ready(process)
                yield f"unix://{socket}"
            finally:
                _stop(process)


def _command(socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
    }
    return [
        "redis-server",
        *(part for name, value in options.items() for part in (f"--{name}", value)),
    ]


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    """Read its first lines. It writes so few later ones that the pipe never fills."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if _READY in line.lower():
            return
    raise RuntimeError(f"redis-server ended at once. It printed:\n{''.join(lines)}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
