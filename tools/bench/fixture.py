"""Tests with the fixture `claude`, against llmock's fixture and respx; the idle simulator, against aimock."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from statistics import median

from tools import server
from tools.bench.machine import resident_bytes
from tools.bench.report import Table, headings, row
from tools.bench.rounds import in_turn, medians
from tools.bench.stream_servers import AIMOCK, running
from tools.package import ADDRESS, build
from tools.process import ROOT, Missing, install

_FOLDER = ROOT / "build" / "fixture"
_PYTHON = _FOLDER / "venv" / "bin" / "python"
_LLMOCK, _RESPX = "llmock==0.2.2", "respx==0.23.1"
_PACKAGES = ("anthropic==2.14.0", "pytest==9.2.0", _LLMOCK, _RESPX)
_ROUNDS = 5
_TESTS = 40
_SECONDS = 120

_HEAD = """
import anthropic, pytest

TEXT = "A sentence of some length, which the answer has many of. " * 20

def ask():
    question = {"role": "user", "content": "Hello"}
    client = anthropic.Anthropic()
    with client.messages.stream(model="claude-opus-5-5", max_tokens=999, messages=[question]) as stream:
        return stream.get_final_text()
"""
_TEST = """
@pytest.mark.parametrize("number", range({tests}))
def test_it({fixture}, number):
    {given}
    assert ask() == TEXT
"""
# respx sees the SDK's requests only under the name of the library that it was made for.
_RESPX_HEAD = """
import httpx2
httpx2.alias_httpx()
import json, os, respx
os.environ["ANTHROPIC_API_KEY"] = "any"

def sent():
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5",
               "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield {"type": "message_start", "message": message}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for at in range(0, len(TEXT), 24):
        delta = {"type": "text_delta", "text": TEXT[at:at + 24]}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": end, "usage": usage}
    yield {"type": "message_stop"}

BODY = "".join(f"event: {one['type']}\\ndata: {json.dumps(one)}\\n\\n" for one in sent())
HEADERS = {"content-type": "text/event-stream"}

@pytest.fixture
def mocked():
    with respx.mock:
        url = "https://api.anthropic.com/v1/messages"
        yield respx.post(url).respond(200, headers=HEADERS, text=BODY)
"""
# When the first test is over, and how long each took with its set-up and its end.
_CONFTEST = """
import json, os, time

seconds, first = {}, []

def pytest_runtest_logreport(report):
    seconds[report.nodeid] = seconds.get(report.nodeid, 0) + report.duration
    if report.when == "call" and not first:
        first.append(time.time())

def pytest_sessionfinish():
    with open("told.json", "w") as file:
        json.dump({"first": first[0], "seconds": list(seconds.values())}, file)
"""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to test: the plugin that is loaded, the code before the test, its fixture and first line."""

    plugin: str
    head: str
    fixture: str
    given: str


_OURS, _PEER, _IN_PROCESS = "claude", "llmock", "respx, alias_httpx"
_WAYS: Mapping[str, _Way] = {
    _OURS: _Way("streamguide.pytest", _HEAD, "claude", "claude.answers(TEXT)"),
    _PEER: _Way("llmock.pytest_plugin", _HEAD, "llmock", "llmock.reply(TEXT)"),
    _IN_PROCESS: _Way("no:doctest", _HEAD + _RESPX_HEAD, "mocked", "pass"),
}


@dataclass(frozen=True, slots=True)
class _Session:
    """Seconds from the start of pytest to the end of its first test, CPU of the whole session with
    all its processes, and seconds of each test after the first."""

    first: float
    cpu: float
    test: float


def measure() -> tuple[list[Table], str]:
    """The table of sessions and that of idle servers, and the peers' versions. Raises Missing."""
    _install()
    versions = f"{', '.join(_PACKAGES)}, {AIMOCK}"
    return [_sessions_table(), _idle_table()], versions


def _install() -> None:
    """Make an environment of its own, with the wheel and the peers."""
    wheel = build()
    shutil.rmtree(_FOLDER, ignore_errors=True)
    venv = (sys.executable, "-m", "venv", str(_PYTHON.parent.parent))
    pip = (str(_PYTHON), "-m", "pip", "install", "--quiet", str(wheel), *_PACKAGES)
    ended = install(f"{', '.join(_PACKAGES)} and {wheel.name}", venv, pip)
    if not ended.ok:
        raise Missing(f"the peers: {ended.reason}")


def _sessions_table() -> Table:
    one = in_turn({name: partial(_session, way, 1) for name, way in _WAYS.items()}, _ROUNDS)
    many = in_turn({name: partial(_session, way, _TESTS) for name, way in _WAYS.items()}, _ROUNDS)
    rows = (
        row("from pytest to the first answer, s", medians(one, lambda each: each.first)),
        row("CPU of a session of one test, s", medians(one, lambda each: each.cpu)),
        row("time of a test, ms", medians(many, lambda each: 1000 * each.test)),
    )
    title = f"Sessions of one test and of {_TESTS} (medians of {_ROUNDS} rounds)"
    return Table(title, headings(_WAYS), rows)


def _session(way: _Way, tests: int) -> _Session:
    """Run one session."""
    folder = _FOLDER / "session"
    folder.mkdir(exist_ok=True)
    test = _TEST.format(tests=tests, fixture=way.fixture, given=way.given)
    (folder / "test_it.py").write_text(way.head + test, encoding="utf-8")
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    before, started = os.times(), time.time()
    # Without the settings of this project, in whose folder it is.
    pytest = (str(_PYTHON), "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".")
    ended = subprocess.run(
        (*pytest, "-p", way.plugin, "-p", "no:cacheprovider"),
        cwd=folder,
        # Each has its own plugin alone, as a project that uses it has.
        env=server.environment({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode != 0:
        raise RuntimeError(f"{way.fixture}:\n{ended.stdout}\n{ended.stderr}")
    told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user
    return _Session(
        told["first"] - started,
        cpu - before.children_system,
        median(told["seconds"][1:] or told["seconds"]),
    )


def _idle_table() -> Table:
    """Memory of servers that have just started, and serve nobody."""
    with ExitStack() as stack:
        ours = stack.enter_context(_simulator())
        aimock = stack.enter_context(running("aimock"))
        megabytes = [resident_bytes(pid) / 1e6 for pid in (ours.pid, aimock.pid)]
    return Table("Idle servers", headings(("simulator", "aimock")), (row("memory, MB", megabytes),))


def _simulator() -> AbstractContextManager[server.Process]:
    """The command `streamguide simulator` of that environment."""
    program = _PYTHON.with_name("streamguide")
    return server.started((program, "simulator", "--port", "0"), server.environment({}), ADDRESS)
