"""Reads and checks scenario files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NotRequired

from pydantic import (
    ConfigDict,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    TypeAdapter,
    with_config,
)
from typing_extensions import TypedDict

from streamguide.content_file import STRICT, ContentError, checked, inside, parse
from streamguide.models import Models
from streamguide.protocol.table import Field as ProtocolField
from streamguide.protocol.table import ProtocolEntry, Table

Fields = Mapping[str, Any]
Display = Literal["summarized", "omitted", "updates"]


@dataclass(frozen=True, slots=True)
class Timing:
    """The speed of an answer. The defaults are those of a mid-sized model."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    first_event_ms: NonNegativeInt = 640
    first_delta_ms: NonNegativeInt = 180
    characters_per_second: PositiveInt = 260
    delta_characters: PositiveInt = 24


@dataclass(frozen=True, slots=True)
class ScenarioBlock:
    """A content block: `content` is its JSON in the finished message.

    `cut` is the number of characters of its text that are sent before the answer ends; a cut block
    is never closed. A result refers to its tool call by `label`. A `note` is a thinking block with
    text that the model writes between tool calls. An `eager` tool call sends its input in
    fragments of any size, another one only whole parameters.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    content: Fields
    label: str | None = None
    pause_before_ms: NonNegativeInt = 0
    pause_inside_ms: NonNegativeInt = 0
    cut: NonNegativeInt | None = None
    note: bool = False
    eager: bool = False

    @property
    def type(self) -> str:
        """The block's type on the wire."""
        return str(self.content["type"])


@dataclass(frozen=True, slots=True)
class Scenario:
    """An answer of Claude's and the timing of its stream.

    `usage` has the counts of message_start. With `whole_at_start` the message is complete in
    message_start, and there is no message_delta. With `error` the stream ends with an error event.
    `display` is the request's `thinking.display`: "omitted" sends no thinking, "updates" only
    notes. `density` is how many tokens its prose takes for each one that the model's ratio lets
    expect.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    title: str
    summary: str
    prompt: str
    model: str
    characters_per_token: float
    order: int
    seed: int
    blocks: tuple[ScenarioBlock, ...]
    usage: Fields
    end: ScenarioEnd
    timing: Timing = field(default_factory=Timing)
    thinking_tokens: NonNegativeInt = 0
    density: PositiveFloat = 1.0
    whole_at_start: bool = False
    padding: bool = True
    beta: bool = False
    error: ScenarioError | None = None
    display: Display = "summarized"

    @property
    def calls_client(self) -> bool:
        """Whether it calls a tool that the caller runs."""
        return any(block.type == "tool_use" for block in self.blocks)

    @property
    def own_ratio(self) -> float:
        """The characters of its prose for each token."""
        return self.characters_per_token / self.density


@with_config(STRICT)
class ScenarioEnd(TypedDict, total=False):
    """The values that message_delta sets."""

    stop_reason: str
    stop_sequence: str
    stop_details: dict[str, Any]
    container: dict[str, Any]
    usage: dict[str, Any]
    extra: dict[str, Any]


@with_config(STRICT)
class ScenarioError(TypedDict):
    """The error in the event that ends a stream."""

    type: str
    message: str
    details: NotRequired[dict[str, Any]]


_SCENARIO = TypeAdapter(Scenario)
# Those that JSON and TOML have in common; other types are not checked.
_JSON_TYPES: Mapping[str, type] = {"string": str, "object": dict, "array": list, "boolean": bool}
_OWN_DEFAULTS: Fields = MappingProxyType(
    {"title": "", "summary": "", "prompt": "", "order": 0, "seed": 1, "usage": {}}
)
_DERIVED = {"name", "characters_per_token", "beta"}
_DIRECTIVES = {"label", "pause_before_ms", "pause_inside_ms", "cut", "note", "eager"}


def load_all(folder: Path, table: Table, models: Models) -> Mapping[str, Scenario]:
    """The scenarios of a folder by name, sorted by their `order`.

    Raises ContentError for the first invalid file.
    """
    scenarios = [load(path, table, models) for path in folder.glob("*.toml")]
    scenarios.sort(key=lambda scenario: (scenario.order, scenario.name))
    return MappingProxyType({scenario.name: scenario for scenario in scenarios})


def load(path: Path, table: Table, models: Models) -> Scenario:
    """Read a scenario. Raises ContentError."""
    with inside(path.name):
        return _from_values(path.stem, parse(path.read_text(encoding="utf-8")), table, models)


def own_scenario(name: str, values: dict[str, Any], table: Table, models: Models) -> Scenario:
    """A scenario of a user's own, from the values that a file would have.

    It may leave out all that only our lists show, and the model. Raises ContentError.
    """
    given = {**_OWN_DEFAULTS, "model": next(iter(models.by_id)), **values}
    return _from_values(name, given, table, models)


def _from_values(name: str, values: dict[str, Any], table: Table, models: Models) -> Scenario:
    """A scenario of the values that a file would have. Raises ContentError."""
    blocks = values.get("blocks")
    if isinstance(blocks, list):
        values = {**values, "blocks": [_split_directives(block) for block in blocks]}
    return _scenario(name, values, table, models)


def _split_directives(block: Any) -> Any:
    """Separate the fields of a block on the wire, as its `content`, from the file's directives."""
    if not isinstance(block, dict):
        return block
    content = {key: value for key, value in block.items() if key not in _DIRECTIVES}
    return {"content": content} | {key: block[key] for key in block.keys() & _DIRECTIVES}


