"""What clients do on faults: the file, its verdicts, and the page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

from streamguide.content import Content
from streamguide.files import CONTENT
from streamguide.guide.clients import (
    NOTHING,
    Client,
    Clients,
    Result,
    client_matrix,
    client_sections,
    dumps,
    load,
    load_clients,
)
from streamguide.simulator.faults import read
from tools.clients.runs import CASES

FILE = CONTENT / "clients.json"
RECORDED = load(CONTENT)
CUT = Result(
    fault="drop",
    limit=None,
    raised=None,
    aside=None,
    requests=1,
    characters=156,
    complete=False,
    seconds=1.2,
)
WHOLE = replace(CUT, characters=378, complete=True)


def test_every_client_met_every_case() -> None:
    assert [one.name for one in RECORDED.clients] == [
        one.name for one in load_clients(CONTENT / "clients.toml")
    ], "make clients"
    for measured in RECORDED.measurement.clients:
        met = [(one.fault, one.limit) for one in measured.results]
        assert met == [(case.fault, case.limit) for case in CASES], "make clients"


def test_the_file_names_a_day_runtimes_and_a_version_of_every_package() -> None:
    measurement = RECORDED.measurement
    assert date.fromisoformat(measurement.measured).isoformat() == measurement.measured
    assert measurement.runtimes.keys() == {"Python", "Node.js"}
    for measured in measurement.clients:
        assert all(Version(text) for text in measured.versions.values())
        assert measured.versions


def test_the_measured_sdk_is_not_older_than_the_pinned_one() -> None:
    measured = RECORDED.measured["sdk-python"].versions["anthropic"]
    assert Version(measured) >= Version(version("anthropic")), "make clients"


def test_the_file_is_as_it_was_written() -> None:
    assert FILE.read_text(encoding="utf-8") == dumps(RECORDED.measurement)


def test_every_case_is_a_fault() -> None:
    for case in CASES:
        (chosen,) = read(case.fault)
        assert chosen.fault.name == case.fault.partition(";")[0]


def test_without_a_fault_every_client_has_the_whole_answer_from_one_request() -> None:
    for client, result in RECORDED.results():
        assert result.complete == (result.characters == RECORDED.measurement.characters)
        if result.fault == "none":
            assert (result.verdict, result.requests) == ("whole", 1), client.name


@pytest.mark.parametrize(
    ("result", "verdict", "words"),
    [
        (replace(WHOLE, fault="stall"), "whole", "● whole"),
        (replace(WHOLE, fault="stall", limit=3), "waits", "**… waits on**"),
        (replace(CUT, fault="stall", limit=3), "unnoticed", "**✕ unnoticed**"),
        (replace(CUT, raised="APIError", aside="onError"), "error", "▲ error"),
        (replace(CUT, raised="APIError", requests=3), "error", "▲ error, 3 requests"),
        (CUT, "unnoticed", "**✕ unnoticed**"),
        (replace(CUT, aside="onError", requests=3), "aside", "**✕ only `onError`**"),
        # All of the text, but the stream was not whole.
        (replace(WHOLE, fault="end-early"), "unnoticed", "**✕ unnoticed**"),
    ],
)
def test_a_verdict_says_what_a_program_knows(result: Result, verdict: str, words: str) -> None:
    assert (result.verdict, result.words) == (verdict, words)


def one_client(*results: Result) -> Clients:
    """The first recorded client, with these results."""
    measured = replace(RECORDED.measurement.clients[0], results=results)
    measurement = replace(RECORDED.measurement, clients=(measured,))
    return Clients(RECORDED.clients[:1], RECORDED.programs, measurement)


def test_the_matrix_has_a_row_for_each_fault_and_a_limit_stands_beside_it() -> None:
    text = client_matrix(one_client(CUT, replace(WHOLE, fault="stall;how=pings", limit=3)))
    assert f"\n\nMeasured on {RECORDED.measurement.measured}: anthropic " in text
    assert text.split("\n")[:4] == [
        "| Fault | Python SDK |",
        "| --- | --- |",
        "| [`drop`](/guide/faults#fault-drop) | **✕ unnoticed** |",
        "| [`stall;how=pings`](/guide/faults#fault-stall), limit 3 s | **… waits on** |",
    ]


def test_a_section_has_the_program_and_what_came_of_it() -> None:
    text = client_sections(one_client(CUT, replace(WHOLE, raised="anthropic.APIError")))
    assert "{#sdk-python}" in text
    assert f"```python\n{RECORDED.programs['sdk-python.py'].text}\n```" in text
    drop = "| [`drop`](/guide/faults#fault-drop) |"
    assert f"{drop} **nothing** | 1 | 156 of 378 | 1.2 |" in text
    assert f"{drop} `anthropic.APIError` | 1 | all | 1.2 |" in text


def test_a_client_that_was_not_measured_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "clients.toml").write_text((CONTENT / "clients.toml").read_text(encoding="utf-8"))
    assert load(tmp_path) == NOTHING
    assert client_matrix(NOTHING) == "Nothing has been measured."


def test_the_page_has_every_client_with_its_program(content: Content) -> None:
    page = content.pages["clients"]
    for client in RECORDED.clients:
        assert page.html.count(f'id="{client.name}"') == 1
        assert client.install in page.markdown
        assert RECORDED.programs[client.program].text in page.markdown
    rows = re.findall(r"^\| \[`[^|]*\]\(/guide/faults#fault-", page.markdown, re.MULTILINE)
    assert len(rows) == (len(CASES) - 1) * (1 + len(RECORDED.clients))


@pytest.mark.parametrize("client", load_clients(CONTENT / "clients.toml"), ids=lambda one: one.name)
def test_a_program_names_once_what_a_run_changes(client: Client) -> None:
    text = (CONTENT / "clients" / client.program).read_text(encoding="utf-8")
    for changed in (r"http://127\.0\.0\.1:8000/simulator/hello\b", r"\bany\b", r"\b300(_000)?\b"):
        assert len(re.findall(changed, text)) == 1, changed
