"""Reading and checking `content/protocol.toml`."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from streamguide.protocol.table import Block, Delta, ErrorType, Event, Field, StopReason, Table

RecordT = TypeVar("RecordT", Field, Event, Delta, Block, StopReason, ErrorType)


class ProtocolError(ValueError):
    """A protocol table that cannot be used: says the file, the entry and what is allowed."""


def load(path: Path) -> Table:
    """Read and check the table.

    Raises ProtocolError for a table that is not as it should be, and OSError for a file that
    cannot be read.
    """
    try:
        return _table(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{path}: not valid TOML: {error}") from error
    except ProtocolError as error:
        raise ProtocolError(f"{path}: {error}") from None


def _table(raw: dict[str, Any]) -> Table:
    sections = [field.name for field in dataclasses.fields(Table)]
    _check_keys("the top level", raw, required=sections, optional=())
    table = Table(
        api_version=_value(str, raw["api_version"], "api_version"),
        events=_section(Event, raw, "events"),
        deltas=_section(Delta, raw, "deltas"),
        blocks=_section(Block, raw, "blocks"),
        stop_reasons=_section(StopReason, raw, "stop_reasons"),
        errors=_section(ErrorType, raw, "errors"),
    )
    _check_references(table)
    return table


def _section(cls: type[RecordT], raw: dict[str, Any], key: str) -> Mapping[str, RecordT]:
    section: dict[str, RecordT] = {}
    if not isinstance(raw[key], list):
        raise ProtocolError(f"{key} must be an array of tables, [[{key}]]")
    for number, item in enumerate(raw[key], start=1):
        entry = _record(cls, item, f"[[{key}]] {_label(item, number)}")
        if entry.name in section:
            raise ProtocolError(f"[[{key}]] {entry.name!r} is there twice; names must be unique")
        section[entry.name] = entry
    return MappingProxyType(section)


def _label(item: object, number: int) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return repr(name) if isinstance(name, str) else f"number {number}"


def _record(cls: type[RecordT], item: object, place: str) -> RecordT:
    """A dataclass from a table of the file: its annotations say what is allowed."""
    if not isinstance(item, dict):
        raise ProtocolError(f"{place} must be a table")
    declared = dataclasses.fields(cls)
    required = [f.name for f in declared if f.default is dataclasses.MISSING]
    optional = [f.name for f in declared if f.default is not dataclasses.MISSING]
    _check_keys(place, item, required, optional)
    hints = get_type_hints(cls)
    values: dict[str, Any] = {
        key: _value(hints[key], value, f"{place}, {key}") for key, value in item.items()
    }
    if "fields" in values:
        values["fields"] = (_type_field(values["name"]), *values["fields"])
    return cls(**values)


def _type_field(name: str) -> Field:
    return Field(name="type", type="string", meaning=f"Always `{name}`.")


def _value(hint: Any, value: Any, place: str) -> Any:
    """The value as the annotation `hint` wants it; raises ProtocolError if it does not fit."""
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint)[0], value, place)
    if get_origin(hint) is Literal:
        _check_name(place, value, get_args(hint))
    elif type(value) is not hint:
        raise ProtocolError(f"{place} must be of type {hint.__name__}, not {value!r}")
    return value


def _tuple(hint: Any, value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ProtocolError(f"{place} must be an array, not {value!r}")
    if hint is Field:
        return tuple(
            _record(Field, item, f"{place} {_label(item, number)}")
            for number, item in enumerate(value, start=1)
        )
    return tuple(_value(hint, item, place) for item in value)


def _check_keys(
    place: str, found: Mapping[str, Any], required: Iterable[str], optional: Iterable[str]
) -> None:
    required, allowed = set(required), {*required, *optional}
    for problem, names in (
        ("lacks", required - found.keys()),
        ("does not know", found.keys() - allowed),
    ):
        if names:
            raise ProtocolError(f"{place} {problem} {_join(names)}; allowed: {_join(allowed)}")


def _check_references(table: Table) -> None:
    """Every name that an entry mentions exists, and deltas and blocks name each other."""
    for event in table.events.values():
        _check_names(f"[[events]] {event.name!r}, next", event.next, table.events)
    for delta in table.deltas.values():
        _check_names(f"[[deltas]] {delta.name!r}, blocks", delta.blocks, table.blocks)
    for block in table.blocks.values():
        _check_names(f"[[blocks]] {block.name!r}, deltas", block.deltas, table.deltas)
    _check_pairs(table)


def _check_pairs(table: Table) -> None:
    of_deltas = {(block, delta.name) for delta in table.deltas.values() for block in delta.blocks}
    of_blocks = {(block.name, delta) for block in table.blocks.values() for delta in block.deltas}
    for block, delta in sorted(of_deltas - of_blocks):
        raise ProtocolError(f"[[blocks]] {block!r}, deltas lacks {delta!r}, which names the block")
    for block, delta in sorted(of_blocks - of_deltas):
        raise ProtocolError(f"[[deltas]] {delta!r}, blocks lacks {block!r}, which names the delta")


def _check_names(place: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        _check_name(place, name, known)


def _check_name(place: str, name: object, known: Iterable[str]) -> None:
    allowed = list(known)
    if name not in allowed:
        raise ProtocolError(f"{place} does not know {name!r}; allowed: {', '.join(allowed)}")


def _join(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
