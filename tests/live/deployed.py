"""The site as it is run for others: nginx in front of gunicorn with two workers, and Redis."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from streamguide.reading.frames import FrameParser
from tests.live.asking import (
    KEY,
    SETTINGS,
    TIMEOUT,
    LiveAnswer,
    LiveSite,
    answer_of,
    events_of,
    request_of,
    within,
)
from tools import commands, server
from tools.process import ROOT
from tools.server import ADDRESS, Process, environment, free_port, listens

GUNICORN = str(Path(sys.executable).with_name("gunicorn"))
CONFIGURATION = ROOT / "deploy" / "nginx.conf"
# Of this machine too, and no proxy's: what comes from there is a visitor's.
VISITOR = "127.0.0.2"

LISTENS = re.compile(r"Listening at: (http://\S+) ")
_BOOTED = re.compile(r"Booting worker with pid: (\d+)")
# Importing the SDK takes seconds of a core, which others may be using.
_READY_SECONDS = 120.0
# A row of /proc/net/tcp: addresses as hexadecimal IP:PORT, a state, and the socket's inode.
_ESTABLISHED = "01"

# A piece of a configuration, and what takes its place.
Change = tuple[str, str]


def started(
    command: Sequence[str], extra: Mapping[str, str], address: re.Pattern[str]
) -> AbstractContextManager[Process]:
    """Run a server in the project's folder, with `extra` in its environment."""
    return server.started(command, environment(extra), address)


def app(simulator: str, settings: Mapping[str, str]) -> AbstractContextManager[Process]:
    """The site without gunicorn: a `python app.py` with live mode."""
    extra = {**live_settings(simulator), **settings}
    return started([sys.executable, "app.py"], extra, ADDRESS)


def live_settings(simulator: str) -> dict[str, str]:
    """Live mode that asks `simulator`, with the short times of the tests."""
    return {
        **SETTINGS,
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": f"{simulator}/simulator",
        # What a test leaves open when it fails holds nobody up.
        "LIVE_STOP_SECONDS": "1",
    }


@dataclass(frozen=True)
class Deployed(LiveSite):
    """The whole of it: `url` is nginx's, `server` gunicorn's own."""

    front: str
    redis: Redis
    gunicorn: Process

    @property
    def url(self) -> str:
        return self.front

    def ask_from(
        self, address: str, headers: Mapping[str, str] = {}, url: str | None = None
    ) -> LiveAnswer:
        """POST as the visitor of an address of this machine, to nginx or to another `url`."""
        url = url or self.url
        transport = httpx2.HTTPTransport(local_address=address)
        with httpx2.Client(transport=transport, timeout=TIMEOUT) as client:
            response = client.post(
                f"{url}/live/messages",
                json=request_of("simulate: hello/slow;factor=0"),
                headers={"origin": url, **headers},
            )
            return answer_of(response)

    def workers(self) -> list[int]:
        """The processes of gunicorn's workers that run."""
        pids = map(int, _BOOTED.findall(self.server.log()))
        return [pid for pid in pids if _runs(pid)]

    def held(self, worker: int) -> int:
        """How many connections of nginx a worker holds."""
        port = urlsplit(self.server.url).port or 0
        return len(_sockets_of(worker) & _established(port))

    @contextmanager
    def only(self, worker: int) -> Iterator[None]:
        """Let just this worker answer: the others are halted, and hold no connection."""
        with self.accepting(worker) as others:
            # nginx keeps a connection for a second after an answer.
            within(30, lambda: not any(map(self.held, others)))
            yield

    @contextmanager
    def accepting(self, worker: int) -> Iterator[list[int]]:
        """Let just this worker take connections: the others are halted, with those they have."""
        others = [pid for pid in self.workers() if pid != worker]
        for pid in others:
            os.kill(pid, signal.SIGSTOP)
        try:
            within(30, lambda: all(_state(pid) == "T" for pid in others))
            yield others
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    def wait_until_ready(self, workers: int = 2) -> None:
        """Until each worker has loaded the application: the port is open long before."""

        def are_ready() -> bool:
            pids, log = self.workers(), self.server.log()
            return len(pids) == workers and all(f"Worker {pid} is ready" in log for pid in pids)

        within(_READY_SECONDS, are_ready)


def _runs(pid: int) -> bool:
    """Whether a process is there, and is not one that has ended and waits to be noticed."""
    return _state(pid) not in ("", "Z")


def _state(pid: int) -> str:
    """The system's letter for what a process does, such as T when it is halted; "" if it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][:1]
    except OSError:
        return ""


def _sockets_of(pid: int) -> set[str]:
    """The inodes of a process's sockets."""
    links = []
    # A descriptor may be closed while they are listed.
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                links.append(str(path.readlink()))
    return {link[8:-1] for link in links if link.startswith("socket:[")}


def _established(port: int) -> set[str]:
    """The inodes of the connections that this port of the machine has accepted."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == _ESTABLISHED}


class Redis:
    """A Redis server that can be stopped and started again under one address, its counts gone."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "redis"
        self._server = ExitStack()
        self.url = f"unix://{self._socket}"

    def start(self) -> None:
        """Run a new one."""
        url = self._server.enter_context(server.redis_server()).url
        self._socket.unlink(missing_ok=True)
        self._socket.symlink_to(url.removeprefix("unix://"))

    def stop(self) -> None:
        """End it; again is harmless."""
        self._server.close()