def _scenario(name: str, values: dict[str, Any], table: Table, models: Models) -> Scenario:
    if derived := sorted(values.keys() & _DERIVED):
        raise ContentError(f"{', '.join(derived)}: follows from the rest of the file")
    model = models.by_id.get(str(values.get("model", "")))
    if model is None:
        known = ", ".join(models.by_id)
        raise ContentError(f"unknown model {values.get('model')!r}; known: {known}")
    given = {"name": name, "characters_per_token": model.characters_per_token}
    scenario = checked(_SCENARIO, {"end": {}, "blocks": [], **values, **given})
    _check_ending(scenario, table)
    _check_counts("usage", scenario.usage)
    _check_counts("end.usage", scenario.end.get("usage", {}))
    for number, block in enumerate(scenario.blocks):
        _check_block(f"blocks.{number}", block.content, table)
    _check_labels(scenario.blocks)
    _check_cuts(scenario.blocks, table)
    return replace(scenario, beta=_is_beta(scenario, table))


def _check_block(place: str, content: Fields, table: Table) -> None:
    known = table.blocks.get(str(content.get("type", "")))
    if known is None:
        raise ContentError(
            f"{place}: type {content.get('type')!r} is not in the protocol table; "
            f"known: {', '.join(table.blocks)}"
        )
    if "id" in content and "input" in content:
        raise ContentError(f"{place}: ids are drawn, not written; name the block with a label")
    allowed = {"type"} | {field.name.split(".")[0].split("[")[0] for field in known.fields}
    if unknown := sorted(content.keys() - allowed):
        takes = ", ".join(sorted(allowed | _DIRECTIVES))
        raise ContentError(
            f"{place} ({known.name}) does not know {', '.join(unknown)}; it takes {takes}"
        )
    for field_ in known.fields:
        _check_field(f"{place}.{field_.name}", field_, content)


def _check_field(place: str, known: ProtocolField, content: Fields) -> None:
    if known.name not in content:
        # An id is drawn; the fields of a field have a dot or a bracket in their names.
        if not known.optional and known.name.isidentifier() and known.name != "id":
            raise ContentError(f"{place}: is missing; it takes: {known.type}")
        return
    value = content[known.name]
    is_null = value is None and known.optional
    if not is_null and not isinstance(value, _JSON_TYPES.get(known.type, object)):
        raise ContentError(f"{place}: takes: {known.type}")


def _check_ending(scenario: Scenario, table: Table) -> None:
    error, end = scenario.error, scenario.end
    if error is None:
        if end.get("stop_reason") not in table.stop_reasons:
            raise ContentError(f"end.stop_reason must be one of {', '.join(table.stop_reasons)}")
    elif end:
        raise ContentError("error and end exclude each other: a stream ends once")
    elif error["type"] not in table.errors:
        raise ContentError(f"error.type must be one of {', '.join(table.errors)}")


def _check_counts(place: str, usage: Fields) -> None:
    for name, count in usage.items():
        if name.endswith("_tokens") and (type(count) is not int or count < 0):
            raise ContentError(f"{place}.{name}: takes a number of tokens")


def _check_labels(blocks: tuple[ScenarioBlock, ...]) -> None:
    seen: set[str] = set()
    for block in blocks:
        wanted = block.content.get("tool_use_id")
        if wanted is not None and wanted not in seen:
            raise ContentError(f"tool_use_id {wanted!r} is not the label of a block before it")
        if block.label is not None:
            if block.label in seen or "input" not in block.content:
                raise ContentError(f"label {block.label!r} must belong to one tool call")
            seen.add(block.label)


def _check_cuts(blocks: tuple[ScenarioBlock, ...], table: Table) -> None:
    for block in blocks:
        if block.cut is None:
            continue
        if block is not blocks[-1] or not table.blocks[block.type].deltas:
            raise ContentError("cut is for the last block, of a type that deltas extend")


def _is_beta(scenario: Scenario, table: Table) -> bool:
    """Whether the answer contains anything that requires a beta header."""
    entries: list[ProtocolEntry] = [table.blocks[block.type] for block in scenario.blocks]
    if reason := scenario.end.get("stop_reason"):
        entries.append(table.stop_reasons[reason])
    return any(entry.stage == "beta" for entry in entries)
