"""Loading the protocol table, and refusing one that is wrong."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from streamguide.content_file import ContentError
from streamguide.protocol.load import load
from streamguide.protocol.table import Table
from tests.entries import entries_of

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
    assert [entry.kind for entry in entries_of(table)] == [
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
        ('api_version = "2026-10-21"', "", "api_version: is missing"),
        (
            'api_version = "2026-10-21"',
            "api_version = 1",
            "api_version: Input should be a valid string",
        ),
        ("[[stop_reasons]]", "[[reasons]]", "stop_reasons: is missing"),
        ("[[blocks]]", "[blocks]", "blocks must be an array of tables, [[blocks]]"),
        ('family = "ping"', "", "events.ping.family: is missing"),
        ('name = "ping"', "", "events.0 lacks a name"),
        ("anywhere = true", 'family2 = "x"', "events.ping.family2: is not known"),
        (
            "anywhere = true",
            "anywhere = 1",
            "events.ping.anywhere: Input should be a valid boolean",
        ),
        (
            "status = 500",
            "status = true",
            "errors.api_error.status: Input should be a valid integer",
        ),
        ("next = []", 'next = "ping"', "events.ping.next: Input should be a valid array"),
        ("next = []", "next = [1]", "events.ping.next.0: Input should be a valid string"),
        ("next = []", 'next = ["pong"]', "events.ping.next does not know 'pong'; allowed: ping"),
        (
            'family = "ping"',
            'family = "x"',
            "events.ping.family: Input should be 'message', 'block'",
        ),
        ('stage = "ga"', 'stage = "x"', "deltas.text_delta.stage: Input should be 'ga' or 'beta'"),
        ('stage = "ga"\nblocks', "blocks", "deltas.text_delta.stage: is missing"),
        ('"append"', '"x"', "accumulate: Input should be 'append', 'set' or 'push'"),
        ('"complete"', '"x"', "outcome: Input should be 'complete', 'continue' or 'early'"),
        ('blocks = ["text"]', 'blocks = ["x"]', "blocks does not know 'x'; allowed: text"),
        ('deltas = ["text_delta"]', 'deltas = ["x"]', "deltas does not know 'x'; allowed: text_d"),
        ('blocks = ["text"]', "blocks = []", "deltas.text_delta.blocks lacks 'text'"),
        ('deltas = ["text_delta"]', "deltas = []", "blocks.text.deltas lacks 'text_delta'"),
        ('type = "string"', 'type = "x"', "events.ping.fields.0.type: Input should be 'string', "),
        ('type = "string", ', "", "events.ping.fields.0.type: is missing"),
        ('name = "extra", ', "", "events.ping.fields.0.name: is missing"),
        ("fields = [{", 'fields = ["x", {', "events.ping.fields.0: Input should be an object"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place_and_what_is_allowed(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in SMALL
    with pytest.raises(ContentError, match=re.escape(message)) as caught:
        load_text(tmp_path, SMALL.replace(old, new, 1))
    assert str(caught.value).startswith("protocol.toml: ")


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    twice = SMALL + SMALL[SMALL.index("[[errors]]") :]
    with pytest.raises(ContentError, match=r"errors\.api_error is there twice"):
        load_text(tmp_path, twice)


def test_a_file_that_is_not_toml_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"protocol\.toml: not valid TOML: "):
        load_text(tmp_path, "[[events")
