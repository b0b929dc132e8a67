"""What just happened is in the window: the stage of demo, simulator and live, at four sizes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Complaints
from tests.e2e.demo_page import DemoPage
from tests.e2e.live_page import LivePage
from tests.e2e.simulator_page import SimulatorPage
from tools.server import running

ENOUGH = 170
PHONE = 360
each_size = pytest.mark.parametrize(
    ("width", "height"), [(1440, 900), (1280, 720), (768, 1024), (PHONE, 740)]
)
# The pixels of an element that neither the window's edges nor what stays in place cut off.
VISIBLE = """
(node) => {
  const box = node.getBoundingClientRect();
  let [top, bottom] = [0, innerHeight];
  for (const other of document.querySelectorAll(".site-header, .transport")) {
    const { position } = getComputedStyle(other);
    if (other.contains(node) || !["fixed", "sticky"].includes(position)) continue;
    const edge = other.getBoundingClientRect();
    if (edge.top <= 0) top = Math.max(top, edge.bottom);
    else bottom = Math.min(bottom, edge.top);
  }
  return Math.max(0, Math.min(box.bottom, bottom) - Math.max(box.top, top));
}
"""


def visible(part: Locator) -> float:
    """How many pixels of its height are in the window."""
    found: float = part.evaluate(VISIBLE)
    return found


@pytest.fixture
def sized(page: Page, width: int, height: int) -> Page:
    page.set_viewport_size({"width": width, "height": height})
    return page


def assert_in_view(page: Page, width: int) -> None:
    """Text, strip, and where there is room the events are in the window; the transport is at hand."""
    strip = page.locator("[data-part=strip]")
    box = strip.bounding_box()
    assert box is not None and visible(strip) >= box["height"] - 1
    assert visible(page.locator("[data-part=answer]")) >= ENOUGH
    if width > PHONE:
        assert visible(page.locator("[data-part=events]")) >= ENOUGH
    else:
        bottom = "node => node.getBoundingClientRect().bottom === innerHeight"
        assert page.locator(".transport").evaluate(bottom)


def assert_explained(page: Page, width: int) -> None:
    """An event is explained where it was opened; arrows move on, and closing gives the focus back."""
    events = page.get_by_role("listbox", name="Events")
    detail = page.get_by_role("region", name="The chosen event")
    title = detail.get_by_role("heading", level=2)
    expect(detail).to_have_count(0)
    events.press("Home")
    page.locator("#event-2").click()
    expect(title).to_contain_text("Event 2:")
    assert visible(detail) >= 200
    expect(detail if width == PHONE else events).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(title).to_contain_text("Event 3:")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(title).to_contain_text("Event 1:")
    detail.get_by_role("button", name="Next event").click()
    expect(title).to_contain_text("Event 2:")
    expect(page.locator("#event-2")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)
    expect(events).to_be_focused()
    page.keyboard.press("Enter")
    expect(title).to_contain_text("Event 2:")
    detail.get_by_role("button", name="Close the explanation").click()
    expect(detail).to_have_count(0)
    expect(events).to_be_focused()


@each_size
def test_a_scenario_plays_and_is_explained_in_the_window(sized: Page, width: int) -> None:
    demo = DemoPage(sized)
    demo.open("?fault=drop")
    expect(demo.detail).to_have_count(0)
    demo.start.click()
    demo.run(1_500)
    assert_in_view(sized, width)
    demo.pause.click()
    assert_explained(sized, width)


@each_size
def test_a_run_and_its_explanation_are_in_the_window_below_a_fault_s_parameters(
    sized: Page, width: int, complaints: Complaints
) -> None:
    complaints.expected = ("ERR_INCOMPLETE_CHUNKED_ENCODING",)
    simulator = SimulatorPage(sized)
    simulator.open("pace;seconds=0.5+drop;at=9")
    simulator.run_to_end()
    assert_in_view(sized, width)
    assert_explained(sized, width)


@pytest.fixture(scope="module")
def live_site(site: str) -> Iterator[str]:
    address = f"{site}/simulator/auto/slow;factor=0.1"
    with running({"ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": address}) as server:
        yield server.url


@each_size
def test_an_answer_and_its_explanation_are_in_the_window(
    sized: Page, width: int, live_site: str, complaints: Complaints
) -> None:
    complaints.host = urlsplit(live_site).netloc
    live = LivePage(sized, live_site)
    live.open()
    live.ask_to_end("simulate: hello")
    assert_in_view(sized, width)
    assert_explained(sized, width)


@each_size
def test_an_address_that_names_an_event_shows_its_explanation(sized: Page, width: int) -> None:
    demo = DemoPage(sized)
    demo.open("?scenario=overloaded&event=17")
    expect(demo.detail.get_by_role("heading", level=2)).to_contain_text("Event 17:")
    assert visible(demo.detail) >= 200
    expect(demo.detail if width == PHONE else demo.events).to_be_focused()
    if width > PHONE:
        expect(demo.event(17)).to_be_in_viewport()


def test_on_a_phone_no_button_under_the_explanation_takes_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": PHONE, "height": 740})
    demo = DemoPage(page)
    demo.open("?scenario=overloaded&event=17")
    expect(demo.detail).to_be_visible()
    expect(demo.reset).to_be_hidden()
    page.keyboard.press("Escape")
    expect(demo.reset).to_be_visible()


def test_the_page_is_not_scrolled_after_the_visitor_has_scrolled(page: Page) -> None:
    page.set_viewport_size({"width": PHONE, "height": 740})
    demo = DemoPage(page)
    demo.open()
    demo.start.click()
    demo.run(500)
    page.evaluate("scrollTo(0, 0)")
    demo.run_to_end()
    assert page.evaluate("scrollY") == 0


def test_keys_play_step_and_reset_in_the_stage_but_not_in_a_field(page: Page) -> None:
    demo = DemoPage(page)
    demo.open()
    expect(demo.start).to_have_attribute("title", "Play or pause (Space)")
    keyboard = page.keyboard
    page.get_by_role("region", name="Text", exact=True).focus()
    keyboard.press("Space")
    demo.run(1_000)
    expect(demo.status).to_have_text("Streaming")
    keyboard.press("Space")
    expect(demo.status).to_have_text("Paused")
    keyboard.press("Home")
    expect(demo.status).to_have_text("Ready")
    keyboard.press(".")
    keyboard.press(".")
    expect(demo.events.get_by_role("option")).to_have_count(2)
    demo.scenario.focus()
    keyboard.press("Home")
    keyboard.press(".")
    expect(demo.events.get_by_role("option")).to_have_count(2)


def test_an_empty_stage_says_what_will_appear(page: Page) -> None:
    demo = DemoPage(page)
    demo.open()
    said = "node => getComputedStyle(node, '::before').content"
    text = page.get_by_role("region", name="Text", exact=True)
    assert text.evaluate(said) == '"Press Start: the text appears here."'
    space = demo.events.locator("> *")
    assert "Each event appears here" in space.evaluate(said)
    demo.step.click()
    assert space.evaluate(said) == "none"


def test_a_stage_that_stayed_empty_says_that_nothing_came(page: Page) -> None:
    demo = DemoPage(page)
    demo.open("?fault=empty-body")
    demo.start.click()
    demo.run_to_end()
    said = "node => getComputedStyle(node, '::before').content"
    text = page.get_by_role("region", name="Text", exact=True)
    for pane in (text, demo.events.locator("> *")):
        assert pane.evaluate(said) == '"Nothing came."'
    assert page.locator("[data-part=strip]").evaluate(said) == "none"


# Where the last line of the text ends below the pane, in pixels.
BELOW = """
(pane) => {
  const range = document.createRange();
  range.selectNodeContents(pane);
  return range.getBoundingClientRect().bottom - pane.getBoundingClientRect().bottom;
}
"""


def test_the_end_of_the_text_stays_in_view_when_advice_takes_its_room(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    demo = DemoPage(page)
    demo.open("?scenario=overloaded")
    demo.start.click()
    demo.run_to_end()
    expect(demo.advice).to_be_visible()
    text = page.get_by_role("region", name="Text", exact=True)
    assert text.evaluate("(pane) => pane.scrollTop") > 0
    # Frames are painted while the clock runs.
    page.clock.resume()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert text.evaluate(BELOW) <= 0


def test_in_a_window_enlarged_four_times_nothing_lies_on_the_stage(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 180})
    demo = DemoPage(page)
    demo.open()
    demo.start.click()
    demo.run_to_end()
    assert visible(page.get_by_role("region", name="Text", exact=True)) >= 60
    demo.events.press("Home")
    demo.events.press("Enter")
    expect(demo.detail.get_by_role("heading", level=2)).to_be_in_viewport(ratio=1)
    expect(demo.detail.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(demo.events).to_be_focused()
