"""Every program that the guide shows, run against the simulator by the unchanged SDKs."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.message import full_message
from tools.faults.running import Ran
from tools.faults.running import run as run_command

ROOT = CONTENT.parent
FOLDER = CONTENT / "programs"
SECONDS = 60
# How a file of each other kind than Python is run.
INTERPRETERS = {".mjs": "node", ".sh": "bash"}


@dataclass(frozen=True)
class Run:
    """One run of a program: the scenario that it meets, perhaps with a fault, and what comes of it.

    Only a site that is `paced` stands still in a stall.
    """

    program: str
    scenario: str
    exit: int = 0
    arguments: tuple[str, ...] = ()
    paced: bool = False
    stdout: str | None = None
    stdout_contains: tuple[str, ...] = ()
    stderr_contains: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.program}-{self.scenario}"


def load_runs() -> tuple[list[Run], set[str]]:
    """All runs, and the programs that have tests of their own."""
    runs: list[Run] = []
    elsewhere: set[str] = set()
    for path in sorted((FOLDER / "runs").glob("*.toml")):
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        elsewhere |= set(data.get("tested_elsewhere", ()))
        for entry in data.get("runs", ()):
            lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
            runs.append(Run(**{**entry, **lists}))
    return runs, elsewhere


RUNS, ELSEWHERE = load_runs()


def text_of(scenario: str) -> str:
    """The text of a scenario, which may be followed by a fault."""
    name = scenario.partition("/")[0]
    answer = make_answer(load_content().scenarios[name])
    return "".join(block.get("text", "") for block in full_message(answer)["content"])


def start(run: Run, url: str, folder: Path) -> Ran:
    source = FOLDER / run.program
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")},
        # Faults are counted for a key and a path, and two programs may meet the same one.
        "ANTHROPIC_API_KEY": f"run-{uuid4().hex}",
        "ANTHROPIC_BASE_URL": f"{url}/simulator/{run.scenario}",
    }
    interpreter = INTERPRETERS.get(source.suffix)
    command = [*([interpreter] if interpreter else []), str(source), *run.arguments]
    return run_command(command, folder, environment, SECONDS)


def problems(run: Run, ended: Ran) -> Iterator[str]:
    """What is not as the run demands."""
    if ended.code != run.exit:
        yield f"exit {ended.code}, not {run.exit}"
    expected = [text_of(run.scenario)] if run.stdout == "text" else []
    for part in (*expected, *run.stdout_contains):
        if part not in ended.out:
            yield f"stdout lacks {part!r}"
    for part in run.stderr_contains:
        if part not in ended.err:
            yield f"stderr lacks {part!r}"


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_a_program_does_what_its_run_says(
    run: Run, site: str, unpaced: str, tmp_path: Path
) -> None:
    ended = start(run, site if run.paced else unpaced, tmp_path)
    found = list(problems(run, ended))
    assert not found, f"{found}\nstdout: {ended.out}\nstderr: {ended.err}"


def test_every_program_is_run() -> None:
    run = {one.program for one in RUNS} | ELSEWHERE
    there = {path.name for path in FOLDER.iterdir() if path.is_file()}
    assert there - run == set(), "add a run to content/programs/runs/"
    assert run - there == set(), "these do not exist"


def test_every_program_is_shown() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (CONTENT / "guide").glob("*.md"))
    hidden = [path.name for path in FOLDER.iterdir() if path.is_file() and path.name not in pages]
    assert hidden == []


def test_a_run_that_goes_otherwise_is_told() -> None:
    run = Run("p.py", "hello", 0, stdout="text", stderr_contains=("x",))
    ended = Ran(3, "Hello!", "", None, 0.0)
    found = list(problems(run, ended))
    assert found[0] == "exit 3, not 0"
    assert found[1].startswith("stdout lacks 'Hello! You are")
    assert found[2] == "stderr lacks 'x'"
