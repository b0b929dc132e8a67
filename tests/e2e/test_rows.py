"""The rows of events: what each brings, its bytes, and the characters that it brought."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.demo_page import HEARD, DemoPage

MARKED = "[...(CSS.highlights.get('event') ?? [])].join()"


def test_a_row_says_first_what_its_event_brings(page: Page) -> None:
    demo = DemoPage(page)
    demo.open()
    demo.position.fill("28")
    demo.events.press("Home")
    row = demo.event(4)
    expect(row).to_have_accessible_name(
        "4, content_block_delta, text_delta, Hello! You are reading, 0.51 s"
    )
    expect(row).to_have_attribute("aria-setsize", "28")
    expect(row).to_have_css("height", "48px")
    expect(row.locator(".event-payload")).to_have_text("Hello! You are reading")
    demo.events.press("End")
    end = demo.event(27)
    expect(end).to_contain_text(
        'stop_reason end_turn {"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"input_tokens":15,"output_tokens":127}'
    )
    expect(end.locator(".event-payload")).to_have_text("end_turn")


def test_the_rows_show_bytes_on_request_and_the_address_keeps_it(page: Page) -> None:
    demo = DemoPage(page)
    demo.open("?fault=drop")
    demo.position.fill("6")
    row, data = demo.event(4), 'data: {"type":"content_block_delta"'
    expect(row).not_to_contain_text(data)
    page.get_by_role("radio", name="Bytes").check()
    expect(row).to_contain_text(data)
    expect(row).to_contain_text("event: content_block_delta")
    demo.shows_address(mode="sent", speed="30", scenario="hello", fault="drop", rows="bytes")
    demo.fault.select_option("No fault")
    demo.shows_address(mode="sent", speed="30", scenario="hello", rows="bytes")
    page.reload()
    expect(page.get_by_role("radio", name="Bytes")).to_be_checked()
    page.get_by_role("radio", name="Payload").check()
    demo.shows_address(mode="sent", speed="30", scenario="hello")


def test_rows_and_their_characters_mark_each_other(page: Page) -> None:
    demo = DemoPage(page)
    demo.open()
    demo.position.fill("20")
    demo.events.press("Home")
    demo.event(6).hover()
    assert page.evaluate(MARKED) == "this before it is finished"
    demo.step.hover()
    assert page.evaluate(MARKED) == ""
    for _ in range(3):
        demo.events.press("ArrowDown")
    assert page.evaluate(MARKED) == "Hello! You are reading"
    # The word that stands at the beginning of the text.
    page.locator(".block-body").hover(position={"x": 12, "y": 12})
    expect(demo.event(4)).to_have_class(re.compile("is-marked"))
    demo.step.hover()
    expect(demo.event(4)).not_to_have_class(re.compile("is-marked"))


def test_a_step_announces_its_event_and_nothing_is_announced_before_it(page: Page) -> None:
    page.add_init_script(HEARD)
    demo = DemoPage(page)
    demo.open("?scenario=hello&event=3")
    assert page.evaluate("heard") == []
    demo.step.click()
    demo.step.click()
    expect(page.locator("[data-part=announcer]")).to_have_text("Event 5, content_block_delta")
    assert "Event 4, content_block_delta" in page.evaluate("heard")


def test_sliders_are_named_without_their_values(page: Page) -> None:
    demo = DemoPage(page)
    demo.open()
    expect(demo.speed).to_have_accessible_name("Speed")
    expect(demo.speed).to_have_attribute("aria-valuetext", "30 ms: real time")
    expect(demo.position).to_have_accessible_name("Position")
    expect(demo.events).to_have_accessible_name("Events")
