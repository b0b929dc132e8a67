"""Loading the protocol table, and refusing one that is wrong."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from streamguide.protocol.load import ProtocolError, load
from streamguide.protocol.table import Table

SMALL = """
api_version = "2026-10-21"

[[events]]
name = "ping"
family = "ping"
next = []
anywhere = true
when = "At times."
meaning = "Alive."
client = "Ignore it."
fields = [{ name = "extra", type = "string", meaning = "More." }]

[[deltas]]
name = "text_delta"
stage = "ga"
blocks = ["text"]
accumulate = "append"
payload = "text"
when = "At times."
meaning = "Text."
client = "Append it."
fields = []

[[blocks]]
name = "text"
stage = "ga"
deltas = ["text_delta"]
when = "At times."
meaning = "Text."
client = "Show it."
fields = []

[[stop_reasons]]
name = "end_turn"
stage = "ga"
outcome = "complete"
when = "At the end."
meaning = "Done."
client = "Show it."

[[errors]]
name = "api_error"
status = 500
retry = true
sdk_retries = true
in_stream = true
python = "InternalServerError"
javascript = "InternalServerError"
message = "Internal server error"
when = "At times."
meaning = "Failed."
client = "Retry."
"""


def load_text(folder: Path, text: str) -> Table:
    path = folder / "protocol.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_a_small_table_loads(tmp_path: Path) -> None:
    table = load_text(tmp_path, SMALL)
    assert [entry.kind for entry in table.entries()] == [
        "event",
        "delta",
        "block",
        "stop",
        "error",
    ]


def test_a_table_cannot_be_changed(table: Table) -> None:
    with pytest.raises(TypeError):
        table.events["new"] = table.events["ping"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        table.events["ping"].when = "Never."  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('api_version = "2026-10-21"', "", "the top level lacks api_version"),
        ('api_version = "2026-10-21"', "api_version = 1", "api_version must be of type str"),
        ("[[stop_reasons]]", "[[reasons]]", "the top level lacks stop_reasons"),
        ("[[blocks]]", "[blocks]", "blocks must be an array of tables, [[blocks]]"),
        ('family = "ping"', "", "[[events]] 'ping' lacks family; allowed: anywhere, client"),
        ('name = "ping"', "", "[[events]] number 1 lacks name"),
        ("anywhere = true", 'family2 = "x"', "[[events]] 'ping' does not know family2; allowed:"),
        ("anywhere = true", "anywhere = 1", "'ping', anywhere must be of type bool, not 1"),
        ("status = 500", "status = true", "'api_error', status must be of type int, not True"),
        ("next = []", 'next = "ping"', "'ping', next must be an array, not 'ping'"),
        ("next = []", "next = [1]", "'ping', next must be of type str, not 1"),
        ("next = []", 'next = ["pong"]', "'ping', next does not know 'pong'; allowed: ping"),
        ('family = "ping"', 'family = "x"', "family does not know 'x'; allowed: message, block"),
        ('stage = "ga"', 'stage = "x"', "'text_delta', stage does not know 'x'; allowed: ga, beta"),
        ('stage = "ga"\nblocks', "blocks", "'text_delta' lacks stage"),
        ('"append"', '"x"', "accumulate does not know 'x'; allowed: append, set, push"),
        ('"complete"', '"x"', "outcome does not know 'x'; allowed: complete, continue, early"),
        ('blocks = ["text"]', 'blocks = ["x"]', "blocks does not know 'x'; allowed: text"),
        ('deltas = ["text_delta"]', 'deltas = ["x"]', "deltas does not know 'x'; allowed: text_d"),
        ('blocks = ["text"]', "blocks = []", "[[deltas]] 'text_delta', blocks lacks 'text'"),
        ('deltas = ["text_delta"]', "deltas = []", "[[blocks]] 'text', deltas lacks 'text_delta'"),
        ('type = "string"', 'type = "x"', "fields 'extra', type does not know 'x'; allowed: str"),
        ('type = "string", ', "", "[[events]] 'ping', fields 'extra' lacks type"),
        ('name = "extra", ', "", "[[events]] 'ping', fields number 1 lacks name"),
        ("fields = [{", 'fields = ["x", {', "fields number 1 must be a table"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in SMALL
    with pytest.raises(ProtocolError, match=re.escape(message)) as caught:
        load_text(tmp_path, SMALL.replace(old, new, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'protocol.toml'}: ")


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = SMALL + SMALL[SMALL.index("[[errors]]") :]
    with pytest.raises(ProtocolError, match=r"\[\[errors\]\] 'api_error' is there twice"):
        load_text(tmp_path, twice)


def test_a_file_that_is_not_toml_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"protocol\.toml: not valid TOML: "):
        load_text(tmp_path, "[[events")
