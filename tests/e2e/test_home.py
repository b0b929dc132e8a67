"""The home page."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.script import script
from tests.e2e.demo_page import HEARD, DemoPage
from tests.e2e.test_demo import text_of


def test_a_stream_runs_by_itself_in_real_time_and_says_nothing_unasked(page: Page) -> None:
    page.add_init_script(HEARD)
    scenario = load_content().scenarios["hello"]
    seconds = f"{script(make_answer(scenario))[-1].at / 1000:.1f} s"
    demo = DemoPage(page)
    demo.open(path="/")
    demo.run_to_end()
    assert demo.status_text() == "Complete: end_turn"
    assert demo.text() == text_of(scenario)
    assert demo.readout("Elapsed") == seconds
    assert demo.readout("Tokens, estimated") == "≈ 115"
    assert demo.readout("Tokens, from usage") == "127"
    assert page.evaluate("heard") == []
    expect(demo.again).to_be_enabled()
    following = page.get_by_role("link", name="Next: Thinking, then text")
    expect(following).to_have_attribute("href", "/demo?scenario=thinking")
    page.get_by_role("radio", name="Typewriter").check()
    demo.again.click()
    demo.run_to_end()
    shown = demo.readout("Elapsed")
    assert shown.startswith(f"{seconds} on the wire, 1") and shown.endswith(" s shown")


def test_its_first_word_comes_within_a_second_of_playing(page: Page) -> None:
    demo = DemoPage(page)
    demo.open(path="/")
    demo.run(1_000)
    assert demo.text() != ""


def test_an_event_is_explained_here_too(page: Page) -> None:
    demo = DemoPage(page)
    demo.open(path="/")
    demo.run(600)
    demo.event(1).click()
    expect(demo.detail.get_by_role("heading", level=2)).to_contain_text("Event 1: message_start")


def test_the_copy_button_is_named_after_its_heading(page: Page) -> None:
    page.goto("/")
    name = "Copy: Point your own program here"
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_without_javascript_home_shows_text_and_events(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_text("You are reading this before it is finished")).to_be_visible()
    expect(page.get_by_text("event: message_start")).to_be_visible()
    expect(page.get_by_role("button", name="Start")).to_be_hidden()
    expect(page.get_by_role("region", name="The chosen event")).to_have_count(0)
    page.get_by_role("link", name="Look up an event").click()
    expect(page.get_by_role("heading", name="Event reference", level=1)).to_be_visible()
    context.close()


def test_without_javascript_the_demo_says_what_it_needs(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/demo")
    expect(
        page.get_by_text("The demo plays streams with JavaScript, which is off.")
    ).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    context.close()


def test_the_theme_can_be_switched_and_is_remembered(page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch to the dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto("/guide/events")
    expect(page.get_by_role("button", name="Switch to the light theme")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == background
    assert page.evaluate("({ ...localStorage })") == {"theme": "dark"}
