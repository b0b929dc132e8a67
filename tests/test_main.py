"""The command `streamguide`, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from streamguide.__main__ import main
from streamguide.simulator.faults import FAULTS
from streamguide.simulator_process import command, running_simulator
from tools.process import ROOT

SECONDS = 60


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "streamguide", *arguments),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def simulator(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        command("simulator", "--port", "0", *arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["base_url"])


def listed(base_url: str) -> Any:
    with urlopen(f"{base_url}/index.json", timeout=SECONDS) as answer:
        return json.load(answer)


def test_the_simulator_prints_its_address_as_json_and_stops_when_told() -> None:
    with simulator() as process:
        base_url = address(process)
        assert base_url.startswith("http://127.0.0.1:")
        assert "hello" in {one["name"] for one in listed(base_url)["scenarios"]}
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_it_ends_when_what_holds_its_standard_input_is_gone() -> None:
    with simulator("--until-stdin-ends") as process:
        address(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(SECONDS) == 0


def test_it_plays_the_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("From my own file.", encoding="utf-8")
    with running_simulator("--scenarios", str(tmp_path)) as base_url:
        assert "mine" in {one["name"] for one in listed(base_url)["scenarios"]}


def test_what_it_cannot_do_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "hello.txt").write_text("Hello.", encoding="utf-8")
    ended = run("simulator", "--scenarios", str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr.startswith("--scenarios: hello.txt: hello already has a meaning")
    assert len(ended.stderr.splitlines()) == 1
    wrong = run("simulator", "--port", "eighty")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert wrong.stderr.startswith("PORT is 'eighty'; it takes")


def test_an_address_in_use_names_a_command_with_another_one() -> None:
    with simulator() as process:
        port = address(process).split(":")[2].split("/")[0]
        ended = run("simulator", "--port", port)
    assert ended.returncode == 1
    assert "in use. Choose another port, such as: streamguide simulator --port" in ended.stderr


def test_serve_runs_the_site_with_its_settings() -> None:
    environment = {**os.environ, "ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        (sys.executable, "-m", "streamguide", "serve", "--port", "0"),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Streamguide is at http://127.0.0.1:")
        process.terminate()
        assert process.wait(SECONDS) == 0


def test_the_lists_name_every_scenario_and_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in FAULTS if f"  {name}: " not in shown] == []
    assert main(["faults", "--json", "breaks"]) == 0
    found = json.loads(capsys.readouterr().out)["faults"]
    assert {one["moment"] for one in found} == {"breaks"}
    assert main(["scenarios"]) == 0
    assert "\nthinking " in capsys.readouterr().out


def test_a_name_that_is_no_fault_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["faults", "dorp"]) == 2
    assert "'dorp' is neither a fault nor a group" in capsys.readouterr().err


def test_help_teaches_and_gives_the_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["simulator", "--help"], ["conform", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        assert "exit status: 0" in capsys.readouterr().out


def test_what_was_recorded_is_played_again(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    asked = {"model": "claude-opus-5-5", "max_tokens": 500, "stream": True}
    body = json.dumps({**asked, "messages": [{"role": "user", "content": "Hi"}]}).encode()
    headers = {
        "x-api-key": "any",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }

    def answer(base_url: str) -> bytes:
        request = Request(f"{base_url}/v1/messages", body, headers)
        with urlopen(request, timeout=SECONDS) as response:
            found: bytes = response.read()
            return found

    def recorder(api: str) -> subprocess.Popen[str]:
        arguments = ("--port", "0", "--to", api, "--recordings", str(tmp_path / "kept"))
        return subprocess.Popen(command("record", *arguments), stdout=subprocess.PIPE, text=True)

    with running_simulator() as api, recorder(f"{api}/hello/slow;factor=0") as process:
        sent = answer(address(process))
        process.terminate()
        assert process.wait(SECONDS) == 0
    [kept] = (tmp_path / "kept").glob("*.sse")
    assert kept.read_bytes() == sent
    with running_simulator("--scenarios", str(tmp_path / "kept")) as base_url:
        assert answer(f"{base_url}/{kept.stem}") == sent
