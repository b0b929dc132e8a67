"""What clients do on faults: the file, and that it is still true."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import create_app
from streamguide.settings import Settings
from streamguide.simulator.faults import FAULTS, read
from streamguide.simulator.outcomes import CLIENTS, Outcome, Run, dumps, load
from tools.faults.__main__ import OUTCOMES
from tools.faults.cases import client_cases
from tools.faults.clients import kept, measure

RECORDED = load(OUTCOMES)
DROP = Outcome(
    client="python-stream",
    version="1.0.0",
    runtime="python3.11",
    fault="drop;how=reset",
    raised="httpx2.ReadError",
    cause=None,
    status=None,
    type=None,
    requests=1,
    text_kept=156,
    complete=False,
    noticed=True,
    time="quick",
)
RUN = Run("python-stream", "1.0.0", "python3.11", "2026-11-23", (DROP,))


def test_the_clients_do_what_is_recorded(site: str, record_property: Any) -> None:
    recorded = {run.key: run for run in RECORDED.runs}
    differences: list[str] = []
    for run in measure(site, ""):
        if run.key in recorded:
            differences += different(recorded[run.key], run)
        else:
            record_property("note", f"No outcomes are recorded for {' '.join(run.key)}")
    assert not differences, "make outcomes, and read the difference:\n" + "\n".join(differences)


def different(before: Run, after: Run) -> list[str]:
    """What a client did otherwise than before, one line for each fault."""
    was = {one.fault: one for one in before.outcomes}
    return [
        f"{one.fault}: {was.get(one.fault, 'nothing')}\n  is now {one}"
        for one in after.outcomes
        if was.get(one.fault) != one
    ]


def test_a_difference_would_be_noticed() -> None:
    changed = replace(RUN, outcomes=(replace(DROP, requests=3),))
    assert different(RUN, RUN) == []
    assert len(different(RUN, changed)) == 1
    assert len(different(replace(RUN, outcomes=()), RUN)) == 1


def test_every_client_met_every_fault() -> None:
    for run in RECORDED.runs:
        assert [one.fault for one in run.outcomes] == [case.fault for case in client_cases()], run
    assert {run.client for run in RECORDED.runs} == CLIENTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_outcomes_by_default(fault: str) -> None:
    found = [one for one in RECORDED.of(fault) if one.fault == fault]
    assert {one.client for one in found} == CLIENTS.keys()


def test_every_variant_is_a_fault_with_parameters() -> None:
    for fault in RECORDED.faults:
        (chosen,) = read(fault)
        assert chosen.fault.name == fault.partition(";")[0]


def test_nothing_is_hidden_where_no_fault_is() -> None:
    for one in RECORDED.of("none"):
        assert (one.raised, one.noticed, one.requests) == (None, None, 1)
        assert (one.text_kept, one.complete) == (RECORDED.characters, True)


def test_outcomes_are_found_by_name_and_by_full_text() -> None:
    other = replace(DROP, fault="drop")
    outcomes = replace(RECORDED, runs=(replace(RUN, outcomes=(DROP, other)),))
    assert outcomes.of("drop") == [DROP, other]
    assert outcomes.of("drop;how=reset") == [DROP]
    assert outcomes.faults == ["drop;how=reset", "drop"]


def test_the_file_has_an_outcome_a_line_and_reads_back_the_same(tmp_path: Path) -> None:
    outcomes = replace(RECORDED, runs=(RUN, replace(RUN, client="curl", outcomes=())))
    path = tmp_path / "outcomes.json"
    path.write_text(dumps(outcomes), encoding="utf-8")
    assert load(path) == replace(outcomes, runs=(RUN, replace(RUN, client="curl", outcomes=())))
    assert len([line for line in dumps(outcomes).split("\n") if '"fault": ' in line]) == 1


def test_the_file_is_as_it_was_written() -> None:
    assert OUTCOMES.read_text(encoding="utf-8") == dumps(RECORDED)


def test_other_runtimes_are_kept_as_long_as_the_version_is_the_same() -> None:
    newer = replace(RUN, runtime="python3.14")
    assert kept([RUN, newer], [RUN]) == [newer]
    assert kept([newer], [replace(RUN, version="1.0.1")]) == []


def test_the_page_gets_the_file() -> None:
    response = create_app(Settings()).test_client().get("/simulator/outcomes.json")
    assert response.content_type == "application/json"
    assert response.data == OUTCOMES.read_bytes()
    assert json.loads(response.data)["runs"]
