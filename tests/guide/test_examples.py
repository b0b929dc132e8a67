"""The bytes on the guide's pages are those of the scenarios."""

from __future__ import annotations

import json

import pytest

from streamguide.content import Content
from streamguide.guide.context import ContentContext
from streamguide.guide.examples import SourceReference, error_envelope, find_examples, shorten
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.script import script
from tests.entries import entries_of


def test_every_entry_of_the_table_has_an_example(content_context: ContentContext) -> None:
    anchors = [entry.anchor for entry in entries_of(content_context.table)]

    assert [anchor for anchor in anchors if anchor not in content_context.examples] == []


def test_only_errors_have_examples_that_no_scenario_sends(content_context: ContentContext) -> None:
    made = [
        anchor for anchor, example in content_context.examples.items() if example.source is None
    ]

    assert [anchor for anchor in made if not anchor.startswith("error-")] == []


def test_an_example_is_the_frame_of_the_plan_byte_for_byte(content_context: ContentContext) -> None:
    for example in content_context.examples.values():
        if example.source is not None:
            frames = to_frames(script(make_answer(example.source.scenario)))
            assert example.text.encode() == frames[example.source.first - 1].data


def test_an_example_shows_its_entry(content_context: ContentContext) -> None:
    for anchor, example in content_context.examples.items():
        data = example.text.rstrip("\n").rpartition("\n")[2].removeprefix("data: ")
        kinds = [entry.anchor for entry in content_context.table.explain(json.loads(data))]
        assert anchor in kinds


@pytest.mark.parametrize(
    ("anchor", "scenario", "number"),
    [("event-message_start", "hello", 1), ("event-ping", "hello", 3)],
)
def test_the_plainest_scenario_comes_first(
    content_context: ContentContext, anchor: str, scenario: str, number: int
) -> None:
    source = SourceReference(content_context.scenarios[scenario], number, number)

    assert content_context.examples[anchor].source == source


def test_a_delta_is_shown_with_a_payload_where_one_exists(content_context: ContentContext) -> None:
    for delta in content_context.table.deltas.values():
        text = content_context.examples[delta.anchor].text
        event = json.loads(text.split("data: ")[1])
        assert event["delta"][delta.payload]


def test_without_scenarios_only_errors_have_examples(content: Content) -> None:
    examples = find_examples(content.table, {}, {})

    assert list(examples) == [error.anchor for error in content.table.errors.values()]


def test_an_error_that_can_come_in_a_stream_is_an_event(content: Content) -> None:
    text = error_envelope(content.table.errors["api_error"]).text

    assert text == (
        "event: error\n"
        'data: {"type":"error","error":{"type":"api_error","message":"Internal server error",'
        '"details":null},"request_id":"REQUEST"}\n\n'
    ).replace("REQUEST", text.split('"')[-2])


def test_an_error_that_cannot_is_an_http_response(content: Content) -> None:
    text = error_envelope(content.table.errors["billing_error"]).text

    assert text == (
        "HTTP/1.1 402\ncontent-type: application/json\nrequest-id: REQUEST\n\n"
        '{"type":"error","error":{"type":"billing_error","message":"Billing problem"},'
        '"request_id":"REQUEST"}\n'
    ).replace("REQUEST", text.split('"')[-2])


def test_a_string_of_160_characters_stays_whole() -> None:
    text = '{"text":"' + "a" * 160 + '"   }'

    assert shorten(text) == text


def test_a_longer_string_keeps_its_ends_and_a_count() -> None:
    text = '{"text":"' + "a" * 1500 + "z" * 16 + '"   }'

    assert (
        shorten(text) == '{"text":"' + "a" * 72 + "…(1,428 more characters)…" + "z" * 16 + '"   }'
    )


def test_shortening_counts_an_escape_as_one_character_and_splits_none() -> None:
    text = '"' + r"\n" * 200 + '"'

    assert shorten(text) == '"' + r"\n" * 72 + "…(112 more characters)…" + r"\n" * 16 + '"'


def test_shortened_data_is_still_json(content_context: ContentContext) -> None:
    for example in content_context.examples.values():
        json.loads(shorten(example.text).rstrip("\n").rpartition("\n")[2].removeprefix("data: "))
