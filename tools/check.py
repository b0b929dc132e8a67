"""Runs the checks, or every check and every test, and says what was run: `make check`, `make test`.

Each step runs, whatever became of those before it. What could not run counts as failed: a tool that
is missing, a test that was skipped, a folder of tests that is empty. The last line is the total.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tools import browser, commands, nodejs
from tools.process import ROOT, Ended, Missing, run

REPORTS = Path("build")


@dataclass(frozen=True)
class Step:
    """One program to run. Without a `report` it counts as one check, else as the tests in it."""

    name: str
    # An argument with a * stands for the files it matches: Node 20 does not expand it itself.
    command: tuple[str, ...]
    # Patterns that must match a file each; otherwise the step would pass having looked at nothing.
    needs: tuple[str, ...] = ()
    # JUnit XML that the program writes.
    report: Path | None = None
    seconds: int = 300


@dataclass(frozen=True)
class Result:
    """What became of a step; `remarks` are for the end of the output."""

    name: str
    passed: int
    failed: int
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """The tests of a report, and why those that were skipped were."""

    passed: int
    failed: int
    skipped: tuple[str, ...]


JS_TESTS = "tests/js/**/*.test.js"
JS_REPORT = REPORTS / "js-tests.xml"
PYTHON_REPORT = REPORTS / "python-tests.xml"

CHECKS = (
    Step("ruff check", (sys.executable, "-m", "ruff", "check", "--quiet", ".")),
    Step("ruff format", (sys.executable, "-m", "ruff", "format", "--check", "--quiet", ".")),
    Step("mypy", (sys.executable, "-m", "mypy")),
    Step("vulture", (sys.executable, "-m", "vulture")),
    Step(
        "biome",
        ("node", "node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings"),
        needs=("static/js/**/*.js", "static/css/**/*.css", "tests/js/**/*.js"),
    ),
    Step(
        "tsc",
        ("node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.json"),
        needs=("static/js/**/*.js", "tests/js/**/*.js"),
    ),
    Step("knip", ("node", "node_modules/knip/bin/knip.js"), needs=("static/js/**/*.js",)),
)
TESTS = (
    Step(
        "JS tests",
        (
            "node",
            "--test",
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
            "--test-reporter=junit",
            f"--test-reporter-destination={JS_REPORT}",
            JS_TESTS,
        ),
        needs=(JS_TESTS,),
        report=JS_REPORT,
    ),
    Step(
        "Python and browser tests",
        (
            *(sys.executable, "-m", "pytest", "--quiet", f"--junitxml={PYTHON_REPORT}"),
            # Four workers on the two cores that most machines of CI have: a test waits for most
            # of its time. A worker that is done takes over tests of the others.
            *("--numprocesses=4", "--dist=worksteal"),
        ),
        needs=("tests/**/test_*.py", "tests/e2e/**/test_*.py"),
        report=PYTHON_REPORT,
        seconds=2400,
    ),
)


def main() -> None:
    """Run the steps, print what became of them, and exit with 1 unless all of it passed.

    With the argument `checks` the tests are left out, and what only they need.
    """
    started = time.monotonic()
    only_checks = sys.argv[1:] == ["checks"]
    results: list[Result] = []
    environment = dict(os.environ)
    if node := _found("Node.js", nodejs.ensure, results):
        environment = nodejs.environment(node)
    if not only_checks:
        environment[browser.VARIABLE] = _found("browser", browser.ensure, results) or ""
        _found("commands", commands.ensure, results)
    for step in CHECKS if only_checks else (*CHECKS, *TESTS):
        if node or step.command[0] != "node":
            results.append(run_step(step, environment))
        else:
            results.append(Result(step.name, 0, 1))
    print(summary(results, time.monotonic() - started), flush=True)
    sys.exit(exit_code(results))


def _found(name: str, ensure: Callable[[], str | None], results: list[Result]) -> str | None:
    """What `ensure` finds or installs; where it cannot, that is a failure."""
    try:
        return ensure()
    except Missing as error:
        results.append(Result(name, 0, 1, remarks=(f"Missing: {error}",)))
        return None


def run_step(step: Step, environment: Mapping[str, str]) -> Result:
    """Run one step and say what became of it."""
    print(f"== {step.name}", flush=True)
    started = time.monotonic()
    for pattern in step.needs:
        if not _matches(pattern):
            return Result(step.name, 0, 1, remarks=(f"{step.name}: no file matches {pattern}",))
    if step.report:
        (ROOT / step.report).parent.mkdir(exist_ok=True)
        (ROOT / step.report).unlink(missing_ok=True)
    command = [file for part in step.command for file in _expanded(part)]
    # Tests show their progress; a check is worth reading only when it failed.
    ended = run(command, seconds=step.seconds, env=environment, live=step.report is not None)
    if not ended.ok:
        print(ended.output, flush=True)
    return _result(step, ended, time.monotonic() - started)


def _matches(pattern: str) -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(pattern))


def _expanded(part: str) -> Iterable[str]:
    return _matches(part) if "*" in part else [part]


def _result(step: Step, ended: Ended, seconds: float) -> Result:
    if step.report:
        counts = read_report(ROOT / step.report)
    else:
        counts = Counts(passed=int(ended.ok), failed=int(not ended.ok), skipped=())
    remarks = [f"Skipped: {why}" for why in counts.skipped]
    failed = counts.failed + len(counts.skipped)
    if ended.code is None:
        remarks.append(f"{step.name}: not done after {step.seconds} s, and ended")
    if not ended.ok and not failed:
        failed = 1
        remarks.append(f"{step.name}: ended with code {ended.code}, though no test failed")
    if ended.ok and not counts.passed and not failed:
        failed = 1
        remarks.append(f"{step.name}: nothing was run")
    return Result(step.name, counts.passed, failed, seconds, tuple(remarks))


def read_report(path: Path) -> Counts:
    """Count the tests in a JUnit report of pytest's or Node's; none at all if it isn't there."""
    if not path.exists():
        return Counts(0, 0, ())
    passed = failed = 0
    skipped = []
    for case in ElementTree.parse(path).iter("testcase"):
        reason = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif reason is not None:
            skipped.append(f"{case.get('name')} ({reason.get('message')})")
        else:
            passed += 1
    return Counts(passed, failed, tuple(skipped))


def exit_code(results: Sequence[Result]) -> int:
    return int(any(result.failed for result in results))


def summary(results: Sequence[Result], seconds: float) -> str:
    """The table of steps, what to do about those that failed, and the total as the last line."""
    rows = [
        f"{'ok' if not result.failed else 'FAILED':<8}{result.name:<26}"
        f"{result.passed:>6} passed{result.failed:>6} failed{result.seconds:>8.1f} s"
        for result in results
    ]
    remarks = [remark for result in results for remark in result.remarks]
    passed = sum(result.passed for result in results)
    failed = sum(result.failed for result in results)
    total = f"Total: {passed} passed, {failed} failed"
    return "\n".join(["", *rows, f"{'':<58}{seconds:>8.1f} s", *remarks, total])


if __name__ == "__main__":
    main()
