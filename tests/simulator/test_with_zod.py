"""The JavaScript SDK's tool runner with tools whose inputs zod judges."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tools import nodejs
from tools.process import ROOT

SECONDS = 60


@pytest.fixture(scope="module")
def loops(unpaced: str) -> dict[str, Any]:
    """What came of each loop, by the way in which its answers came."""
    node = nodejs.find()
    assert node is not None, nodejs.WHAT_TO_INSTALL
    process = subprocess.run(
        [node, "tests/simulator/with_zod.mjs"],
        cwd=ROOT,
        input=json.dumps({"base": f"{unpaced}/simulator"}),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    found: dict[str, Any] = json.loads(process.stdout)
    return found


each_way = pytest.mark.parametrize("way", ["whole", "streamed"])


@each_way
def test_a_tools_input_fits_whatever_its_type_in_zod(loops: dict[str, Any], way: str) -> None:
    loop = loops[way]["types"]
    assert loop["wrong"] == []
    # Not only by chance: what a type asks for is there.
    inputs = loop["inputs"]
    assert len(inputs) > 90
    assert (inputs["min_100000"], inputs["multipleOf"]) == (100_000, 21)
    assert inputs["email"] == "ada@example.org"
    assert inputs["startsWith"].startswith("user_")
    assert inputs["tuple"] == [1, "example value", "2026-11-22"]
    assert inputs["record"] == {"example name": 1}
    assert inputs["recursive_array"] == {"name": "example name", "within": []}


@each_way
def test_a_loop_of_several_steps_ends(loops: dict[str, Any], way: str) -> None:
    loop = loops[way]["types"]
    steps = -(-len(loop["inputs"]) // 10)
    assert loop["stopReasons"] == ["tool_use"] * steps + ["end_turn"]
    assert loop["last"].startswith("The tool answered: found")


@each_way
def test_the_runner_takes_up_a_turn_that_paused(loops: dict[str, Any], way: str) -> None:
    loop = loops[way]["paused"]
    assert loop["stopReasons"] == ["pause_turn", "end_turn"]
    assert loop["last"].startswith("The turn goes on where it paused")
