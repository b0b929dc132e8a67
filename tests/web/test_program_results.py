"""A program's results on the page: by moment, and counted."""

from __future__ import annotations

import pytest

from streamguide.content import load_content
from streamguide.generator.fault_matrix import FaultMatrix
from streamguide.generator.options import LANGUAGES, read
from streamguide.web.program_results import ProgramResults, program_results

CONTENT = load_content()


def results(matrix: FaultMatrix = CONTENT.fault_matrix, **query: str) -> ProgramResults:
    options = read({name: [value] for name, value in query.items()}, CONTENT.models)
    return program_results(options, matrix)


def test_faults_stand_by_moment_and_result_and_those_that_are_right_to_fail_apart() -> None:
    faults = ("none", "status;code=400", "status;times=2", "drop", "drop;times=2", "crlf")
    rows = {"python stream none": "fxrppf", "python stream resume": "fxrprf"}
    found = results(FaultMatrix("2026-11-28", {}, faults, rows, {}))
    shown = {
        group.title: [
            (end.mark, title, [fault.path for fault in every])
            for end, title, every in group.results
        ]
        for group in found.groups
    }
    assert shown == {
        "Before the stream": [("●", "Finished after another try", ["status;times=2"])],
        "It breaks off": [("◐", "Partial, and said so", ["drop", "drop;times=2"])],
        "Harmless variations": [("●", "Finished", ["crlf"])],
        "Right to fail": [("△", "Failed, and said so", ["status;code=400"])],
    }
    assert [group.is_hopeless for group in found.groups] == [False, False, False, True]
    [(_, _, broken)] = found.groups[1].results
    assert [fault.remedy for fault in broken] == [None, "resume"]
    assert [(count.end.words, count.number, count.start) for count in found.counts] == [
        ("finish", 2, 0),
        ("keep the part", 2, 2),
        ("right to fail", 1, 4),
        ("unnoticed", 0, 5),
    ]
    assert (found.finished, found.total) == (2, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_fault_is_shown_and_counted_once(language: str) -> None:
    found = results(language=language)
    paths = [
        fault.path for group in found.groups for _, _, every in group.results for fault in every
    ]
    assert sorted(paths) == sorted(set(CONTENT.fault_matrix.faults) - {"none"})
    assert found.total == len(paths)
    assert found.counts[-1].number == 0


def test_what_is_not_measured_has_no_results() -> None:
    found = results(FaultMatrix("", {}, (), {}, {}))
    assert (found.groups, found.total) == ((), 0)
