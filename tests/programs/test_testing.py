"""The programs of the guide's page on testing: each starts its own simulator, as a reader's does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from streamguide.simulator_process import running_simulator
from tests.programs.test_runs import FOLDER, text_of
from tools.goldens import FOLDER as GOLDENS
from tools.process import ROOT

SECONDS = 300
# The commands that `pip install streamguide` and pip itself would put on the path.
SHIMS = {
    "streamguide": f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -m streamguide "$@"',
    "pip": 'echo "$@" > pip.txt',
}
# Not with this project's own settings and plugins: readers have neither.
PYTEST = (
    *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", "."),
    *(
        "-p",
        "streamguide.pytest",
        "-p",
        "no:playwright",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the programs that belong together, and the commands in `bin`."""
    names = ("answer.py", "test_answer.py", "test_recorded.py", "record.sh", "ci.sh")
    for name in names:
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / "bin").mkdir()
    return tmp_path


def run(
    folder: Path, *command: str, shims: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with this Python and the commands of SHIMS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    paths = [str(Path(sys.executable).parent), kept["PATH"]]
    if shims is not None:
        for name, text in SHIMS.items():
            (shims / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
            (shims / name).chmod(0o755)
        paths.insert(0, str(shims))
    return subprocess.run(
        command,
        cwd=folder,
        env={**kept, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_tests_in_python_pass(folder: Path) -> None:
    ended = run(folder, *PYTEST, "test_answer.py")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " passed in " in ended.stdout


def test_the_tests_in_javascript_pass(tmp_path: Path) -> None:
    ended = run(FOLDER, "node", "--test", "answer.test.mjs", shims=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "pass 5" in ended.stdout


def test_a_stream_is_recorded_inspected_and_kept_as_a_test(folder: Path) -> None:
    with running_simulator() as simulator:
        api = f"{simulator}/hello/drop;at=9"
        recorded = run(
            folder, "bash", "record.sh", shims=folder / "bin", API=api, ANTHROPIC_API_KEY="any"
        )
    assert recorded.returncode == 0, recorded.stderr
    assert "It failed: 1" in recorded.stdout
    assert "It breaks rules." in recorded.stdout
    tested = run(folder, *PYTEST, "test_recorded.py")
    assert "2 passed" in tested.stdout, tested.stdout + tested.stderr


# Quick to start, as it has no SDK. It retries nothing, and exits with CLAIM.
CLIENT = """
import json, os, sys, urllib.request
body = {"model": "claude-opus-5-5", "max_tokens": 500, "stream": True,
        "messages": [{"role": "user", "content": "Hello"}]}
headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2026-10-21",
           "content-type": "application/json"}
url = os.environ["ANTHROPIC_BASE_URL"] + "/v1/messages"
try:
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    complete = b"message_stop" in urllib.request.urlopen(request).read()
except Exception:
    complete = False
sys.exit(CLAIM)
"""


def test_ci_installs_runs_and_writes_verdicts(folder: Path) -> None:
    careful = CLIENT.replace("CLAIM", "not complete")
    ended = run(folder, "bash", "ci.sh", "python", "-c", careful, shims=folder / "bin")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (folder / "pip.txt").read_text(encoding="utf-8") == "install --quiet streamguide\n"
    suite = ElementTree.parse(folder / "verdicts.xml").getroot()
    results = {case.get("name"): [one.tag for one in case] for case in suite}
    assert (results["complete"], results["silence"]) == ([], ["skipped"])


def test_ci_fails_for_a_program_that_takes_a_broken_answer_for_whole(folder: Path) -> None:
    careless = CLIENT.replace("CLAIM", "0")
    ended = run(folder, "bash", "ci.sh", "python", "-c", careless, shims=folder / "bin")
    assert ended.returncode == 1
    found = ElementTree.parse(folder / "verdicts.xml").getroot().find("*[@name='complete']/failure")
    assert found is not None
    assert "the client took it for complete" in (found.get("message") or "")


def test_an_unchanged_program_meets_the_fault_and_the_journal_tells_of_it() -> None:
    with running_simulator() as simulator:
        ended = run(FOLDER, "bash", "simulator.sh", SIMULATOR=simulator)
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
    ended = run(FOLDER, *program, str(GOLDENS / f"{scenario}.sse"))
    assert ended.returncode == 0, ended.stderr
    assert text_of(scenario) in ended.stdout
    assert "end_turn" in ended.stderr
