"""The servers whose streams are measured: the simulator, the bare application, and aimock."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app import create_app
from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.script import script
from streamguide.settings import from_environment
from tools import nodejs, server
from tools.bench.machine import NotHere
from tools.process import ROOT, run

SCENARIO = "long-prose"
MODEL = "claude-opus-4-8"
WORKERS = 2
AIMOCK = "@copilotkit/aimock@1.43.0"

HEADERS = {
    "Authorization": "Bearer bench",
    "anthropic-version": "2026-10-21",
    "content-type": "application/json",
}

# aimock writes all events of a stream at once if there is nothing to wait for. A pause that its
# clock makes a millisecond lets each be a write of its own, as it is for everybody else.
SINGLY = 0.001
PACES = (0, SINGLY, 20, 1000)

# The paths of a stream with so many milliseconds between its events; 0: without any pause.
PATHS: Mapping[str, Callable[[float], str]] = {
    "simulator": lambda pace: f"/simulator/{SCENARIO}/{_fault(pace)}/v1/messages",
    "bare": lambda pace: f"/{pace:g}",
    "aimock": lambda pace: "/v1/messages",
}

_AIMOCK_FOLDER = ROOT / "build" / "aimock"
_INSTALL_SECONDS = 180.0
# In aimock's streams, what is not a delta: two events before, three after.
_OTHER_EVENTS = 5
_PORT = re.compile(r"(?:ready on port |listening on http://[^:]+:)(\d+)")


def simulated() -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """What the simulator answers for the scenario, without pauses: status, headers and events."""
    client = create_app(from_environment({"PORT": "0"})).test_client()
    answer = client.post(PATHS["simulator"](0), data=body(0), headers=HEADERS)
    events = [event + b"\n\n" for event in answer.data.split(b"\n\n")[:-1]]
    return answer.status, list(answer.headers), events


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its name in the tables, its port and its (first) process.

    `helpers` are processes that work for it alone, and count as its own; `source` is the one that
    it has its streams from.
    """

    name: str
    port: int
    pid: int
    helpers: tuple[int, ...] = ()
    source: int | None = None

    def path(self, pace: float) -> str:
        """Where a stream is to be had with so many milliseconds between its events."""
        return PATHS[self.name](pace)

    def headers(self) -> Mapping[str, str]:
        """What a request has beside its host and its length."""
        return HEADERS

    def request(self, pace: float) -> bytes:
        """What asks it for such a stream."""
        content = body(pace)
        lines = [f"POST {self.path(pace)} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers().items()]
        lines += [f"content-length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


def body(pace: float) -> bytes:
    """The body of a request. aimock knows the pace by the message, the others by the path."""
    message = {"role": "user", "content": _message(pace)}
    asked = {"model": MODEL, "max_tokens": 16_000, "stream": True, "messages": [message]}
    return json.dumps(asked).encode()


def _message(pace: float) -> str:
    return f"Tell me something, an event every {pace:g} ms."


def _fault(pace: float) -> str:
    return f"pace;seconds={pace / 1000:g}" if pace else "slow;factor=0"


@contextmanager
def running(name: str) -> Iterator[Server]:
    """Start one of the servers, wait until all of its processes are ready, and end it."""
    commands = {
        "simulator": lambda: gunicorn("app:create_app()"),
        "bare": lambda: gunicorn("tools.bench.peers:stream()"),
        "aimock": _aimock,
    }
    with started(commands[name](), times=1 if name == "aimock" else WORKERS) as (pid, port):
        yield Server(name, port, pid)


@contextmanager
def started(
    command: Sequence[str], settings: Mapping[str, str] = {}, times: int = WORKERS
) -> Iterator[tuple[int, int]]:
    """Run a server until so many lines have told its port; gives its process and that port."""
    with server.started(command, environment(settings), _PORT, times=times) as found:
        yield found.pid, int(found.url)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """That of a server on a free port, with as many workers as are measured."""
    return server.environment({"WEB_CONCURRENCY": str(WORKERS), **settings})


def gunicorn(application: str) -> Sequence[str]:
    """The command that serves it as the site is served."""
    settings = ("-c", "python:tools.bench.gunicorn_conf", "--log-level", "warning")
    return (sys.executable, "-m", "gunicorn", *settings, application)


def _aimock() -> Sequence[str]:
    """The command for aimock, which is installed first. Raises NotHere."""
    node = nodejs.find()
    if node is None:
        raise NotHere(f"aimock needs {nodejs.WHAT_TO_INSTALL}")
    program = _AIMOCK_FOLDER / "node_modules/@copilotkit/aimock/dist/cli.js"
    if not program.exists():
        _install_aimock(node)
    fixtures = _AIMOCK_FOLDER / "fixtures.json"
    fixtures.write_text(json.dumps(_fixtures()), encoding="utf-8")
    return (node, str(program), "--port", "0", "--fixtures", str(fixtures))


def _install_aimock(node: str) -> None:
    print(f"Installing {AIMOCK}", file=sys.stderr, flush=True)
    _AIMOCK_FOLDER.mkdir(parents=True, exist_ok=True)
    options = ("--prefix", str(_AIMOCK_FOLDER), "--no-audit", "--no-fund")
    command = (*nodejs.npm(node), "install", *options, AIMOCK)
    ended = run(command, seconds=_INSTALL_SECONDS, env=nodejs.environment(node))
    if not ended.ok:
        why = "time was up" if ended.code is None else ended.output.strip()
        raise NotHere(f"{AIMOCK} cannot be installed, which needs the npm registry: {why}")


def _fixtures() -> dict[str, object]:
    """The scenario's text in about as many events."""
    answer = make_answer(load_content().scenarios[SCENARIO])
    text = "".join(block.content["text"] for block in answer.blocks)
    deltas = len(script(answer)) - _OTHER_EVENTS
    return {
        "fixtures": [
            {
                "match": {"userMessage": _message(pace)},
                "response": {"content": text},
                "chunkSize": round(len(text) / deltas),
                "latency": pace,
            }
            for pace in PACES
        ]
    }
