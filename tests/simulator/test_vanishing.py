"""Clients that connect and vanish."""

from __future__ import annotations

import json
import subprocess
import sys

from streamguide.simulator.journal import MOST_REQUESTS
from tools.process import ROOT


def test_a_thousand_clients_that_vanish_leave_nothing() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.simulator.vanishing", "1000"],
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
