"""All entries of the protocol table."""

from __future__ import annotations

from streamguide.protocol.table import ProtocolEntry, Table


def entries_of(table: Table) -> list[ProtocolEntry]:
    return [entry for section in table.sections.values() for entry in section.values()]
