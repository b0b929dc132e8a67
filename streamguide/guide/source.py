"""Reads a file of the guide: TOML front matter between `+++` lines, then Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal, get_args

from pydantic import ConfigDict, TypeAdapter

from streamguide.content_file import STRICT, ContentError, checked, inside, parse

# What a reader wants of a page; the guide's navigation has them in this order.
Group = Literal["Start", "Languages", "Build", "Survive", "Test", "Look up", "Run this site"]
GROUPS: tuple[Group, ...] = get_args(Group)

_MARK = "+++"


@dataclass(frozen=True, slots=True)
class TryIt:
    """A stream that shows what the page says, and perhaps a program: options of the generator."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    scenario: str
    fault: str = ""
    program: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says of its page. `order` is the page's place in its group, and `checked` the day
    on which every statement was last compared with its evidence."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    title: str
    description: str
    nav: str
    group: Group
    order: int
    checked: date
    try_it: TryIt | None = None


_FRONT = TypeAdapter(FrontMatter)


@dataclass(frozen=True, slots=True)
class Source:
    """A file's front matter and its Markdown, which begins at line `first_line` of the file."""

    file: str
    front: FrontMatter
    body: str
    first_line: int


def read(path: Path) -> Source:
    """Read a file. Raises ContentError for invalid front matter."""
    lines = path.read_text(encoding="utf-8").split("\n")
    with inside(path.name):
        end = _end_of_front_matter(lines)
        # The empty line replaces the first mark, so that errors have the line number of the file.
        front = checked(_FRONT, parse("\n".join(["", *lines[1:end], ""])))
    return Source(path.name, front, "\n".join(lines[end + 1 :]), end + 2)


def _end_of_front_matter(lines: list[str]) -> int:
    if lines[0] != _MARK:
        raise ContentError(f"the first line must be {_MARK}")
    if _MARK not in lines[1:]:
        raise ContentError(f"the front matter has no second {_MARK} line")
    return lines.index(_MARK, 1)
