"""Programs of the guide: files of `content/programs/`, or regions of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from streamguide.content_file import ContentError

LANGUAGES: Mapping[str, str] = {
    ".py": "python",
    ".mjs": "javascript",
    ".sh": "bash",
    ".html": "html",
    ".conf": "nginx",
}
_MARK = re.compile(r"\s*(?:#|//|<!--)\s*#?(?:region (?P<name>[\w-]+)|(?P<end>endregion))\b.*")


@dataclass(frozen=True, slots=True)
class GuideProgram:
    """A file: `text` and the `regions` by name, without the lines that mark regions."""

    file: str
    language: str
    text: str
    regions: Mapping[str, str]

    def part(self, region: str | None) -> str:
        """The whole text, or a region without its common indentation. Raises ContentError."""
        if region is None:
            return self.text
        if region not in self.regions:
            known = ", ".join(self.regions) or "none"
            raise ContentError(f"{self.file} has no region {region!r}; there are {known}")
        return self.regions[region]


def load_programs(folder: Path) -> Mapping[str, GuideProgram]:
    """The programs of a folder by file name. Raises ContentError for an invalid region."""
    paths = sorted(path for path in folder.glob("*") if path.suffix in LANGUAGES)
    return {path.name: read_program(path) for path in paths}


def read_program(path: Path) -> GuideProgram:
    """Read a program. Regions may be nested. Raises ContentError."""
    kept: list[str] = []
    regions: dict[str, str] = {}
    open_regions: list[tuple[str, int]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        match = _MARK.fullmatch(line)
        if match is None:
            kept.append(line)
        elif match["name"]:
            open_regions.append((match["name"], len(kept)))
        elif open_regions:
            name, start = open_regions.pop()
            regions[name] = _tidy(kept[start:])
        else:
            raise ContentError(f"{path.name} closes a region that is not open")
    if open_regions:
        raise ContentError(f"{path.name} does not close the region {open_regions[-1][0]!r}")
    return GuideProgram(path.name, LANGUAGES[path.suffix], _tidy(kept), regions)


def _tidy(lines: list[str]) -> str:
    return dedent("\n".join(lines)).strip("\n")
