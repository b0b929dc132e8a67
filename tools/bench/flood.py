"""Many visitors who ask for the same at once, again and again; and how long others wait meanwhile.

    python -m tools.bench.flood URL NAME COUNT

asks as COUNT visitors, in a process of its own, until it is ended.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from tools.bench.dear import FASTEST, REQUESTS, USUAL, Dear
from tools.bench.machine import scheduled_seconds
from tools.process import ROOT
from tools.server import Server, running
from tools.server import live as live_settings

_READ = 1 << 18
_BEGUN = "asking"
# A longer wait is taken for endless.
_LONGEST_SECONDS = 60.0


@contextmanager
def serving(
    live: Mapping[str, str] | None, where: AbstractContextManager[object]
) -> Iterator[Server]:
    """A site that is warmed up; it is started in `where`.

    With settings of live mode, it asks the simulator of another site instead of Claude.
    """
    with ExitStack() as stack:
        settings: dict[str, str] = {}
        if live is not None:
            claude = stack.enter_context(running())
            address = f"{claude.url}/simulator/long-prose/{FASTEST}"
            settings = {**live_settings(address), **live}
        with where:
            site = stack.enter_context(running(settings))
        waits(site, 0)
        yield site


@contextmanager
def flood(url: str, name: str, count: int) -> Iterator[None]:
    """So many visitors ask, from when this begins to its end."""
    command = [sys.executable, "-m", __name__, url, name, str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == _BEGUN
            yield
        finally:
            process.kill()


def ask(url: str, request: bytes, seconds: float | None = None) -> bytes:
    """Read the answer to its end, with a time limit for each piece, and return its beginning."""
    parts = urlsplit(url)
    with socket.create_connection((str(parts.hostname), parts.port), seconds) as connection:
        # A request that is refused before its body is read still gets an answer.
        with suppress(ConnectionError):
            connection.sendall(request)
        first = b""
        with suppress(ConnectionError):
            first = connection.recv(_READ)
            while connection.recv(_READ):
                pass
    return first


def prepare(url: str, dear: Dear) -> None:
    """Send the requests that come first."""
    if dear.first is not None:
        requests = dear.first.requests(url)
        for _ in range(dear.times):
            ask(url, next(requests))


@dataclass(frozen=True)
class Wait:
    """The seconds until the visitor had an answer, and the server's CPU meanwhile.

    The CPU is the same on a busy machine.
    """

    seconds: float
    cpu: float


def waits(server: Server, seconds: float) -> dict[str, list[Wait]]:
    """The waits of each of USUAL, requested in turn for this time, and at least once."""
    found: dict[str, list[Wait]] = {name: [] for name in USUAL}
    requests = {name: next(one.requests(server.url)) for name, one in USUAL.items()}
    end = time.monotonic() + seconds
    while not all(found.values()) or time.monotonic() < end:
        for name, request in requests.items():
            start, cpu = time.monotonic(), scheduled_seconds(server.pid)
            answer = ask(server.url, request, _LONGEST_SECONDS)
            wait = Wait(time.monotonic() - start, scheduled_seconds(server.pid) - cpu)
            found[name].append(wait)
            assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
            time.sleep(0.005)
    return found


def main() -> None:
    """Ask as the command line says."""
    url, name, count = sys.argv[1:]
    requests = REQUESTS[name].requests(url)
    # The first makes the body, which all share.
    first = next(requests)
    taken = threading.Lock()

    def visit() -> None:
        request = first
        while True:
            ask(url, request)
            with taken:
                request = next(requests)

    for _ in range(int(count)):
        threading.Thread(target=visit, daemon=True).start()
    print(_BEGUN, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
