"""Programs of the guide that ask again by themselves: never on a spend limit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from streamguide.content import load_content
from tests.programs.test_runs import FOLDER
from tools.faults.running import Ran, run

NEVER_RETRIED = load_content().table.never_retried
# They tell what is temporary from what is not by the types of errors.
PROGRAMS = [
    path
    for path in FOLDER.iterdir()
    if path.suffix in (".py", ".mjs")
    and not path.name.startswith("test_")
    and "overloaded_error" in path.read_text("utf-8")
]
SECONDS = 60


Asked = Callable[[str, str], tuple[Ran, int]]


@pytest.fixture
def asked(site: str, tmp_path: Path) -> Asked:
    """Runs a program on a fault: what it did, and how many requests it made."""

    def asked(name: str, fault: str) -> tuple[Ran, int]:
        key = uuid4().hex
        kept = {k: value for k, value in os.environ.items() if not k.startswith("ANTHROPIC_")}
        base = f"{site}/simulator/hello/slow;factor=0+{fault}"
        environment = {**kept, "ANTHROPIC_API_KEY": key, "ANTHROPIC_BASE_URL": base}
        ended = run([str(FOLDER / name)], tmp_path, environment, SECONDS)
        journal = httpx2.get(f"{site}/simulator/journal.json", headers={"x-api-key": key})
        return ended, len(journal.json()["requests"])

    return asked


def test_each_of_them_has_the_codes_of_the_protocol_table() -> None:
    assert {path.name for path in PROGRAMS} >= {"resume.py", "circuit-breaker.py"}
    for path in PROGRAMS:
        written = re.search(r"NEVER_RETRIED = [\[(](.*?)[\])]", path.read_text("utf-8"), re.DOTALL)
        assert written, path.name
        assert tuple(re.findall(r'"(\w+)"', written[1])) == tuple(NEVER_RETRIED), path.name


@pytest.mark.parametrize(
    ("code", "count"), [*((code, 1) for code in NEVER_RETRIED), ("ramp_limit_exceeded", 3)]
)
def test_resume_asks_once_on_a_spend_limit(asked: Asked, code: str, count: int) -> None:
    ended, requests = asked("resume.py", f"status;code=429;error_code={code};retry-after=0.1")
    assert (ended.code, requests) == (1, count), ended.err
    assert code in ended.err


@pytest.mark.parametrize("code", NEVER_RETRIED)
def test_the_circuit_breaker_names_a_spend_limit_and_shows_no_fallback(
    asked: Asked, code: str
) -> None:
    fault = f"status;code=429;error_code={code};retry-after=0.1"
    ended, requests = asked("circuit-breaker.py", fault)
    assert (ended.code, ended.out, requests) == (1, "", 1)
    assert ended.err == f"failed: {code}: Rate limit exceeded\n"


def test_the_circuit_breaker_leaves_other_limits_to_the_sdk_and_counts_them(asked: Asked) -> None:
    ended, requests = asked("circuit-breaker.py", "status;code=429;retry-after=0.1")
    assert (ended.code, requests) == (0, 3)
    assert "[failure 1]" in ended.err
    assert "The assistant is not available right now." in ended.out


def test_an_overload_that_passes_is_left_to_the_sdk(asked: Asked) -> None:
    for name in ("resume.py", "circuit-breaker.py"):
        ended, requests = asked(name, "status;times=1;retry-after=0.1")
        assert (ended.code, requests) == (0, 2), ended.err
        assert ended.out.startswith("Hello!")
