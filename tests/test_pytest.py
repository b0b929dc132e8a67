"""The pytest plugin, in sessions of its own, as in somebody else's project."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tools.process import ROOT

SECONDS = 300
ASK = """
import json, os, socket, urllib.request, pytest

def ask(path="/v1/messages"):
    body = {"model": "claude-opus-5-5", "max_tokens": 99, "stream": True,
            "messages": [{"role": "user", "content": "Hi"}]}
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2026-10-21",
               "content-type": "application/json"}
    base = os.environ["ANTHROPIC_BASE_URL"]
    request = urllib.request.Request(base + path, json.dumps(body).encode(), headers)
    return urllib.request.urlopen(request, timeout=30).read()

def whole(claude):
    claude.answers("Mine.")
    assert b"Mine." in ask()
    assert [one.ended for one in claude.requests] == ["complete"]
"""


def run(folder: Path, code: str, *options: str, **files: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a file of tests, with the plugin as it is when it is installed."""
    (folder / "test_it.py").write_text(ASK + code, encoding="utf-8")
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    pytest_alone = ("-m", "pytest", "-p", "streamguide.pytest", "-p", "no:cacheprovider", "-rA")
    return subprocess.run(
        (sys.executable, *pytest_alone, *options),
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            # As on a developer's machine.
            "ANTHROPIC_API_KEY": "sk-real",
            "ANTHROPIC_AUTH_TOKEN": "real",
            "HTTP_PROXY": "http://127.0.0.1:9",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def passed(ended: subprocess.CompletedProcess[str]) -> set[str]:
    lines = ended.stdout.splitlines()
    return {line.split("::")[-1] for line in lines if line.startswith("PASSED")}


def test_the_plugin_imports_only_the_standard_library() -> None:
    code = (
        "import json, sys, pytest; before = set(sys.modules); import streamguide.pytest\n"
        "print(json.dumps(sorted({name.split('.')[0] for name in set(sys.modules) - before})))"
    )
    ended = subprocess.run(
        (sys.executable, "-c", code), cwd=ROOT, capture_output=True, text=True, check=True
    )
    others = set(json.loads(ended.stdout)) - sys.stdlib_module_names
    assert others == {"streamguide"}


def test_sync_and_async_programs_use_it_and_none_reaches_the_real_api(tmp_path: Path) -> None:
    code = """
import asyncio, anyio, httpx2, sys

async def get(url):
    async with httpx2.AsyncClient() as client:
        return await client.get(url)

REAL = "https://api.anthropic.com/v1/models"

def test_sync(claude):
    whole(claude)
    assert "ANTHROPIC_AUTH_TOKEN" not in os.environ
    assert not {"gevent", "flask", "pydantic"} & set(sys.modules)

def test_asyncio(claude):
    asyncio.run(get(claude.base_url + "/index.json"))
    whole(claude)

@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_anyio(claude):
    await get(claude.base_url + "/index.json")
    whole(claude)

def test_real_sync(claude):
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(REAL)

def test_real_async(claude):
    with pytest.raises(httpx2.ConnectError):
        asyncio.run(get(REAL))

def test_real_resolved(claude):
    with pytest.raises(OSError, match="let nothing through"):
        socket.getaddrinfo(host=b"API.anthropic.com.", port=443)

def test_after_all_the_functions_are_back():
    assert socket.create_connection.__module__ == "socket"
    assert os.environ["ANTHROPIC_API_KEY"] == "sk-real"
"""
    ended = run(tmp_path, code)
    assert passed(ended) == {
        *("test_sync", "test_asyncio", "test_anyio[asyncio]"),
        "test_after_all_the_functions_are_back",
    }, ended.stdout
    words = "The test asked api.anthropic.com, the real API; `claude` let nothing through."
    assert ended.stdout.count(f"\n{words}") == 2
    assert " 3 failed" in ended.stdout.splitlines()[-1]


def test_a_gevent_program_uses_it_and_does_not_reach_the_real_api(tmp_path: Path) -> None:
    code = """
import gevent

def test_gevent(claude):
    claude.answers("Mine.")
    assert all(b"Mine." in one.get() for one in [gevent.spawn(ask), gevent.spawn(ask)])
    assert len(claude.requests) == 2

def test_real(claude):
    with pytest.raises(OSError, match="let nothing through"):
        socket.create_connection(("api.anthropic.com", 443))
"""
    ended = run(tmp_path, code, conftest="from gevent import monkey\nmonkey.patch_all()\n")
    assert passed(ended) == {"test_gevent"}, ended.stdout + ended.stderr
    assert " 1 failed" in ended.stdout.splitlines()[-1]


def test_workers_of_xdist_each_have_a_simulator_and_settings_hold(tmp_path: Path) -> None:
    code = """
def retried(claude):
    claude.breaks("status", code=429, error_code="enforced_spend_limit_reached")
    for _ in range(2):
        with pytest.raises(OSError):
            ask()

def test_one(claude):
    whole(claude)

def test_two(claude):
    claude.plays("mine")
    assert b"Yours." in ask()

def test_broken(claude):
    retried(claude)
"""
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams" / "mine.txt").write_text("Yours.", encoding="utf-8")
    settings = "[pytest]\nstreamguide_verdicts = always\nstreamguide_scenarios = streams\n"
    (tmp_path / "pytest.ini").write_text(settings, encoding="utf-8")
    ended = run(tmp_path, code, "-n", "2")
    assert passed(ended) == {"test_one", "test_two"}, ended.stdout + ended.stderr
    assert "not-retried: What cannot succeed is not asked again." in ended.stdout


def test_a_setting_or_a_mark_that_is_wrong_is_told(tmp_path: Path) -> None:
    ended = run(tmp_path, "", "-o", "streamguide_verdicts=sometimes")
    assert "streamguide_verdicts is 'sometimes'; it takes always, or on demand" in ended.stderr
    code = "@pytest.mark.claude_faults('breaks')\ndef test_it(): pass\n"
    assert "claude_faults needs `claude`" in run(tmp_path, code).stdout


def test_the_simulator_ends_also_when_pytest_is_killed(tmp_path: Path) -> None:
    code = """
import signal
def test_killed(claude):
    open("address", "w").write(claude.base_url)
    ask()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = run(tmp_path, code)
    assert ended.returncode == -signal.SIGKILL
    address = (tmp_path / "address").read_text(encoding="utf-8")
    with pytest.raises((URLError, OSError)):
        for _ in range(10_000):
            urlopen(f"{address}/index.json", timeout=10).close()
