"""The rules that conftest.py gives every test session."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.process import run

PASSES = "def test_passes():\n    pass\n"
SKIPPED = f"import pytest\n{PASSES}\ndef test_left_out():\n    pytest.skip('no curl')\n"
MODULE_SKIPPED = "import pytest\npytest.importorskip('no_such_module')\n"
EXPECTED_TO_FAIL = f"import pytest\n{PASSES}\n@pytest.mark.xfail\ndef test_x():\n    assert False\n"
NOTED = "def test_x(record_property):\n    record_property('note', 'curl is new')\n"

PYTEST = (sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:playwright")


# With xdist, as `make test` runs them, the worker sees the skip and the controller must fail.
WITH_XDIST = ("-n", "1")
WITHOUT = ()


@pytest.mark.parametrize(
    ("modules", "code", "options"),
    [
        ([PASSES], 0, WITH_XDIST),
        ([SKIPPED], 1, WITH_XDIST),
        ([PASSES, MODULE_SKIPPED], 1, WITH_XDIST),
        ([SKIPPED], 1, WITHOUT),
        ([EXPECTED_TO_FAIL], 1, WITHOUT),
    ],
    ids=["all run", "one skipped", "a module skipped", "skipped without xdist", "expected to fail"],
)
def test_a_session_passes_only_when_every_test_ran(
    tmp_path: Path, modules: list[str], code: int, options: tuple[str, ...]
) -> None:
    for number, text in enumerate(modules):
        (tmp_path / f"test_{number}.py").write_text(text)
    ended = run((*PYTEST, *options, str(tmp_path)), seconds=60)
    assert ended.code == code, ended.output


@pytest.mark.parametrize("options", [WITH_XDIST, WITHOUT])
def test_what_a_test_notes_is_told_though_it_passes(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "test_0.py").write_text(NOTED)
    ended = run((*PYTEST, *options, str(tmp_path)), seconds=60)
    assert ended.ok, ended.output
    assert "Note: curl is new" in ended.output.split("\n")
