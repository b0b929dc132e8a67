"""The counts of `make test`, and the failures that it must notice."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.check import (
    TESTS,
    Counts,
    Result,
    Step,
    exit_code,
    read_report,
    run_step,
    summary,
)

PYTEST_REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" tests="5" failures="1" errors="1" skipped="1">
<testcase classname="tests.test_a" name="test_fine" time="0.001" />
<testcase classname="tests.test_a" name="test_fine_too" time="0.001" />
<testcase classname="tests.test_a" name="test_wrong" time="0.001"><failure message="no">…</failure></testcase>
<testcase classname="" name="tests.test_b" time="0.000"><error message="collection failure">…</error></testcase>
<testcase classname="tests.test_a" name="test_curl" time="0.001">
<skipped type="pytest.skip" message="install curl">…</skipped></testcase>
</testsuite></testsuites>
"""

NODE_REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="alone" time="0.001558" classname="test"/>
	<testsuite name="group" tests="3" failures="1" skipped="1">
		<testcase name="inside" time="0.000339" classname="test"/>
		<testcase name="left out" time="0.000147" classname="test">
			<skipped type="skipped" message="no DOM"/>
		</testcase>
		<testcase name="wrong" time="0.000355" classname="test" failure="x">
			<failure type="testCodeFailure" message="x">[Error]</failure>
		</testcase>
	</testsuite>
</testsuites>
"""


def report_step(path: Path, *, report: str, code: int) -> Step:
    """A step whose program writes `report` and ends with `code`."""
    program = f"import pathlib, sys; pathlib.Path({str(path)!r}).write_text({report!r}); "
    return Step("tests", (sys.executable, "-c", program + f"sys.exit({code})"), report=path)


@pytest.mark.parametrize(
    ("report", "counts"),
    [
        (PYTEST_REPORT, Counts(2, 2, ("test_curl (install curl)",))),
        (NODE_REPORT, Counts(2, 1, ("left out (no DOM)",))),
    ],
    ids=["pytest", "node"],
)
def test_counts_what_a_report_holds(tmp_path: Path, report: str, counts: Counts) -> None:
    path = tmp_path / "report.xml"
    path.write_text(report, encoding="utf-8")
    assert read_report(path) == counts


def test_a_skipped_test_counts_as_failed_and_says_why(tmp_path: Path) -> None:
    report = (
        '<testsuites><testcase name="a"/>'
        '<testcase name="b"><skipped message="install curl"/></testcase></testsuites>'
    )
    result = run_step(report_step(tmp_path / "r.xml", report=report, code=0), {})
    assert (result.passed, result.failed) == (1, 1)
    assert result.remarks == ("Skipped: b (install curl)",)


def test_a_step_fails_when_its_files_are_not_there() -> None:
    step = Step("tests", (sys.executable, "-c", ""), needs=("no-such-folder/**/*.js",))
    result = run_step(step, {})
    assert result.failed == 1
    assert result.remarks == ("tests: no file matches no-such-folder/**/*.js",)


def test_a_report_that_holds_no_test_fails(tmp_path: Path) -> None:
    step = report_step(tmp_path / "r.xml", report="<testsuites/>", code=0)
    assert run_step(step, {}).failed == 1


def test_a_program_that_crashes_after_its_tests_fails(tmp_path: Path) -> None:
    report = '<testsuites><testcase name="a"/></testsuites>'
    result = run_step(report_step(tmp_path / "r.xml", report=report, code=3), {})
    assert (result.passed, result.failed) == (1, 1)


def test_an_old_report_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    path.write_text('<testsuites><testcase name="a"/></testsuites>')
    result = run_step(Step("tests", (sys.executable, "-c", ""), report=path), {})
    assert (result.passed, result.failed) == (0, 1)


def test_a_check_counts_as_one_and_shows_its_output_only_when_it_fails(
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = run_step(Step("good", (sys.executable, "-c", "print('chatter')")), {})
    bad = run_step(Step("bad", (sys.executable, "-c", "print('line 3'); raise SystemExit(1)")), {})
    assert (good.passed, good.failed, bad.passed, bad.failed) == (1, 0, 0, 1)
    printed = capsys.readouterr().out
    assert "line 3" in printed
    assert "chatter" not in printed


def test_a_step_that_takes_too_long_is_ended() -> None:
    endless = "import threading; threading.Event().wait()"
    result = run_step(Step("slow", (sys.executable, "-c", endless), seconds=1), {})
    assert result.failed == 1
    assert result.remarks == ("slow: not done after 1 s, and ended",)


def test_a_program_that_is_not_there_fails() -> None:
    assert run_step(Step("lint", ("no-such-program",)), {}).failed == 1


def test_the_total_is_the_last_line_and_remarks_stand_above_it() -> None:
    results = [
        Result("browser", 0, 1, remarks=("Missing: a browser",)),
        Result("ruff check", 1, 0, 0.2),
        Result("tests", 40, 2, 9.0, ("Skipped: b (install curl)",)),
    ]
    lines = summary(results, 12.0).splitlines()
    assert lines[-3:] == [
        "Missing: a browser",
        "Skipped: b (install curl)",
        "Total: 41 passed, 3 failed",
    ]


@pytest.mark.parametrize(("failed", "code"), [(0, 0), (1, 1)])
def test_any_failure_fails_the_whole(failed: int, code: int) -> None:
    assert exit_code([Result("a", 5, 0), Result("b", 5, failed), Result("c", 5, 0)]) == code


def test_every_program_that_runs_tests_is_counted() -> None:
    assert all({"--test", "pytest"} & set(step.command) for step in TESTS)
    assert all(step.report and step.needs for step in TESTS)
