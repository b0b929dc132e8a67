"""The programs of the guide's page on testing, against the running site."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs.test_runs import FOLDER, text_of
from tools.goldens import FOLDER as GOLDENS

SECONDS = 120


def run(site: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a program beside the others, with this Python and the site's address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return subprocess.run(
        command,
        cwd=FOLDER,
        env={**kept, "PATH": path, "SIMULATOR": f"{site}/simulator"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_tests_in_python_pass(site: str) -> None:
    # Not with this project's own settings and plugins: readers have neither.
    pytest_alone = ("-m", "pytest", "-q", "-c", os.devnull, "--rootdir", ".", "-p", "no:playwright")
    options = ("-p", "no:cacheprovider", "-p", "no:xdist", "test_answer.py")
    ended = run(site, sys.executable, *pytest_alone, *options)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed in " in ended.stdout


def test_the_tests_in_javascript_pass(site: str) -> None:
    ended = run(site, "node", "--test", "answer.test.mjs")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "fail 0" in ended.stdout


def test_an_unchanged_program_meets_the_fault_and_the_journal_tells_of_it(site: str) -> None:
    ended = run(site, "bash", "simulator.sh")
    assert "RemoteProtocolError" in ended.stderr
    *text, journal = ended.stdout.splitlines()
    assert text[0].startswith("Hello!")
    found = json.loads(journal)
    assert (found["status"], found["event"], found["ended"]) == (200, 8, "cut")


@pytest.mark.parametrize("program", [(sys.executable, "replay.py"), ("node", "replay.mjs")])
@pytest.mark.parametrize("scenario", ["hello", "citations", "languages"])
def test_a_recording_is_read_as_if_it_came_from_the_api(
    program: tuple[str, ...], scenario: str
) -> None:
    ended = run("http://127.0.0.1:9", *program, str(GOLDENS / f"{scenario}.sse"))
    assert ended.returncode == 0, ended.stderr
    assert text_of(scenario) in ended.stdout
    assert "end_turn" in ended.stderr
