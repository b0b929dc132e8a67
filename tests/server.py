"""The site, run as a user runs it: `python app.py` in a process of its own, on a free port."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Settings that the tests give the site beside its address.
SITE_ENV: dict[str, str] = {}

_ADDRESS = re.compile(r"^Streamguide is at (http://\S+?)/?(\s|$)")
# A busy machine starts slowly, which is not what tests look for.
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0


class Server:
    """A running server: its `url` (without a slash at the end), its `pid`, and what it has printed.

    `address` finds the URL, as its first group, in a line that the server prints; `seconds` is
    how long is waited for any line.
    """

    def __init__(
        self,
        process: subprocess.Popen[str],
        address: re.Pattern[str] = _ADDRESS,
        seconds: float = _START_SECONDS,
    ) -> None:
        self._process = process
        self.pid = process.pid
        self._seconds = seconds
        self._lines: list[str] = []
        self._unread: queue.Queue[str | None] = queue.Queue()
        # A thread, because a pipe that nobody reads would stop the server once it is full.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = self._first(address)

    def most_memory(self) -> int:
        """The most that the process has held in memory, in bytes, as Linux tells."""
        status = Path(f"/proc/{self._process.pid}/status").read_text(encoding="ascii")
        [peak] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(peak) * 1024

    def forget_memory(self) -> None:
        """Let `most_memory` begin anew."""
        Path(f"/proc/{self._process.pid}/clear_refs").write_text("5", encoding="ascii")

    def log(self) -> str:
        """Everything it has printed, on stdout and stderr."""
        return "".join(self._lines)

    def prints(self, text: str) -> bool:
        """Whether it prints a line with this text, or has."""
        deadline = time.monotonic() + self._seconds
        while text not in self.log():
            if self._next_line(deadline) is None:
                return text in self.log()
        return True

    def died(self) -> bool:
        """Whether the process has ended by itself: what it prints has come to an end."""
        return not self._reader.is_alive()

    def finish_log(self) -> None:
        """Wait until the last line of an ended process is in the log."""
        self._reader.join(_STOP_SECONDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)
            self._unread.put(line)
        self._unread.put(None)

    def _first(self, address: re.Pattern[str]) -> str:
        deadline = time.monotonic() + self._seconds
        while (line := self._next_line(deadline)) is not None:
            if found := address.search(line):
                return found[1]
        raise RuntimeError(f"It printed no address. It printed:\n{self.log() or '(nothing)'}")

    def _next_line(self, deadline: float) -> str | None:
        """The next line, or None when the process has ended or the time is up."""
        try:
            return self._unread.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None


@contextmanager
def running(extra: Mapping[str, str] = SITE_ENV, app: str = "app.py") -> Iterator[Server]:
    """Run the site with `extra` in its environment. Fails with its log if it dies meanwhile."""
    with subprocess.Popen(
        [sys.executable, app],
        cwd=ROOT,
        env=environment(extra),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            server = Server(process)
            yield server
            died = server.died()
        finally:
            _stop(process)
    if died:
        server.finish_log()
        raise RuntimeError(f"app.py ended during the tests. It printed:\n{server.log()}")


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """That of a server on a free port: whoever runs the tests may have a key, and no test may
    spend it."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
    }
    return {
        **inherited,
        "HOST": "127.0.0.1",
        "PORT": "0",
        # Nor may a developer's own file of settings say how it runs.
        "ENV_FILE": os.devnull,
        # Without it, Python keeps what it prints into a pipe to itself until it ends.
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
