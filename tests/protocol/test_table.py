"""The protocol table against the types of the pinned SDK, and its loader."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from streamguide.protocol.table import Table
from tests.entries import entries_of

FILE = Path(__file__).parents[2] / "content" / "protocol.toml"

ANYWHERE = {"ping", "error"}


# ------------------------------------------------------------------------- inner agreement


def test_the_payload_of_a_delta_is_one_of_its_fields(table: Table) -> None:
    for delta in table.deltas.values():
        assert delta.payload in {field.name for field in delta.fields}, delta.name


def test_an_event_that_may_stand_anywhere_is_in_no_chain(table: Table) -> None:
    anywhere = {name for name, event in table.events.items() if event.anywhere}
    assert anywhere == ANYWHERE
    for event in table.events.values():
        assert not anywhere & set(event.next), event.name


def test_every_event_of_the_chain_leads_to_message_stop(table: Table) -> None:
    reached, before = {"message_stop"}, set[str]()
    while reached != before:
        before = set(reached)
        reached |= {name for name, event in table.events.items() if reached & set(event.next)}
    assert reached == table.events.keys() - ANYWHERE


def test_no_entry_lacks_prose_and_no_sentence_ends_without_a_stop(table: Table) -> None:
    for entry in entries_of(table):
        prose = [entry.when, entry.meaning, entry.client, *entry.oddities]
        prose += [field.meaning for field in entry.fields]
        for sentence in prose:
            assert sentence.endswith("."), (entry.anchor, sentence)


def test_anchors_are_unique_and_fit_for_a_url(table: Table) -> None:
    anchors = [entry.anchor for entry in entries_of(table)]
    assert len(anchors) == len(set(anchors))
    assert all(re.fullmatch(r"[a-z]+-[a-z_]+", anchor) for anchor in anchors)


def test_fields_begin_with_the_type_of_the_entry(table: Table) -> None:
    for section in (table.events, table.deltas, table.blocks):
        for entry in section.values():
            assert entry.fields[0].name == "type"
            assert f"`{entry.name}`" in entry.fields[0].meaning


# --------------------------------------------------------------------------------- explain


@pytest.mark.parametrize(
    ("event", "anchors"),
    [
        (
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta"}},
            ["event-content_block_delta", "delta-text_delta"],
        ),
        (
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text"}},
            ["event-content_block_start", "block-text"],
        ),
        (
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
            ["event-message_delta", "stop-end_turn"],
        ),
        (
            {"type": "message_start", "message": {"stop_reason": "tool_use"}},
            ["event-message_start", "stop-tool_use"],
        ),
        (
            {"type": "error", "error": {"type": "overloaded_error"}},
            ["event-error", "error-overloaded_error"],
        ),
        ({"type": "ping"}, ["event-ping"]),
        ({"type": "content_block_stop", "index": 0}, ["event-content_block_stop"]),
        ({"type": "message_stop"}, ["event-message_stop"]),
    ],
)
def test_an_event_is_explained_from_general_to_particular(
    table: Table, event: dict[str, Any], anchors: list[str]
) -> None:
    assert [entry.anchor for entry in table.explain(event)] == anchors


@pytest.mark.parametrize(
    ("event", "anchors"),
    [
        ({"type": "message_start", "message": {"stop_reason": None}}, ["event-message_start"]),
        ({"type": "message_delta", "delta": {"stop_reason": None}}, ["event-message_delta"]),
        (
            {"type": "content_block_delta", "delta": {"type": "new_delta"}},
            ["event-content_block_delta"],
        ),
        (
            {"type": "content_block_start", "content_block": {"type": "new_block"}},
            ["event-content_block_start"],
        ),
        ({"type": "message_delta", "delta": {"stop_reason": "new"}}, ["event-message_delta"]),
        ({"type": "error", "error": {"type": "new_error"}}, ["event-error"]),
        ({"type": "error", "error": "not an object"}, ["event-error"]),
        ({"type": "error", "error": {"type": ["not", "a", "string"]}}, ["event-error"]),
        ({"type": "error"}, ["event-error"]),
        ({"type": "new_event"}, []),
        ({"type": None}, []),
        ({"type": ["not", "a", "string"]}, []),
        ({}, []),
    ],
)
def test_what_the_table_does_not_know_is_left_out_of_the_explanation(
    table: Table, event: dict[str, Any], anchors: list[str]
) -> None:
    assert [entry.anchor for entry in table.explain(event)] == anchors


# --------------------------------------------------------------------------------- as_json


def test_as_json_is_plain_json_without_the_fields(table: Table) -> None:
    data = table.as_json()
    assert json.loads(json.dumps(data)) == data
    assert '"fields"' not in json.dumps(data)


def test_as_json_has_every_entry_in_the_order_of_the_file(table: Table) -> None:
    data = table.as_json()
    assert list(data) == ["api_version", "events", "deltas", "blocks", "stop_reasons", "errors"]
    anchors = [e["anchor"] for key in list(data)[1:] for e in data[key].values()]
    assert anchors == [entry.anchor for entry in entries_of(table)]


def test_as_json_has_the_keys_of_each_kind(table: Table) -> None:
    data = table.as_json()
    common = {"anchor", "stage", "when", "meaning", "client"}
    kinds = {
        "events": {"family", "next", "anywhere"},
        "deltas": {"blocks", "accumulate", "payload"},
        "blocks": {"deltas"},
        "stop_reasons": {"outcome"},
        "errors": {
            *("status", "retry", "sdk_retries", "in_stream"),
            *("never_retry", "typed", "python", "javascript", "message"),
        },
    }
    for key, own in kinds.items():
        assert all(entry.keys() == common | own for entry in data[key].values()), key
