"""One file of the guide: TOML front matter between `+++` lines, then Markdown."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

_MARK = "+++"
_KEYS = {"title": str, "description": str, "nav": str, "order": int, "checked": date}


class GuideError(ValueError):
    """A page that cannot be made: says the file, the line and what is allowed."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's front matter and its Markdown, whose first line is `first_line` of the file.

    `checked` is the day on which somebody last held every statement of it against its evidence.
    """

    file: str
    title: str
    description: str
    nav: str
    order: int
    checked: date
    body: str
    first_line: int


def read(path: Path) -> Source:
    """The file, taken apart. Raises GuideError for front matter that is not as it should be."""
    lines = path.read_text(encoding="utf-8").split("\n")
    try:
        end = _end_of_front_matter(lines)
        # An empty line for the first mark, so that errors name the line of the file.
        front = _checked(tomllib.loads("\n".join(["", *lines[1:end], ""])))
    except (GuideError, tomllib.TOMLDecodeError) as error:
        raise GuideError(f"{path.name}: {error}") from None
    return Source(path.name, **front, body="\n".join(lines[end + 1 :]), first_line=end + 2)


def _end_of_front_matter(lines: list[str]) -> int:
    if lines[0] != _MARK:
        raise GuideError(f"the first line must be {_MARK}")
    if _MARK not in lines[1:]:
        raise GuideError(f"the front matter has no second {_MARK} line")
    return lines.index(_MARK, 1)


def _checked(front: dict[str, Any]) -> dict[str, Any]:
    allowed = ", ".join(_KEYS)
    for problem, names in (
        ("lacks", _KEYS.keys() - front.keys()),
        ("does not know", front.keys() - _KEYS.keys()),
    ):
        if names:
            found = ", ".join(sorted(names))
            raise GuideError(f"the front matter {problem} {found}; it takes {allowed}")
    for key, kind in _KEYS.items():
        if type(front[key]) is not kind:
            raise GuideError(f"{key} must be of type {kind.__name__}, not {front[key]!r}")
    return front
