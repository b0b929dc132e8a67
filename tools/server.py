"""Servers in processes of their own, such as the site as a user runs it: `python app.py`."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from tools.process import ROOT

# Settings that the tests give the site beside its address.
SITE_ENV: dict[str, str] = {}

# Limits of live mode that nobody reaches.
WITHOUT_LIMITS = {
    **dict.fromkeys(
        (
            *("LIVE_VISITOR_PER_MINUTE", "LIVE_PER_MINUTE", "LIVE_VISITOR_STREAMS"),
            *("LIVE_STREAMS", "LIVE_TOKENS_PER_DAY", "LIVE_BREAKER_FAILURES"),
        ),
        "1000000000",
    ),
    "LIVE_DOLLARS_PER_DAY": "1000000",
}

# `app.py` prints it when it listens.
ADDRESS = re.compile(r"^Streamguide is at (http://\S+?)/?(\s|$)")
# A busy machine is slow, which tests do not look for.
START_SECONDS = 120.0
_STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.1

# A line that a server prints when it is ready, with its address as the first group if it has one;
# or, of a server that prints none, whether it is ready.
Ready = re.Pattern[str] | Callable[[], bool]


class Server:
    """A running server: its address as `url` (the site's without a slash at the end), its `pid`,
    and what it has printed.

    It is ready once `times` of its lines match, as of a server with several workers. Raises
    RuntimeError with what it has printed if it ends before, or is not ready after `seconds`; they
    are also how long `prints` waits.
    """

    def __init__(
        self, output: IO[str], pid: int, ready: Ready, seconds: float, times: int = 1
    ) -> None:
        self.pid = pid
        self._output = output
        self._seconds = seconds
        self._lines: list[str] = []
        self._unread: queue.Queue[str | None] = queue.Queue()
        # A thread reads the pipe, because a full pipe would stop the server.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.url = ""
        deadline = time.monotonic() + seconds
        for _ in range(times):
            self._wait(ready, deadline)

    def most_memory(self) -> int:
        """The most that the process has held in memory, in bytes, as Linux tells."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        [peak] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
        return int(peak) * 1024

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
        """Whether the process has ended by itself, and with it its output."""
        return not self._reader.is_alive()

    def finish_log(self) -> None:
        """Wait until the last line of an ended process is in the log."""
        self._reader.join(_STOP_SECONDS)

    def _read(self) -> None:
        with self._output:
            for line in self._output:
                self._lines.append(line)
                self._unread.put(line)
        self._unread.put(None)

    def _wait(self, ready: Ready, deadline: float) -> None:
        if isinstance(ready, re.Pattern):
            while (line := self._next_line(deadline)) is not None:
                if found := ready.search(line):
                    self.url = found[1] if ready.groups else ""
                    return
        else:
            while not self.died() and time.monotonic() < deadline:
                if ready():
                    return
                self._reader.join(_LOOK_SECONDS)
        raise RuntimeError(f"It was not ready. It printed:\n{self.log() or '(nothing)'}")

    def _next_line(self, deadline: float) -> str | None:
        """The next line, or None when the process has ended or the time is up."""
        try:
            return self._unread.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            return None


class Process(Server):
    """A server that can be told to stop, and waited for."""

    def __init__(
        self, process: subprocess.Popen[bytes], ready: Ready, seconds: float, times: int
    ) -> None:
        assert process.stdout is not None
        self._process = process
        output = TextIOWrapper(process.stdout, errors="replace")
        super().__init__(output, process.pid, ready, seconds, times)

    def told_to_stop(self) -> None:
        """Send it SIGTERM, as a system does that shuts down."""
        self._process.terminate()

    def exit_code(self) -> int:
        """Wait for its end."""
        return self._process.wait(START_SECONDS)


@contextmanager
def started(
    command: Sequence[str | Path],
    environment: Mapping[str, str],
    ready: Ready = ADDRESS,
    *,
    seconds: float = START_SECONDS,
    times: int = 1,
    folder: Path = ROOT,
    given: bytes | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[Process]:
    """Run a server until the end of the context, with all that it has started.

    `given` is what it reads on stdin, and `stop` the signal that ends it. Raises RuntimeError if
    it does not become ready.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Its workers are in its process group, and end with it.
        start_new_session=True,
    ) as process:
        server = None
        try:
            if process.stdin and given is not None:
                process.stdin.write(given)
                process.stdin.close()
            server = Process(process, ready, seconds, times)
            yield server
        finally:
            _end(process, stop)
            if server is not None:
                # Popen closes the output, from which a thread may still read the last lines.
                server.finish_log()


def _end(process: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    process.send_signal(stop)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
    # A remaining worker would keep the output open.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def running(extra: Mapping[str, str] = SITE_ENV, app: str = "app.py") -> Iterator[Process]:
    """Run the site with `extra` in its environment. Fails with its log if it dies meanwhile."""
    with started([sys.executable, app], environment(extra)) as server:
        yield server
        died = server.died()
    if died:
        server.finish_log()
        raise RuntimeError(f"app.py ended during the tests. It printed:\n{server.log()}")


@contextmanager
def redis_server(program: str = "redis-server") -> Iterator[Process]:
    """Run a Redis server of its own, empty and with nothing kept on disk; `url` is its address.

    A test that wants it gone sends it SHUTDOWN.
    """
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        path = f"{folder}/redis.sock"
        command = [program, "--port", "0", "--unixsocket", path, "--dir", folder]
        command += ["--save", "", "--appendonly", "no"]
        with started(command, environment({}), re.compile("(?i)ready to accept")) as server:
            server.url = f"unix://{path}"
            yield server


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment of a server on a free port, without the developer's own key, which no test
    may use."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")
    }
    return {
        **inherited,
        "HOST": "127.0.0.1",
        "PORT": "0",
        # The developer's .env must not configure it either.
        "ENV_FILE": os.devnull,
        # By default Python buffers its output into a pipe.
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


def live(address: str) -> dict[str, str]:
    """Settings of live mode that asks the API at an address, without limits."""
    return {**WITHOUT_LIMITS, "ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": address}


def free_port() -> int:
    """An unused port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def listens(port: int) -> bool:
    """Whether a server of this machine accepts connections there."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10):
            return True
    except OSError:
        return False
