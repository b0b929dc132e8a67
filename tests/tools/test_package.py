"""The wheel, in an empty environment."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tools.package import FORMS, attempt, build, oldest
from tools.process import ROOT

PARTS = ("app.py", "content", "static", "templates")


@pytest.fixture(scope="module")
def wheel() -> Path:
    return build()


def test_it_has_every_file_that_the_package_and_its_pages_need(wheel: Path) -> None:
    parts = [ROOT / "streamguide", *(ROOT / name for name in PARTS)]
    files = [one for part in parts for one in (part, *part.rglob("*")) if one.is_file()]
    names = [one.relative_to(ROOT).as_posix() for one in files if one.suffix != ".pyc"]
    needed = {
        name if name.startswith("streamguide/") else f"streamguide/_files/{name}" for name in names
    }
    with zipfile.ZipFile(wheel) as file:
        held = {name for name in file.namelist() if ".dist-info/" not in name}
    assert len(needed) > 400
    assert held == needed


def test_an_empty_environment_runs_the_test_of_the_readme_and_every_command(wheel: Path) -> None:
    attempt("base", wheel)


def test_its_oldest_packages_are_the_least_of_each_range() -> None:
    found = list(oldest())
    assert len(found) >= 4
    assert all(re.fullmatch(r"[a-z-]+==\d+(\.\d+)+", one) for one in found), found


def test_every_extra_is_a_form_that_is_tried() -> None:
    assert {form.extras for form in FORMS.values()} == {"", "[site]", "[live]"}
