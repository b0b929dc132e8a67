"""The JavaScript SDK's tool runner and its structured output, with zod as the judge."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tools import nodejs
from tools.process import ROOT

SECONDS = 60


@pytest.fixture(scope="module")
def found(unpaced: str) -> dict[str, Any]:
    """What with_zod.mjs writes: the loops by the way in which their answers came, and outputs."""
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
    written: dict[str, Any] = json.loads(process.stdout)
    return written


each_way = pytest.mark.parametrize("way", ["whole", "streamed"])


@each_way
def test_a_tools_input_fits_whatever_its_type_in_zod(found: dict[str, Any], way: str) -> None:
    loop = found[way]["types"]
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
def test_a_loop_of_several_steps_ends(found: dict[str, Any], way: str) -> None:
    loop = found[way]["types"]
    steps = -(-len(loop["inputs"]) // 10)
    assert loop["stopReasons"] == ["tool_use"] * steps + ["end_turn"]
    assert loop["last"].startswith("The tool answered: found")


@each_way
def test_the_runner_takes_up_a_turn_that_paused(found: dict[str, Any], way: str) -> None:
    loop = found[way]["paused"]
    assert loop["stopReasons"] == ["pause_turn", "end_turn"]
    assert loop["last"].startswith("The turn goes on where it paused")


# The SDK's schema requires names that it forbids.
CONTRADICTORY = ["record_of_enum"]


def test_structured_output_fits_whatever_its_type_in_zod(found: dict[str, Any]) -> None:
    outputs = found["outputs"]
    wrong = [
        name for name, value in outputs.items() if isinstance(value, dict) and "error" in value
    ]
    assert wrong == CONTRADICTORY
    # The SDK throws an error of its own before it sends these.
    assert found["unasked"] == ["any", "regex_twice", "startsWith_endsWith", "tuple"]
    # What the API's schemas cannot say stands in the descriptions.
    assert (outputs["min_100000"], outputs["multipleOf"]) == (100_000, 21)
    assert outputs["startsWith"].startswith("user_")
    assert len(outputs["array_min"]) == 3


def test_the_output_of_a_stream_is_parsed_too(found: dict[str, Any]) -> None:
    address = {"street": "example street", "code": "examp"}
    assert found["streamed_output"] == {"address": address, "at": "2026-11-22T09:30:00Z"}
