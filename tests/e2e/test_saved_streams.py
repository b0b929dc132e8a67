"""Opening saved streams on the demo's page: what plays, and what is told for what it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.demo_page import DemoPage

GOLDEN = Path(__file__).parents[1] / "golden" / "scenarios"
HELLO = (GOLDEN / "hello.sse").read_text(encoding="utf-8")
EVENTS = re.findall("^data: (.*)$", HELLO, re.MULTILINE)

Opened = Callable[[str, str], DemoPage]


@pytest.fixture
def opened(page: Page) -> Opened:
    """Opens a file in the page, which is loaded once."""
    demo = DemoPage(page)
    page.goto("/demo")
    picker = page.get_by_label("Open a saved stream")
    expect(picker).to_be_enabled()
    demo.speed.fill("0")

    def open_(name: str, text: str) -> DemoPage:
        picker.set_input_files({"name": name, "mimeType": "", "buffer": text.encode()})
        expect(demo.scenario.locator("option:checked")).to_have_text(f"A file: {name}")
        return demo

    return open_


def plays(demo: DemoPage, status: str) -> None:
    """Play the file to its end."""
    demo.start.click()
    expect(demo.status).to_have_text(status)


def test_events_in_another_form_play_and_the_page_says_which(opened: Opened) -> None:
    demo = opened("events.jsonl", "\n".join(EVENTS))
    plays(demo, "Complete: end_turn")
    assert demo.text() == json.loads((GOLDEN / "hello.json").read_text())["content"][0]["text"]
    expect(demo.page.get_by_text("It has one event a line")).to_be_visible()
    expect(demo.advice).to_have_text("")
    demo = opened("stream.sse", HELLO)
    expect(demo.page.get_by_text("It has one event a line")).to_have_count(0)


def test_the_estimate_goes_by_the_model_that_the_file_names(opened: Opened) -> None:
    for model, ratio in [
        ("claude-opus-5-5", 3.3),
        ("claude-sonnet-4-5-20250929", 4.3),
        ("claude-3-haiku-20240307", 4.3),
    ]:
        demo = opened(f"{model}.sse", re.sub('"model":"[^"]+"', f'"model":"{model}"', HELLO))
        plays(demo, "Complete: end_turn")
        characters = int(demo.readout("Characters"))
        assert demo.readout("Tokens, estimated") == f"≈ {round(characters / ratio)}"


def test_what_is_odd_in_a_file_stands_beside_its_ending(opened: Opened) -> None:
    demo = opened("cut.sse", HELLO.removesuffix("\n").replace("end_turn", "max_tokens"))
    plays(demo, "Stopped early: message_stop not delivered")
    expect(demo.advice).to_have_text(
        re.compile(
            r"^No blank line ended message_stop\. "
            r"Before it came max_tokens\. Say so, and offer to continue\."
        )
    )
    demo = opened("spliced.sse", HELLO + HELLO)
    plays(demo, "Complete: end_turn")
    expect(demo.advice).to_have_text(
        re.compile(r"^After stop: message_start \(event \d+\), and in \d+ more places$")
    )


def test_a_file_without_a_stream_is_told_for_what_it_is(page: Page, opened: Opened) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    for name, text, words in [
        ("empty.sse", "", "The file is empty."),
        ("a.txt", "Dear diary", "The file is text without events: it has no data: lines."),
        (
            "error.json",
            json.dumps(error),
            "The file is an error's body, before any stream: overloaded_error: Overloaded.",
        ),
        (
            "login.html",
            "<!doctype html><title><b>Sign in</b></title>",
            "The file is a web page: a login or a proxy answered instead of the API.",
        ),
    ]:
        demo = opened(name, text)
        expect(demo.status).to_have_text("No stream in this file")
        expect(demo.advice).to_have_text(words)
    # The page goes on with whatever is chosen next.
    demo = DemoPage(page)
    demo.scenario.select_option("Hello")
    expect(demo.status).to_have_text("Ready")
