"""Reading and checking scenario files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from streamguide.models import Models
from streamguide.protocol.table import Table

Fields = Mapping[str, Any]
Display = Literal["summarized", "omitted", "updates"]


class ScenarioError(ValueError):
    """A scenario file that cannot be used: says the file, the place, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How fast the answer comes. The defaults are the pace of a mid-sized model."""

    first_event_ms: int = 640
    first_delta_ms: int = 180
    characters_per_second: int = 260
    delta_characters: int = 24


@dataclass(frozen=True, slots=True)
class Block:
    """One content block: `content` is what the finished message holds for it.

    `cut` is the number of characters of its streamed text that arrive before the answer
    ends; a cut block is never closed. `label` lets a result name its tool call. A `note` is a
    thinking block with what the model writes between tool calls. An `eager` tool call sends its
    input in fragments; by default each parameter waits until its value is whole.
    """

    content: Fields
    label: str | None = None
    pause_before_ms: int = 0
    pause_inside_ms: int = 0
    cut: int | None = None
    note: bool = False
    eager: bool = False

    @property
    def type(self) -> str:
        """The block's type on the wire."""
        return str(self.content["type"])


@dataclass(frozen=True, slots=True)
class Scenario:
    """One answer of Claude's, with everything that decides what its stream looks like.

    `usage` holds the counts of message_start; `end` what message_delta adds or overrides
    (`stop_reason`, `stop_sequence`, `stop_details`, `container`, `usage`, `extra`).
    With `whole_at_start` the message is complete in message_start and has no
    message_delta. With `error` the stream ends in an error event instead. `display` is the
    request's `thinking.display`: omitted thinking is in the scenario, but not on the wire; with
    "updates" only notes are.
    """

    name: str
    title: str
    summary: str
    prompt: str
    model: str
    characters_per_token: float
    order: int
    seed: int
    blocks: tuple[Block, ...]
    usage: Fields
    end: Fields
    timing: Timing = field(default_factory=Timing)
    thinking_tokens: int = 0
    whole_at_start: bool = False
    padding: bool = True
    beta: bool = False
    error: Fields | None = None
    display: Display = "summarized"


_REQUIRED = {"title", "summary", "prompt", "model", "order", "seed", "usage"}
_OPTIONAL = {
    "blocks",
    "display",
    "end",
    "error",
    "padding",
    "thinking_tokens",
    "timing",
    "whole_at_start",
}
_END = {"stop_reason", "stop_sequence", "stop_details", "container", "usage", "extra"}
_DIRECTIVES = {"label", "pause_before_ms", "pause_inside_ms", "cut", "note", "eager"}


def load_all(folder: Path, table: Table, models: Models) -> Mapping[str, Scenario]:
    """Every scenario of a folder by name, in the order that the files state.

    Raises ScenarioError for the first file that is wrong.
    """
    scenarios = [load(path, table, models) for path in folder.glob("*.toml")]
    scenarios.sort(key=lambda scenario: (scenario.order, scenario.name))
    return MappingProxyType({scenario.name: scenario for scenario in scenarios})


