"""Front matter: what is read, and what each mistake is answered with."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from streamguide.content_file import ContentError
from streamguide.guide.source import FrontMatter, Source, read

FRONT = [
    'title = "T"',
    'description = "D"',
    'nav = "N"',
    'group = "Start"',
    "order = 1",
    "checked = 2026-11-28",
]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_front_matter_and_body(tmp_path: Path) -> None:
    path = written(tmp_path, "\n".join(["+++", *FRONT, "+++", "", "Text", "+++", ""]))

    front = FrontMatter("T", "D", "N", "Start", 1, date(2026, 11, 28))
    assert read(path) == Source("page.md", front, "\nText\n+++\n", 9)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["# Title"], "page.md: the first line must be +++"),
        (["+++", *FRONT], "page.md: the front matter has no second +++ line"),
        (
            ["+++", *FRONT[1:], "+++"],
            "page.md: title: is missing",
        ),
        (
            ["+++", *FRONT, "x = 1", "+++"],
            "page.md: x: is not known",
        ),
        (
            ["+++", *FRONT[:4], 'order = "1"', FRONT[5], "+++"],
            "page.md: order: Input should be a valid integer",
        ),
        (
            ["+++", *FRONT[:3], 'group = "Begin"', *FRONT[4:], "+++"],
            "page.md: group: Input should be "
            "'Start', 'Languages', 'Build', 'Survive', 'Test', 'Look up' or 'Run this site'",
        ),
    ],
)
def test_wrong_front_matter_is_named(tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(ContentError) as raised:
        read(written(tmp_path, "\n".join(lines)))

    assert str(raised.value) == message


def test_front_matter_that_is_not_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"^page\.md: .*line 3"):
        read(written(tmp_path, '+++\ntitle = "T"\nnav\n+++\n'))
