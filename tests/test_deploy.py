"""systemd's unit for the site. tests/live/test_deployed.py runs gunicorn and nginx themselves."""

from __future__ import annotations

import re
import subprocess
from configparser import ConfigParser, SectionProxy

import pytest

from streamguide.library import CONTENT
from tests.live.deployed import GUNICORN
from tests.server import ROOT, environment


@pytest.fixture(scope="module")
def service() -> SectionProxy:
    unit = ConfigParser()
    unit.read(ROOT / "deploy" / "streamguide.service", "utf-8")
    return unit["Service"]


def test_the_unit_runs_gunicorn_as_the_user_and_in_the_folder_of_the_guide(
    service: SectionProxy,
) -> None:
    page = (CONTENT / "guide" / "live.md").read_text("utf-8")
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
