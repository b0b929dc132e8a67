"""Invalid saved streams: the page reports each in words, and stays usable."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Complaints, complaints
from tests.e2e.demo_page import DemoPage

__all__ = ["complaints"]

START: dict[str, Any] = {
    "type": "message_start",
    "message": {"id": "msg_1", "content": [], "usage": {"input_tokens": 3, "output_tokens": 1}},
}
OPEN: dict[str, Any] = {
    "type": "content_block_start",
    "index": 0,
    "content_block": {"type": "text", "text": ""},
}
CLOSE: dict[str, Any] = {"type": "content_block_stop", "index": 0}
END: dict[str, Any] = {
    "type": "message_delta",
    "delta": {"stop_reason": "end_turn"},
    "usage": {"output_tokens": 7},
}
STOP: dict[str, Any] = {"type": "message_stop"}


def text(piece: Any, index: Any = 0) -> dict[str, Any]:
    """A delta of text."""
    delta = {"type": "text_delta", "text": piece}
    return {"type": "content_block_delta", "index": index, "delta": delta}


def answer(*events: dict[str, Any], start: Any = START, end: Any = END) -> list[dict[str, Any]]:
    """A message with these events in it."""
    return [start, *events, end, STOP]


def saved(events: list[dict[str, Any]]) -> bytes:
    """The events as a file."""
    frames = (f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events)
    return "".join(frames).encode()


TEXT = [OPEN, text("The sky is blue."), CLOSE]


def indexed(index: Any) -> list[dict[str, Any]]:
    """An answer whose one block has this index."""
    return answer(
        OPEN | {"index": index}, text("The sky is blue.", index), CLOSE | {"index": index}
    )


def cited(*citations: Any) -> list[dict[str, Any]]:
    """An answer that cites."""
    block = {"type": "text", "text": "", "citations": list(citations)}
    return answer(OPEN | {"content_block": block}, *TEXT[1:])


# By name: the events of a file, the status at its end, and the advice.
FILES: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "usage-null": (
        answer(*TEXT, end=END | {"usage": None}),
        "Complete: end_turn",
        "Not as documented: usage is null (event 5).",
    ),
    "content-null": (
        answer(*TEXT, start={"type": "message_start", "message": {"content": [None]}}),
        "Complete: end_turn",
        "Not as documented: content is null (event 1).",
    ),
    "content-five": (
        answer(*TEXT, end=END | {"delta": {"stop_reason": "end_turn", "content": 5}}),
        "Complete: end_turn",
        "Not as documented: delta.content is 5 (event 5).",
    ),
    "citations-null": (
        cited(None, {"type": "char_location", "cited_text": "x"}),
        "Complete: end_turn",
        "content_block.citations holds what is no object (event 2).",
    ),
    "index-huge": (
        indexed(4_294_967_294),
        "Complete: end_turn",
        "Not as documented: index is 4294967294 (event 2).",
    ),
    "index-name": (
        indexed("__proto__"),
        "Complete: end_turn",
        'Not as documented: index is "__proto__" (event 2).',
    ),
    "stop-reason-name": (
        answer(*TEXT, end=END | {"delta": {"stop_reason": "constructor"}}),
        "Complete: constructor",
        "",
    ),
    "thinking-tokens-object": (
        answer(
            *TEXT, end=END | {"usage": {"output_tokens_details": {"thinking_tokens": {"a": 1}}}}
        ),
        "Complete: end_turn",
        "usage.output_tokens_details.thinking_tokens is an object (event 5).",
    ),
    "error-toString": (
        [START, *TEXT, {"type": "error", "error": {"type": {"toString": 1}, "message": 5}}],
        "Stopped early: error",
        "Not as documented: error.type is an object (event 5), error.message is 5 (event 5).",
    ),
    "delta-null": (
        [START, OPEN, {**text("x"), "delta": None}, *TEXT[1:], END, STOP],
        "Complete: end_turn",
        "Not as documented: delta is null (event 3).",
    ),
}


@pytest.fixture
def demo(page: Page) -> DemoPage:
    """The demo with a file to be chosen, unpaced."""
    demo = DemoPage(page)
    demo.open("?speed=0")
    return demo


def choose(demo: DemoPage, data: bytes) -> None:
    """Open a saved stream."""
    picker = demo.page.get_by_label("Open a saved stream")
    file = {"name": "odd.sse", "mimeType": "text/event-stream", "buffer": data}
    picker.set_input_files(file)  # type: ignore[arg-type]
    expect(demo.scenario.locator("option:checked")).to_have_text("A file: odd.sse")
    expect(demo.start).to_be_enabled()


def play(demo: DemoPage, data: bytes) -> None:
    """Play a saved stream to its end."""
    choose(demo, data)
    demo.start.click()
    demo.run_to_end(1_000)


def test_files_with_values_of_another_kind_are_shown_and_end_in_words(demo: DemoPage) -> None:
    for name, (events, status, told) in FILES.items():
        play(demo, saved(events))
        assert demo.status_text() == status, name
        assert demo.text() == "The sky is blue.", name
        assert told in demo.advice.inner_text(), name
        # Every event can be opened, and its message shown.
        demo.event(len(events)).click()
        expect(demo.detail).to_contain_text("The message after it")


@pytest.mark.parametrize(
    ("long", "mode"),
    [
        pytest.param("a" + "\u0301" * 1_000_000, "Typewriter", id="marks"),
        pytest.param("x" * 10_000_000, "As sent", id="ten-megabytes", marks=pytest.mark.soak),
    ],
)
def test_a_very_long_delta_is_shown_bit_by_bit_and_not_beyond_a_million(
    demo: DemoPage, long: str, mode: str
) -> None:
    choose(demo, saved(answer(OPEN, text(long), CLOSE)))
    demo.page.get_by_role("radio", name=mode).check()
    demo.start.click()
    demo.run(160)
    # A frame, of 16 ms, shows at most 4,001 characters of one delta.
    assert 0 < len(demo.text()) <= 11 * 4_001
    demo.position.fill("6")
    expect(demo.status).to_have_text("Complete: end_turn")
    assert demo.readout("Characters") == f"{len(long):,}"
    assert demo.text() == long[:1_000_000]
    expect(demo.page.get_by_text("Only the first 1,000,000 characters are shown.")).to_have_count(1)


def test_an_error_of_the_page_itself_is_told_and_another_file_can_be_chosen(
    demo: DemoPage, complaints: Complaints
) -> None:
    complaints.expected = ("planted",)
    choose(demo, saved(answer(*TEXT)))
    demo.page.evaluate(
        """() => {
          const { appendData } = Text.prototype;
          Text.prototype.appendData = () => {
            Text.prototype.appendData = appendData;
            throw new Error("planted");
          };
        }"""
    )
    demo.start.click()
    demo.run(1_000)
    assert demo.status_text() == "The page could not go on with this stream"
    expect(demo.advice).to_contain_text("An error of the page's own, after event ")
    expect(demo.advice).to_contain_text("planted")
    expect(demo.advice).to_contain_text("Choose a stream again, or reload the page.")
    play(demo, saved(answer(*TEXT)))
    assert demo.text() == "The sky is blue."
