"""The long streams are as long as the tables say, and made like all others."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from streamguide.content import Content, load_content
from tools.bench.streams import REPLACED, Stream, long_text, many_events


@pytest.fixture(scope="module")
def library() -> Content:
    return load_content()


def deltas(stream: Stream) -> list[str]:
    """The text of each text_delta."""
    events = [json.loads(frame.split("data: ", 1)[1]) for frame in stream.frames]
    return [e["delta"]["text"] for e in events if e.get("delta", {}).get("type") == "text_delta"]


def test_the_long_text_has_100_000_characters_in_about_2_500_deltas(library: Content) -> None:
    stream = long_text(library)
    assert len(stream.text) == 100_000
    assert len(deltas(stream)) == pytest.approx(2_500, rel=0.02)


def test_the_long_stream_has_about_10_000_events(library: Content) -> None:
    assert len(many_events(library).frames) == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize("make", [long_text, many_events])
def test_the_deltas_add_up_to_the_text(make: Callable[[Content], Stream], library: Content) -> None:
    stream = make(library)
    assert "".join(deltas(stream)) == stream.text


def test_the_text_has_paragraphs_and_its_deltas_are_uneven(library: Content) -> None:
    stream = long_text(library)
    assert stream.text.count("\n\n") > 100
    assert len({len(delta) for delta in deltas(stream)}) > 50


def test_the_plan_bears_the_name_under_which_the_page_asks_for_it(library: Content) -> None:
    assert long_text(library).plan["scenario"] == REPLACED
