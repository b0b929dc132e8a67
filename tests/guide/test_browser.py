"""The event reference in a browser: copying, following the scroll, small screens, no script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

PATH = "/guide/events"
CURRENT = ".guide-contents [aria-current]"


def test_a_copied_sample_is_its_text_and_the_button_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(PATH)
    sample = page.locator("#event-ping ~ .wire").first

    sample.get_by_role("button", name="Copy").click()

    expect(sample.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == 'event: ping\ndata: {"type": "ping"}'


def test_the_contents_follow_the_scroll_in_both_directions(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{PATH}#stop-refusal")
    expect(page.locator(CURRENT)).to_have_text("refusal")
    expect(page.locator(CURRENT)).to_be_in_viewport()

    page.evaluate("scrollBy(0, -300)")

    expect(page.locator(CURRENT)).to_have_text("model_context_window_exceeded")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_page_is_never_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PATH)

    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_only_what_can_be_scrolled_stops_the_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(PATH)

    frames = page.locator("[role=group][tabindex]")
    expect(frames).to_have_count(1)
    expect(frames).to_have_attribute("aria-label", "Table in Errors")


def test_without_script_the_contents_are_above_the_text_on_a_small_screen(
    browser: Browser, base_url: str
) -> None:
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    page.goto(PATH)

    page.locator("summary", has_text="Contents").click()
    page.locator(".guide-contents-small").get_by_role("link", name="ping").click()

    expect(page.locator("#event-ping")).to_be_in_viewport()
    context.close()
