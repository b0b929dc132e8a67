"""Reads and checks `content/reading.toml`, the rules by which a stream is read.

>>> load(Path("content/reading.toml"))["comment"].number
1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from streamguide.content_file import STRICT, ContentError, checked, inside, parse

Area = Literal["frames", "order", "ends", "errors", "usage", "transport"]
# choice: nothing outside decides it, so we did, for the reason given.
Source = Literal["standard", "documentation", "sdk", "recording", "measured", "report", "choice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Why a rule is one: where it is from, and what is said or was seen there."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    source: Source
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule, one sentence; `client` says what a client does."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    number: int
    area: Area
    rule: str
    client: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rules: tuple[Rule, ...]


_FILE = TypeAdapter(_File)


def load(path: Path) -> Mapping[str, Rule]:
    """Read and check the rules, by their ids. Raises ContentError."""
    with inside(path.name):
        rules = checked(_FILE, parse(path.read_text(encoding="utf-8"))).rules
        found: dict[str, Rule] = {}
        areas: list[Area] = []
        for number, rule in enumerate(rules, 1):
            with inside(rule.id):
                if rule.number != number:
                    raise ContentError(f"its number is {rule.number}, but it is rule {number}")
                if rule.id in found:
                    raise ContentError("another rule has this id")
                if areas[-1:] != [rule.area]:
                    if rule.area in areas:
                        raise ContentError("the rules of an area stand together")
                    areas.append(rule.area)
                if not rule.evidence:
                    raise ContentError("it has no evidence")
                if not rule.rule.endswith(".") or ". " in rule.rule:
                    raise ContentError("rule must be one sentence")
            found[rule.id] = rule
    return MappingProxyType(found)
