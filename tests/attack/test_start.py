"""At the start, one line says what keeps the site or its live mode from working."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping

import httpx2
import pytest

from tests.attack.conftest import COMMANDS, first_of, served
from tests.live.asking import KEY, TIMEOUT
from tests.live.counts import ask
from tools.process import ROOT
from tools.server import environment, redis_server

LIVE = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
WRONG = {
    "socks": {"ALL_PROXY": "socks5://u:hidden@127.0.0.1:7890", "NO_PROXY": "127.0.0.1"},
    "port": {"ANTHROPIC_BASE_URL": "http://u:hidden@127.0.0.1:99999"},
    "redis": {"REDIS_URL": "rediss://u:hidden@127.0.0.1?ssl_cert_reqs=zzz"},
    "models": {"LIVE_MODELS": "claude-none"},
}
CASES = [f"{program}, {name}" for program in COMMANDS for name in WRONG]


@pytest.mark.parametrize("case", first_of(CASES, "app.py, port", "gunicorn, redis"))
def test_a_site_that_cannot_start_says_why_in_one_line(case: str) -> None:
    program, _, wrong = case.partition(", ")
    ended = subprocess.run(
        COMMANDS[program],
        cwd=ROOT,
        env=environment({**LIVE, **WRONG[wrong]}),
        capture_output=True,
        text=True,
        timeout=4 * TIMEOUT,
    )
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert next(iter(WRONG[wrong])) in line
    assert "hidden" not in line and KEY not in line


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    """The address of a Redis, with a wrong password."""
    with redis_server() as server:
        with ask(server.url) as client:
            client.config_set("requirepass", "right")
        yield server.url.replace("unix://", "unix://:hidden@")


def log_of_a_start(settings: Mapping[str, str]) -> str:
    with served("app.py", {**LIVE, **settings}) as site:
        assert httpx2.get(f"{site.url}/guide/live", timeout=TIMEOUT).status_code == 200
        return site.log()


def test_a_redis_that_refuses_is_told_of_and_the_pages_are_served(guarded: str) -> None:
    log = log_of_a_start({"REDIS_URL": guarded})
    (line,) = [line for line in log.splitlines() if "REDIS_URL" in line]
    assert "AuthenticationError" in line and "live mode refuses" in line
    assert "hidden" not in log and "Traceback" not in log


@pytest.mark.soak
def test_a_redis_that_is_not_there_is_told_of_and_the_pages_are_served() -> None:
    log = log_of_a_start({"REDIS_URL": "redis://:hidden@127.0.0.1:1"})
    (line,) = [line for line in log.splitlines() if "REDIS_URL" in line]
    assert "ConnectionError" in line
    assert "hidden" not in log and "Traceback" not in log
