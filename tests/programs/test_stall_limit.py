"""The guide's limit on silence, against a stream that stands still. It needs a site with pace."""

from __future__ import annotations

import os
from pathlib import Path

from scripts.survival.running import run
from tests.programs.test_runs import FOLDER, SECONDS


def test_a_silence_ends_the_program_long_before_the_stream_goes_on(
    site: str, tmp_path: Path
) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    stall = "slow;factor=0+stall;at=9;seconds=100"
    address = {"ANTHROPIC_BASE_URL": f"{site}/simulator/hello/{stall}", "ANTHROPIC_API_KEY": "any"}
    command = ["node", str(FOLDER / "stall-limit.mjs"), "1"]
    ended = run(command, tmp_path, {**kept, **address}, SECONDS)
    assert ended.code == 3
    assert ended.out.startswith("Hello!")
    assert "terminated" in ended.err