@contextmanager
def deployed(simulator: str, settings: Mapping[str, str] = {}) -> Iterator[Deployed]:
    """Run all of it, until each worker has answered; `settings` are beside those of a site."""
    # Not pytest's own folder: the path of a socket may have about 100 characters.
    with tempfile.TemporaryDirectory(prefix="deployed-") as name, ExitStack() as stack:
        redis = Redis(Path(name))
        stack.callback(redis.stop)
        redis.start()
        front = f"http://127.0.0.1:{free_port()}"
        extra = {
            **live_settings(simulator),
            "WEB_CONCURRENCY": "2",
            "REDIS_URL": redis.url,
            "SITE_URL": front,
            "TRUSTED_PROXIES": "127.0.0.1",
            **settings,
        }
        gunicorn = stack.enter_context(started([GUNICORN], extra, LISTENS))
        stack.enter_context(nginx(Path(name), front, gunicorn.url, [simulator]))
        site = Deployed(gunicorn, simulator, front, redis, gunicorn)
        site.wait_until_ready()
        yield site


@contextmanager
def nginx(
    folder: Path,
    front: str,
    behind: str,
    simulators: Sequence[str] = (),
    change: Change | None = None,
) -> Iterator[None]:
    """Run nginx at `front`, before the server at `behind`, by the project's configuration.

    Without `simulators` of their own, requests to the simulator go to that server too.
    A `change` puts other text in the place of some that stands in it.
    """
    file = folder / "nginx.conf"
    text = _replaced(CONFIGURATION.read_text("utf-8"), *([change] if change else []))
    file.write_text(_moved(text, folder, front, behind, simulators or [behind]))
    program = commands.find("nginx")
    assert program is not None, "nginx is missing: make test installs it"
    command = [program, "-p", str(folder), "-c", str(file), "-g", "daemon off;"]
    with server.started(command, environment({}), lambda: listens(urlsplit(front).port or 80)):
        yield


def _moved(text: str, folder: Path, front: str, behind: str, simulators: Sequence[str]) -> str:
    """The configuration with other ports, paths and user, and everything else as it stands."""
    port = urlsplit(front).port
    kept = "".join(
        f"\n    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return _replaced(
        text,
        # Only root can be another user, and the folder is root's own.
        ("\nuser www-data;", "\nuser root;"),
        ("/run/nginx.pid", f"{folder}/nginx.pid"),
        ("/var/log/nginx/", f"{folder}/"),
        ("/var/cache/", f"{folder}/"),
        ("\nhttp {", f"\nhttp {{{kept}"),
        ("\n        listen 80;\n", f"\n        listen 127.0.0.1:{port};\n"),
        ("\n        listen [::]:80;\n", "\n"),
        ("server 127.0.0.1:8000;", f"server {urlsplit(behind).netloc};"),
        (
            "server 127.0.0.1:8001;",
            "\n".join(f"server {urlsplit(simulator).netloc};" for simulator in simulators),
        ),
    )


def _replaced(text: str, *changes: Change) -> str:
    for old, new in changes:
        assert old in text, f"deploy/nginx.conf has no {old.strip()!r}"
        text = text.replace(old, new)
    return text


class Visitor(threading.Thread):
    """Somebody at an address of this machine, who watches a stream.

    `begun` is set when its first bytes are there; then come its `events`.
    """

    def __init__(self, url: str, prompt: str, address: str = VISITOR) -> None:
        super().__init__(daemon=True)
        self.begun = threading.Event()
        self.events: list[dict[str, Any]] = []
        self.status = 0
        self.was_cut = False
        self._url = urlsplit(url)
        self._prompt = prompt
        self._left = threading.Event()
        self._connection = http.client.HTTPConnection(
            str(self._url.hostname), self._url.port, timeout=60, source_address=(address, 0)
        )

    @property
    def is_whole(self) -> bool:
        """Whether it saw the end."""
        return bool(self.events) and self.events[-1]["type"] == "message_stop"

    @property
    def used(self) -> int:
        """Output tokens, as the stream told at its end."""
        deltas = [event for event in self.events if event["type"] == "message_delta"]
        return int(deltas[-1]["usage"]["output_tokens"]) if self.is_whole else 0

    def leave(self) -> None:
        """Close the connection."""
        self._left.set()
        assert self._connection.sock is not None
        self._connection.sock.shutdown(socket.SHUT_RDWR)

    def run(self) -> None:
        headers = {"origin": self._url.geturl(), "content-type": "application/json"}
        try:
            body = httpx2.Request("POST", "http://x", json=request_of(self._prompt)).content
            self._connection.request("POST", "/live/messages", body, headers)
            self._watch(self._connection.getresponse())
        except (http.client.HTTPException, OSError):
            self.was_cut = not self._left.is_set()
        finally:
            self.begun.set()
            self._connection.close()

    def _watch(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        parser = FrameParser()
        while chunk := response.read1(65536):
            if self.status == 200:
                self.events += events_of(parser, chunk)
            self.begun.set()
