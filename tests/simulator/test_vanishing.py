"""Clients that connect and vanish."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from streamguide.simulator.journal import MOST_REQUESTS
from tools.process import ROOT


@pytest.mark.parametrize("number", [200, pytest.param(1000, marks=pytest.mark.soak)])
def test_clients_that_vanish_leave_nothing(number: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.simulator.vanishing", str(number)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    left = json.loads(ended.stdout)
    assert left["greenlets"] == 0
    # Of 100 streams each, most of them silent for minutes more.
    assert left["seconds"] < 10
    assert left["megabytes"] < 50
    assert left["entries"] == MOST_REQUESTS
    assert left["ended"] == ["left"]
    assert ended.stderr == ""
