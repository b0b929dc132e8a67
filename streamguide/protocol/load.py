"""Reads and checks `content/protocol.toml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter

from streamguide.content_file import ContentError, checked, inside, parse
from streamguide.protocol.table import SECTIONS, Field, ProtocolEntry, Table

_TABLE = TypeAdapter(Table)


def load(path: Path) -> Table:
    """Read and check the table.

    Raises ContentError for an invalid table, and OSError for a file that cannot be read.
    """
    with inside(path.name):
        values = parse(path.read_text(encoding="utf-8"))
        sections = {key: _by_name(key, values[key]) for key in SECTIONS if key in values}
        table = checked(_TABLE, values | sections)
        table = replace(
            table,
            events=_with_type(table.events),
            deltas=_with_type(table.deltas),
            blocks=_with_type(table.blocks),
            stop_reasons=MappingProxyType(table.stop_reasons),
            errors=MappingProxyType(table.errors),
        )
        _check_references(table)
    return table


def _by_name(key: str, entries: Any) -> dict[str, Any]:
    """The entries of an array of tables by their names."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ContentError(f"{key} must be an array of tables, [[{key}]]")
    section: dict[str, Any] = {}
    for number, entry in enumerate(entries):
        name = entry.get("name")
        if not isinstance(name, str):
            raise ContentError(f"{key}.{number} lacks a name")
        if name in section:
            raise ContentError(f"{key}.{name} is there twice; names must be unique")
        section[name] = entry
    return section


EntryT = TypeVar("EntryT", bound=ProtocolEntry)


def _with_type(section: Mapping[str, EntryT]) -> Mapping[str, EntryT]:
    """The entries with the field `type`, which the file omits because every entry has it."""
    found: dict[str, EntryT] = {}
    for name, entry in section.items():
        type_ = Field(name="type", type="string", meaning=f"Always `{name}`.")
        found[name] = replace(entry, fields=(type_, *entry.fields))
    return MappingProxyType(found)


def _check_references(table: Table) -> None:
    """Check that the names in an entry exist, and that deltas and blocks name each other."""
    for event in table.events.values():
        _check_names(f"events.{event.name}.next", event.next, table.events)
    for delta in table.deltas.values():
        _check_names(f"deltas.{delta.name}.blocks", delta.blocks, table.blocks)
    for block in table.blocks.values():
        _check_names(f"blocks.{block.name}.deltas", block.deltas, table.deltas)
    of_deltas = {(block, delta.name) for delta in table.deltas.values() for block in delta.blocks}
    of_blocks = {(block.name, delta) for block in table.blocks.values() for delta in block.deltas}
    for one, other in sorted(of_deltas - of_blocks):
        raise ContentError(f"blocks.{one}.deltas lacks {other!r}, which names the block")
    for one, other in sorted(of_blocks - of_deltas):
        raise ContentError(f"deltas.{other}.blocks lacks {one!r}, which names the delta")


def _check_names(place: str, names: Iterable[str], known: Iterable[str]) -> None:
    for name in names:
        if name not in known:
            raise ContentError(f"{place} does not know {name!r}; allowed: {', '.join(known)}")
