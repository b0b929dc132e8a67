"""The servers whose streams are measured: the simulator, the bare application, and aimock."""

from __future__ import annotations

import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app import create_app
from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.script import script
from streamguide.settings import from_environment
from tools import nodejs, server
from tools.process import ROOT, Missing, install

SCENARIO = "long-prose"
MODEL = "claude-opus-4-8"
WORKERS = 2
AIMOCK = "@copilotkit/aimock@1.43.0"

# LiteLLM does not start without a key of its own, which a request must name; all others take any.
KEY = f"sk-{secrets.token_hex(32)}"
HEADERS = {
    "Authorization": f"Bearer {KEY}",
    "anthropic-version": "2026-10-21",
    "content-type": "application/json",
}

# Without a pause, aimock writes all events of a stream at once. With the shortest, which its clock
# rounds to a millisecond, each event is a write of its own, as with the other servers.
SINGLY = 0.001
PACES = (0, SINGLY, 20, 1000)

# The paths of streams that differ from the API's, by the milliseconds between events.
_PATHS: Mapping[str, Callable[[float], str]] = {
    "simulator": lambda pace: f"/simulator/{SCENARIO}/{_fault(pace)}/v1/messages",
    "bare": lambda pace: f"/{pace:g}",
    "this relay": lambda pace: "/live/messages",
    "LiteLLM, /anthropic": lambda pace: "/anthropic/v1/messages",
}

_AIMOCK_FOLDER = ROOT / "build" / "aimock"
# The events of aimock's streams that are no deltas: two before them, three after.
_OTHER_EVENTS = 5
_PORT = re.compile(r"(?:ready on port |listening on http://[^:]+:)(\d+)")


def simulated() -> tuple[str, list[tuple[str, str]], list[bytes]]:
    """The simulator's answer for the scenario, without pauses: status, headers and events."""
    client = create_app(from_environment({"PORT": "0"})).test_client()
    answer = client.post(_PATHS["simulator"](0), data=body(0), headers=HEADERS)
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

    def request(self, pace: float) -> bytes:
        """A request for a stream with this number of milliseconds between its events."""
        content, host = body(pace), f"127.0.0.1:{self.port}"
        path = _PATHS[self.name](pace) if self.name in _PATHS else "/v1/messages"
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}"]
        # Live mode only answers its own page.
        lines += [f"Origin: http://{host}"] if path.startswith("/live/") else []
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        lines += [f"content-length: {len(content)}"]
        return "\r\n".join([*lines, "", ""]).encode() + content


def body(pace: float) -> bytes:
    """The body of a request. aimock and the relays' upstream know the pace by the message."""
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
    """Run a server that is ready when it has printed its port `times` times; yields its process and port."""
    with server.started(command, environment(settings), _PORT, times=times) as found:
        yield found.pid, int(found.url)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """That of a server on a free port, with as many workers as are measured."""
    return server.environment({"WEB_CONCURRENCY": str(WORKERS), **settings})


def gunicorn(application: str) -> Sequence[str]:
    """The command that serves it as the site is served."""
    return (sys.executable, "-m", "gunicorn", application)


def _aimock() -> Sequence[str]:
    """The command for aimock. Raises Missing."""
    node = nodejs.find()
    if node is None:
        raise Missing(f"aimock needs {nodejs.WHAT_TO_INSTALL}")
    _AIMOCK_FOLDER.mkdir(parents=True, exist_ok=True)
    program = installed(
        _AIMOCK_FOLDER / "node_modules/@copilotkit/aimock/dist/cli.js",
        AIMOCK,
        (*nodejs.npm(node), "install", "--prefix", str(_AIMOCK_FOLDER), "--no-audit", AIMOCK),
        env=nodejs.environment(node),
    )
    fixtures = _AIMOCK_FOLDER / "fixtures.json"
    fixtures.write_text(json.dumps(_fixtures()), encoding="utf-8")
    return (node, str(program), "--port", "0", "--fixtures", str(fixtures))


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


def installed(
    program: Path,
    package: str,
    *commands: Sequence[str],
    env: Mapping[str, str] | None = None,
) -> Path:
    """A program of a package, which the commands install if it is not there. Raises Missing."""
    if not program.exists():
        ended = install(package, *commands, env=env)
        if not ended.ok:
            raise Missing(f"{package} cannot be installed from its registry: {ended.reason}")
    return program
