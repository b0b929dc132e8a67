"""Programs of the guide that ask again by themselves: never on a spend limit."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from uuid import uuid4

import httpx2
import pytest

from streamguide.content import load_content
from tests.programs.test_prices import constants
from tests.programs.test_runs import FOLDER

NEVER_RETRIED = load_content().table.never_retried
# They tell what is temporary from what is not by the types of errors.
PROGRAMS = [
    path for path in FOLDER.iterdir() if path.is_file() and "overloaded_error" in path.read_text()
]
SECONDS = 60


def asked(site: str, name: str, fault: str) -> tuple[subprocess.CompletedProcess[str], int]:
    """A program's run on this fault, and how many requests it made."""
    key = uuid4().hex
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    base = f"{site}/simulator/hello/slow;factor=0+{fault}"
    ended = subprocess.run(
        [sys.executable, FOLDER / name],
        env={**kept, "ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": base},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    journal = httpx2.get(f"{site}/simulator/journal.json", headers={"x-api-key": key})
    return ended, len(journal.json()["requests"])


def test_each_of_them_has_the_codes_of_the_protocol_table() -> None:
    assert {path.name for path in PROGRAMS} >= {"resume.py", "circuit-breaker.py"}
    for path in PROGRAMS:
        assert ast.literal_eval(constants(path)["NEVER_RETRIED"]) == NEVER_RETRIED, path.name


@pytest.mark.parametrize(
    ("code", "count"), [*((code, 1) for code in NEVER_RETRIED), ("ramp_limit_exceeded", 3)]
)
def test_resume_asks_once_on_a_spend_limit(site: str, code: str, count: int) -> None:
    ended, requests = asked(site, "resume.py", f"status;code=429;error_code={code};retry-after=0.1")
    assert (ended.returncode, requests) == (1, count), ended.stderr
    assert code in ended.stderr


@pytest.mark.parametrize("code", NEVER_RETRIED)
def test_the_circuit_breaker_names_a_spend_limit_and_shows_no_fallback(
    site: str, code: str
) -> None:
    fault = f"status;code=429;error_code={code};retry-after=0.1"
    ended, requests = asked(site, "circuit-breaker.py", fault)
    assert (ended.returncode, ended.stdout, requests) == (1, "", 1)
    assert ended.stderr == f"failed: {code}: Rate limit exceeded\n"


def test_the_circuit_breaker_leaves_other_limits_to_the_sdk_and_counts_them(site: str) -> None:
    ended, requests = asked(site, "circuit-breaker.py", "status;code=429;retry-after=0.1")
    assert (ended.returncode, requests) == (0, 3)
    assert "[failure 1]" in ended.stderr
    assert "The assistant is not available right now." in ended.stdout


def test_an_overload_that_passes_is_left_to_the_sdk(site: str) -> None:
    for name in ("resume.py", "circuit-breaker.py"):
        ended, requests = asked(site, name, "status;times=1;retry-after=0.1")
        assert (ended.returncode, requests) == (0, 2), ended.stderr
        assert ended.stdout.startswith("Hello!")
