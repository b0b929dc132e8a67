"""Programs and their regions."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from streamguide.content_file import ContentError
from streamguide.guide.pages import GuidePage
from streamguide.guide.programs import GuideProgram, read_program

NESTED = """import a


def main() -> None:
    # region outer
    first()
    # region inner
    if second():
        third()
    # endregion
    # endregion
    last()
"""


def program(folder: Path, text: str, name: str = "p.py") -> GuideProgram:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_program(path)


def test_marks_are_taken_out_of_the_whole(tmp_path: Path) -> None:
    lines = [line for line in NESTED.splitlines() if "region" not in line]
    assert program(tmp_path, NESTED).part(None) == "\n".join(lines)


def test_a_region_loses_its_common_indent_and_keeps_what_is_inside(tmp_path: Path) -> None:
    read = program(tmp_path, NESTED)
    assert read.part("outer") == "first()\nif second():\n    third()"
    assert read.part("inner") == "if second():\n    third()"


@pytest.mark.parametrize(
    ("name", "language", "mark", "end"),
    [
        ("p.sh", "bash", "# region x", "# endregion"),
        ("p.mjs", "javascript", "// #region x", "// #endregion"),
        ("p.html", "html", "<!-- #region x -->", "<!-- #endregion -->"),
    ],
)
def test_each_language_has_its_marks(
    tmp_path: Path, name: str, language: str, mark: str, end: str
) -> None:
    read = program(tmp_path, f"a\n{mark}\nb\n{end}\nc\n", name)
    assert (read.language, read.part(None), read.part("x")) == (language, "a\nb\nc", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# endregion\n", "p.py closes a region that is not open"),
        ("# region a\n# region b\n# endregion\n", "p.py does not close the region 'a'"),
    ],
)
def test_a_mark_without_its_other_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ContentError, match=re.escape(message)):
        program(tmp_path, text)


def test_an_unknown_region_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    message = "p.py has no region 'x'; there are inner, outer"
    with pytest.raises(ContentError, match=re.escape(message)):
        program(tmp_path, NESTED).part("x")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("::: program", "program takes a file of content/programs, and perhaps region=<name>"),
        ("::: program nothing.py", "program does not know 'nothing.py'; there are "),
        ("::: models all", "models takes no arguments"),
        ("::: prices x=1", "prices takes no arguments"),
    ],
)
def test_a_wrong_directive_is_named(
    page_of: Callable[[str], GuidePage], line: str, message: str
) -> None:
    with pytest.raises(ContentError, match=re.escape(f"page.md:9: {message}")):
        page_of(line)
