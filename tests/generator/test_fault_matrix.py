"""The results of programs, read by options."""

from __future__ import annotations

import pytest

from streamguide.content import load_content
from streamguide.generator.fault_matrix import FaultMatrix
from streamguide.generator.options import Options, read

MODELS = load_content().models
FAULTS = ("none", "refused", "cut", "late")
MATRIX = FaultMatrix(
    "2026-11-28",
    {},
    FAULTS,
    {
        "python stream none": "fxxx",
        "python stream resume": "fxrx",
        "flask stream breaker none": "fbxb",
        "python at-once none": "fxxf",
        "curl at-once retry": "fxxr",
    },
    {},
)


def options(**query: str) -> Options:
    return read({name: [value] for name, value in query.items()}, MODELS)


def test_a_program_has_its_results_by_fault() -> None:
    assert MATRIX.of(options()) == dict(zip(FAULTS, "fxxx", strict=True))
    assert MATRIX.of(options(language="curl")) == {}


def test_the_remedy_is_the_first_level_that_finishes() -> None:
    assert MATRIX.remedy(options(), "cut") == "resume"
    assert MATRIX.remedy(options(), "refused") is None
    assert MATRIX.remedy(options(recovery="resume"), "cut") is None


@pytest.mark.parametrize(
    ("stream", "faults"), [("1", {"refused", "late"}), ("0", {"refused", "cut"})]
)
def test_hopeless_is_what_no_program_with_the_same_kind_of_request_gets_an_answer_from(
    stream: str, faults: set[str]
) -> None:
    assert MATRIX.hopeless(options(stream=stream)) == faults


def test_without_measurements_nothing_is_hopeless() -> None:
    assert FaultMatrix("", {}, (), {}, {}).hopeless(options()) == frozenset()
