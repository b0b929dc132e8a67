"""systemd's units, and simulators that run as theirs says, behind nginx.

tests/live/test_deployed.py runs the site itself.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from configparser import ConfigParser, SectionProxy
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from streamguide.files import CONTENT
from tests.live.asking import request_of
from tests.live.deployed import GUNICORN, LISTENS, nginx, started
from tools.process import ROOT
from tools.server import environment, free_port


@pytest.fixture(scope="module")
def service() -> SectionProxy:
    unit = ConfigParser()
    unit.read(ROOT / "deploy" / "streamguide.service", "utf-8")
    return unit["Service"]


def test_the_unit_runs_gunicorn_as_the_user_and_in_the_folder_of_the_guide(
    service: SectionProxy,
) -> None:
    page = (CONTENT / "guide" / "hosting.md").read_text("utf-8")
    folder = service["WorkingDirectory"]
    assert f"The folder is `{folder}` here" in page
    assert service["ExecStart"] == f"{folder}/.venv/bin/gunicorn"
    assert f"useradd --system {service['User']}\n" in page
    assert f"chgrp {service['User']} .env\n" in page


def test_systemd_lets_gunicorn_end_by_itself(service: SectionProxy) -> None:
    printed = subprocess.run(
        [GUNICORN, "--print-config"],
        cwd=ROOT,
        env=environment({"ANTHROPIC_API_KEY": "any"}),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"^graceful_timeout\s*= (\d+)$", printed, re.MULTILINE)
    assert found is not None, printed
    assert int(service["TimeoutStopSec"]) > int(found[1])


# --- the simulator's service ---


@pytest.fixture(scope="module")
def simulator_service() -> SectionProxy:
    # systemd's %i is no interpolation of Python's.
    unit = ConfigParser(interpolation=None)
    unit.read(ROOT / "deploy" / "streamguide-simulator@.service", "utf-8")
    return unit["Service"]


@pytest.fixture(scope="module")
def simulators(
    simulator_service: SectionProxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, list[str]]]:
    """nginx's address, and those of two simulators behind it that run as their unit says."""
    front = f"http://127.0.0.1:{free_port()}"
    own = dict(one.split("=", 1) for one in simulator_service["Environment"].split())
    # As in the .env of the guide: a key, several workers, and others who can reach the site.
    shared = {"SITE_URL": "https://example.org", "TRUSTED_PROXIES": "127.0.0.1"}
    with ExitStack() as stack:
        urls = []
        for _ in range(2):
            extra = {"ANTHROPIC_API_KEY": "any", **shared, **own, "PORT": "0"}
            urls.append(stack.enter_context(started([GUNICORN], extra, LISTENS)).url)
        # What is not the simulator's goes to nobody who could answer it.
        nobody = f"http://127.0.0.1:{free_port()}"
        stack.enter_context(nginx(tmp_path_factory.mktemp("nginx"), front, nobody, urls))
        yield front, urls


def ask(url: str, headers: dict[str, str], path: str = "hello/slow;factor=0") -> int:
    answer = httpx2.post(
        f"{url}/simulator/{path}/v1/messages",
        json=request_of("Hello"),
        headers={"anthropic-version": "2026-10-21", **headers},
        timeout=60,
    )
    return answer.status_code


def journal(url: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = httpx2.get(
        f"{url}/simulator/journal.json", headers={"host": "example.org", **headers}, timeout=60
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["requests"]
    return found


def test_the_unit_of_the_simulator_is_like_that_of_the_site(
    service: SectionProxy, simulator_service: SectionProxy
) -> None:
    # Only workers that count together need a folder in memory.
    of_the_site = {key: value for key, value in service.items() if key != "runtimedirectory"}
    own = {"environment": simulator_service["environment"]}
    assert dict(simulator_service) == of_the_site | own


def test_the_journal_of_a_key_is_complete_with_two_simulators(
    simulators: tuple[str, list[str]],
) -> None:
    front, urls = simulators
    keys = [uuid4().hex for _ in range(12)]
    for key in keys:
        for headers in ({"x-api-key": key}, {"authorization": f"Bearer {key}"}) * 2:
            assert ask(front, headers) == 200
    for key in keys:
        assert len(journal(front, {"x-api-key": key})) == 4
        assert len(journal(front, {"authorization": f"bearer {key}"})) == 4
    for url in urls:
        # Each process has some of the keys, and all that those asked.
        assert {len(journal(url, {"x-api-key": key})) for key in keys} == {0, 4}


def test_a_fault_that_is_counted_is_met_as_often_as_it_says_with_two_simulators(
    simulators: tuple[str, list[str]],
) -> None:
    front, _ = simulators
    for key in (uuid4().hex for _ in range(6)):
        path = "hello/status;code=529;times=2"
        assert [ask(front, {"x-api-key": key}, path) for _ in range(3)] == [529, 529, 200]


def test_the_bodies_of_a_page_s_key_are_kept_whichever_simulator_gave_it(
    simulators: tuple[str, list[str]],
) -> None:
    front, urls = simulators
    for url in urls:
        given = httpx2.get(f"{url}/simulator/key.json", headers={"host": "example.org"}).json()
        assert ask(front, {"x-api-key": given["key"]}) == 200
        assert "Hello" in journal(front, {"x-api-key": given["key"]})[0]["body"]
    assert ask(front, {"x-api-key": "any"}) == 200
    assert journal(front, {"x-api-key": "any"})[-1]["body"] is None