def load(path: Path, table: Table, models: Models) -> Scenario:
    """One scenario from its file. Raises ScenarioError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return _scenario(path.stem, data, table, models)
    except (tomllib.TOMLDecodeError, ScenarioError) as error:
        raise ScenarioError(f"{path.name}: {error}") from error


def _scenario(name: str, data: dict[str, Any], table: Table, models: Models) -> Scenario:
    _check_keys("the file", data, _REQUIRED, _OPTIONAL)
    end = data.get("end", {})
    _check_keys("[end]", end, set(), _END)
    _check_ending(data, end, table)
    model = models.by_id.get(data["model"])
    if model is None:
        raise ScenarioError(f"unknown model {data['model']!r}; known: {', '.join(models.by_id)}")
    display = data.get("display", "summarized")
    if display not in get_args(Display):
        raise ScenarioError(f"display must be one of {', '.join(get_args(Display))}")
    timing = data.get("timing", {})
    _check_keys("[timing]", timing, set(), set(Timing.__slots__))
    blocks = tuple(_block(n, entry, table) for n, entry in enumerate(data.get("blocks", [])))
    _check_labels(blocks)
    _check_cuts(blocks, table)
    return Scenario(
        name=name,
        title=data["title"],
        summary=data["summary"],
        prompt=data["prompt"],
        model=model.id,
        characters_per_token=model.characters_per_token,
        order=data["order"],
        seed=data["seed"],
        blocks=blocks,
        usage=data["usage"],
        end=end,
        timing=Timing(**timing),
        thinking_tokens=data.get("thinking_tokens", 0),
        whole_at_start=data.get("whole_at_start", False),
        padding=data.get("padding", True),
        beta=_is_beta(blocks, end, table),
        error=data.get("error"),
        display=display,
    )


def _block(number: int, entry: dict[str, Any], table: Table) -> Block:
    place = f"block {number}"
    known = table.blocks.get(entry.get("type", ""))
    if known is None:
        raise ScenarioError(
            f"{place}: type {entry.get('type')!r} is not in the protocol table; "
            f"known: {', '.join(table.blocks)}"
        )
    content = {key: value for key, value in entry.items() if key not in _DIRECTIVES}
    if "id" in content and "input" in content:
        raise ScenarioError(f"{place}: ids are drawn, not written; name the block with a label")
    allowed = {"type"} | {field.name.split(".")[0].split("[")[0] for field in known.fields}
    _check_keys(f"{place} ({known.name})", content, {"type"}, allowed)
    directives = {key: value for key, value in entry.items() if key in _DIRECTIVES}
    return Block(content=content, **directives)


def _check_keys(place: str, found: Fields, required: set[str], optional: set[str]) -> None:
    for problem, names in (
        ("is missing", required - found.keys()),
        ("does not know", found.keys() - required - optional),
    ):
        if names:
            allowed = ", ".join(sorted(required | optional))
            raise ScenarioError(f"{place} {problem} {', '.join(sorted(names))}; it takes {allowed}")


def _check_ending(data: Fields, end: Fields, table: Table) -> None:
    error = data.get("error")
    if error is not None:
        if end:
            raise ScenarioError("[error] and [end] exclude each other: a stream ends once")
        _check_keys("[error]", error, {"type", "message"}, {"details"})
        if error.get("type") not in table.errors:
            raise ScenarioError(f"[error] type must be one of {', '.join(table.errors)}")
    elif end.get("stop_reason") not in table.stop_reasons:
        raise ScenarioError(f"[end] stop_reason must be one of {', '.join(table.stop_reasons)}")


def _check_labels(blocks: tuple[Block, ...]) -> None:
    seen: set[str] = set()
    for block in blocks:
        wanted = block.content.get("tool_use_id")
        if wanted is not None and wanted not in seen:
            raise ScenarioError(f"tool_use_id {wanted!r} is not the label of a block before it")
        if block.label is not None:
            if block.label in seen or "input" not in block.content:
                raise ScenarioError(f"label {block.label!r} must be one tool call's own")
            seen.add(block.label)


def _check_cuts(blocks: tuple[Block, ...], table: Table) -> None:
    for block in blocks:
        if block.cut is None:
            continue
        if block is not blocks[-1] or not table.blocks[block.type].deltas:
            raise ScenarioError("cut is for the last block, of a type that deltas bring")


def _is_beta(blocks: tuple[Block, ...], end: Fields, table: Table) -> bool:
    """Whether any part of the answer needs a beta header."""
    stop = table.stop_reasons.get(end.get("stop_reason", ""))
    entries = [table.blocks[block.type] for block in blocks]
    return any(entry.stage == "beta" for entry in [*entries, *([stop] if stop else [])])
