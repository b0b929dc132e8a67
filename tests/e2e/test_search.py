"""The search of the header."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Complaints
from tests.e2e.test_every_page import violations


def test_a_section_is_found_and_opened_with_the_keyboard(page: Page) -> None:
    page.goto("/demo")
    page.keyboard.press("/")
    page.keyboard.type("signature_delta")
    box = page.get_by_role("combobox", name="Search the guide")
    expect(box).to_be_focused()
    first = page.get_by_role("option").first
    expect(first).to_have_attribute("aria-selected", "true")
    expect(first).to_contain_text("signature_delta")
    page.keyboard.press("Enter")
    page.wait_for_url("**/guide/events#delta-signature_delta")
    expect(page.locator("#delta-signature_delta")).to_be_in_viewport()


def test_the_arrow_keys_move_through_the_results_and_escape_closes(page: Page) -> None:
    page.goto("/guide/events")
    box = page.get_by_role("combobox", name="Search the guide")
    box.fill("delta")
    options = page.get_by_role("option")
    expect(options).not_to_have_count(0)
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", "search-result-1")
    box.press("ArrowUp")
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("Escape")
    expect(options.first).to_be_hidden()
    expect(box).to_have_value("")


def test_a_click_on_a_result_goes_there_and_closes_the_list(page: Page) -> None:
    page.goto("/guide/events")
    page.get_by_role("combobox", name="Search the guide").fill("stop_sequence")
    page.get_by_role("option").filter(has_text="stop_sequence").first.click()
    page.wait_for_url("**#stop-stop_sequence")
    expect(page.get_by_role("option").first).to_be_hidden()


def test_words_that_are_nowhere_are_said_to_be(page: Page) -> None:
    page.goto("/guide")
    page.get_by_role("combobox", name="Search the guide").fill("zebra")
    expect(page.get_by_text('Nothing found for "zebra".')).to_be_visible()
    expect(page.get_by_role("option")).to_contain_text(["All symptoms"])


def test_an_index_that_cannot_be_loaded_is_said_and_tried_again(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("503", "The site answered 503")
    page.route("**/guide/search.json", lambda route: route.fulfill(status=503))
    page.goto("/guide")
    box = page.get_by_role("combobox", name="Search the guide")
    box.fill("ping")
    expect(page.get_by_text("The search index could not be loaded.")).to_be_visible()
    page.unroute("**/guide/search.json")
    box.fill("ping e")
    expect(page.get_by_role("option").first).to_be_visible()


def test_where_nothing_has_all_of_the_words_the_closest_are_offered(page: Page) -> None:
    page.goto("/guide")
    page.get_by_role("combobox", name="Search the guide").fill("zebra timeout")
    expect(page.get_by_text("Nothing has all of these words. The closest:")).to_be_visible()
    options = page.get_by_role("option")
    expect(options).to_have_count(4)
    options.filter(has_text="All symptoms").click()
    page.wait_for_url("**/guide/errors#seen")


def test_a_tool_a_fault_and_a_pasted_error_are_found(page: Page) -> None:
    page.goto("/guide")
    box = page.get_by_role("combobox", name="Search the guide")
    first = page.get_by_role("option").first
    box.fill("peer closed connection without sending complete message body")
    expect(first).to_contain_text("The answer breaks off with a network error")
    box.fill("drip")
    expect(first).to_contain_text("A few bytes at a time")
    box.fill("generator")
    expect(first).to_contain_text("Code generator")
    box.press("Enter")
    page.wait_for_url("**/generator")


def test_on_a_wide_screen_the_key_is_shown_until_the_field_is_used(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto("/guide")
    key = page.locator(".search-key")
    expect(key).to_be_visible()
    page.keyboard.press("/")
    expect(key).to_be_hidden()
    page.set_viewport_size({"width": 900, "height": 720})
    page.get_by_role("combobox", name="Search the guide").blur()
    expect(key).to_be_hidden()


@pytest.mark.parametrize("width", [320, 360, 480, 600, 768, 1440])
def test_an_open_list_is_in_the_window_and_its_field_has_room(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    page.goto("/guide/errors")
    box = page.get_by_role("combobox", name="Search the guide")
    box.click()
    box.press_sequentially("timeout")
    first = page.get_by_role("option").first
    expect(first).to_be_visible()
    panel = page.locator("[data-part=search-panel]").bounding_box()
    field = box.bounding_box()
    assert panel and field
    assert panel["x"] >= 0
    assert panel["x"] + panel["width"] <= width
    assert panel["y"] >= field["y"] + field["height"]
    assert field["width"] >= 240
    # Title, page and snippet stand below each other where there is no room beside.
    title, below = (first.locator("span").nth(n).bounding_box() for n in (0, 1))
    assert title and below
    assert (below["y"] >= title["y"] + title["height"]) == (width < 960)
    if width in (360, 1440):
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
