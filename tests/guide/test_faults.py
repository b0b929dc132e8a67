"""The simulator's faults in the guide: all there, with what was measured."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from streamguide.content import Content
from streamguide.guide.faults import fault_sections, outcome_table
from streamguide.simulator.faults import FAULTS, Fault
from streamguide.simulator.outcomes import NOTHING, Outcome, Outcomes, Run

PLAIN = Outcome(
    client="python-stream",
    version="2.0.0",
    runtime="python3.11",
    fault="drop",
    raised="httpx2.ReadError",
    cause=None,
    status=None,
    type=None,
    requests=1,
    text_kept=10,
    complete=False,
    noticed=True,
    time="quick",
)
SILENT = replace(PLAIN, raised=None, noticed=False)
PYTHON = ("python-stream", "python-create", "python-async-stream", "python-async-create")
EVERYONE = (*PYTHON, "javascript-stream", "javascript-create", "curl")


def measured(*found: Outcome) -> Outcomes:
    runs = (
        Run(one.client, "2.0.0", {"curl": "curl8 jq-1.7"}.get(one.client, "node24"), "", (one,))
        for one in found
    )
    return Outcomes("2026-11-23", "hello", 99, tuple(runs))


def by(clients: tuple[str, ...], outcome: Outcome) -> list[Outcome]:
    return [replace(outcome, client=client) for client in clients]


def lines(*found: Outcome) -> list[str]:
    """The rows of the outcomes of `drop`."""
    text = fault_sections(measured(*found)).partition("{#fault-drop}")[2].partition("### ")[0]
    return [line for line in text.split("\n") if line.startswith("| `drop` |")]


def section(content: Content, fault: str) -> str:
    text = content.pages["faults"].markdown
    return text.partition(f"{{#fault-{fault}}}")[2].partition("\n### ")[0]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_every_fault_is_on_the_page_with_its_parameters(content: Content, fault: Fault) -> None:
    page = content.pages["faults"]
    assert page.html.count(f'id="fault-{fault.name}"') == 1
    text = section(content, fault.name)
    assert fault.help in text
    assert fault.seen in text
    assert f"**Your program should** {fault.should} [What to do]({fault.remedy})" in text
    assert f"[Meet it](/simulator?scenario={fault.scenario}&fault={fault.name})" in text
    for parameter in fault.own_parameters:
        assert f"| `{parameter.name}` |" in text
        assert parameter.help in text
        assert all(f"`{choice}`" in text for choice in parameter.choices)
    assert f"| `{fault.name}` |" in text, "make outcomes"


def test_the_schedule_that_every_fault_takes_stands_only_where_it_has_a_default(
    content: Content,
) -> None:
    text = content.pages["faults"].markdown
    assert "[schedule](/guide/testing#schedules)" in text
    assert text.count("| `times` |") == sum(fault.times is not None for fault in FAULTS.values())


def test_faults_are_grouped_by_the_moment_in_which_they_are_met(content: Content) -> None:
    page = content.pages["faults"]
    groups = {top.title: [line.title for line in top.children] for top in page.toc if top.children}
    assert list(groups) == [
        "Before the stream",
        "It breaks off",
        "Silence and pace",
        "Out of order or malformed",
        "Harmless variations",
    ]
    assert "drop" in groups["It breaks off"]
    in_order = [name for names in groups.values() for name in names]
    assert sorted(in_order) == sorted(FAULTS)
    rows = re.findall(r"^\| \[`.*?`\]\(#fault-(.*?)\)", page.markdown, re.MULTILINE)
    assert list(dict.fromkeys(rows)) == in_order


def test_every_measured_fault_is_in_its_section(content: Content) -> None:
    for fault in content.outcomes.faults:
        assert f"| `{fault}` |" in section(content, fault.partition(";")[0])


def test_clients_that_do_the_same_share_a_row() -> None:
    assert lines(*by(EVERYONE, PLAIN)) == ["| `drop` | all | `httpx2.ReadError` | 1 | 10 of 99 |"]
    assert lines(*by(PYTHON, PLAIN), *by(EVERYONE[4:], SILENT)) == [
        "| `drop` | Python | `httpx2.ReadError` | 1 | 10 of 99 |",
        "| `drop` | JavaScript, curl and jq | **nothing** | 1 | 10 of 99 |",
    ]
    half = [
        line.split(" | ")[1] for line in lines(*by(PYTHON[::2], PLAIN), *by(EVERYONE[5:6], SILENT))
    ]
    assert half == ["Python `stream()`", "JavaScript `create()`"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            {"raised": "anthropic.APIStatusError", "status": 200, "type": "api_error"},
            "`APIStatusError`: 200, `api_error` | 1 | 10 of 99 |",
        ),
        (
            {"raised": "TypeError", "cause": "ECONNRESET", "requests": 3, "text_kept": 0},
            "`TypeError`: cause `ECONNRESET` | 3 | none |",
        ),
        ({"raised": None, "noticed": False, "time": "hang"}, "**nothing, still waits** |"),
        ({"raised": None, "noticed": None, "complete": True}, "| nothing | 1 | all |"),
    ],
)
def test_a_row_says_what_is_raised_and_what_is_left(changes: dict[str, object], told: str) -> None:
    (line,) = lines(replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert told in line


def test_the_overview_has_a_line_for_each_way_in_which_a_fault_ends() -> None:
    variants = [replace(SILENT, fault=fault) for fault in ("drop", "drop;at=2", "drop;at=3")]
    variants[1] = replace(variants[1], noticed=None)
    text = outcome_table(replace(measured(), runs=(replace(RUN, outcomes=tuple(variants)),)))
    assert re.findall(r"^\| \[`(.*?)`\]\(#fault-drop\) \| (.*?) \|", text, re.MULTILINE) == [
        ("drop", "**✕ unnoticed**"),
        ("drop;at=2", "● whole"),
    ]


RUN = Run("python-stream", "2.0.0", "python3.11", "2026-11-23", (PLAIN,))


def test_the_overview_says_what_was_measured() -> None:
    text = outcome_table(measured(*by(EVERYONE, PLAIN)))
    assert text.startswith(
        "Measured on 2026-11-23: anthropic 2.0.0 on Node.js 24, @anthropic-ai/sdk 2.0.0 on "
        "Node.js 24, curl 2.0.0 and jq 1.7. Asynchronous Python does the same everywhere.\n"
    )


def test_asynchronous_python_has_a_column_where_it_differs() -> None:
    found = by(EVERYONE, PLAIN)
    found[2] = replace(SILENT, client="python-async-stream")
    text = outcome_table(measured(*found))
    assert "Python, async `stream()` |" in text
    assert "async `create()`" not in text
    assert "does the same everywhere" not in text


def test_of_several_runtimes_the_newest_is_told() -> None:
    older = replace(RUN, runtime="python3.11", outcomes=(SILENT,))
    outcomes = replace(measured(), runs=(replace(RUN, runtime="python3.14"), older))
    assert "anthropic 2.0.0 on Python 3.14" in outcome_table(outcomes)
    assert "unnoticed" not in outcome_table(outcomes)
    assert "**nothing**" not in fault_sections(outcomes)


def test_without_measurements_the_faults_are_there_all_the_same() -> None:
    text = fault_sections(NOTHING)
    assert text.count("\n### ") == len(FAULTS)
    assert "In the path" not in text
