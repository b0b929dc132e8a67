"""The guide in a browser: copying, tabs, tables, following the scroll, small screens, no script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

PATH = "/guide/events"
CURRENT = ".guide-contents [aria-current]"
# The first lines of code that a copy button overlaps, while nothing is scrolled.
COVERED = """
[...document.querySelectorAll(".highlight")].flatMap((block) => {
  const copy = block.querySelector(".copy").getBoundingClientRect();
  const range = document.createRange();
  range.selectNodeContents(block.querySelector("code"));
  const frame = block.querySelector("pre").getBoundingClientRect();
  return [...range.getClientRects()]
    .filter(({ top, bottom }) => top < copy.bottom && bottom > copy.top)
    .filter(({ left, right }) => Math.min(right, frame.right) > copy.left && left < copy.right)
    .map(() => block.textContent.slice(0, 60));
})
"""


PHONE: ViewportSize = {"width": 360, "height": 740}
LAPTOP: ViewportSize = {"width": 1280, "height": 720}


@pytest.fixture
def unscripted(browser: Browser, base_url: str) -> Iterator[Callable[[str], Page]]:
    """Opens a page on a phone without JavaScript."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False, viewport=PHONE)

    def opened(path: str) -> Page:
        page = context.new_page()
        page.goto(path)
        return page

    yield opened
    context.close()


def test_a_copied_sample_is_its_text_and_the_button_says_so(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(PATH)
    sample = page.locator("#event-ping ~ .wire").first

    sample.get_by_role("button", name="Copy").click()

    expect(sample.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == 'event: ping\ndata: {"type": "ping"}'


def test_each_copy_button_is_named_after_its_heading(page: Page) -> None:
    page.goto("/guide/errors")
    buttons = page.locator(".copy")
    names = buttons.evaluate_all("all => all.map((one) => one.ariaLabel)")
    assert {"Copy: Keep what arrived", "Copy: Keep what arrived, 2"} <= set(names)
    assert len(set(names)) == len(names)


def test_the_contents_follow_the_scroll_in_both_directions(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{PATH}#stop-refusal")
    expect(page.locator(CURRENT)).to_have_text("refusal")
    expect(page.locator(CURRENT)).to_be_in_viewport()

    page.evaluate("scrollBy(0, -300)")

    expect(page.locator(CURRENT)).to_have_text("model_context_window_exceeded")


@pytest.mark.parametrize("path", ["/guide/python", "/guide/testing", "/guide/corpus"])
def test_the_list_of_pages_opens_where_this_one_stands(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(path)
    pages = page.get_by_role("navigation", name="Guide", exact=True)
    expect(pages.locator("[aria-current=page]")).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_the_page_is_never_wider_than_the_screen(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(PATH)

    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(("slug", "labels"), [("faults", []), ("models", ["Table in Prices"])])
def test_only_what_can_be_scrolled_stops_the_keyboard(
    page: Page, slug: str, labels: list[str]
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"/guide/{slug}")

    frames = page.locator("[role=group][tabindex]")
    expect(frames).to_have_count(len(labels))
    assert [frame.get_attribute("aria-label") for frame in frames.all()] == labels


def test_without_script_the_contents_are_above_the_text_on_a_small_screen(
    unscripted: Callable[[str], Page],
) -> None:
    page = unscripted(PATH)
    contents = page.get_by_role("navigation", name="Contents")

    contents.get_by_text("Contents").click()
    contents.get_by_role("link", name="ping").click()

    expect(page.locator("#event-ping")).to_be_in_viewport()


def test_the_navigation_is_one_line_on_a_phone_and_groups_beside_the_text(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/guide/errors")
    navigation = page.get_by_role("navigation", name="Guide")
    expect(navigation.get_by_role("link")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    navigation.get_by_text("Guide: Errors").click()
    survive = navigation.get_by_role("list", name="Survive")
    expect(survive.get_by_role("link")).to_have_text(
        [
            "Errors",
            "Retry",
            "Resuming",
            "Logs and traces",
            "Checklist",
            "What changed",
            "Python SDK 2.0",
        ]
    )
    expect(survive.get_by_role("link", name="Errors")).to_have_attribute("aria-current", "page")

    page.set_viewport_size(LAPTOP)
    page.reload()
    expect(navigation.get_by_text("Guide: Errors")).to_be_hidden()
    navigation.get_by_role("link", name="What changed").click()
    expect(page.get_by_role("heading", name="What changed in October 2026")).to_be_visible()


def test_the_map_leads_to_every_group(page: Page) -> None:
    page.goto("/")
    page.get_by_role("navigation", name="Site").get_by_role("link", name="Guide").click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        ["Start", "Languages", "Build", "Survive", "Test", "Look up", "Run this site"]
    )
    page.get_by_role("region", name="Run this site").get_by_role("link", name="Live").click()
    expect(page.get_by_role("heading", name="Live mode", level=1)).to_be_visible()


@pytest.mark.parametrize(
    ("old", "new", "anchor"),
    [
        ("testing", "faults", "faults"),
        ("testing", "faults", "outcomes"),
        ("testing", "faults", "fault-drop"),
        ("corpus", "rules", "rule-comment"),
        ("changes", "upgrade", "python"),
    ],
)
def test_an_old_link_to_a_section_that_has_moved_leads_to_it(
    page: Page, old: str, new: str, anchor: str
) -> None:
    page.goto(f"/guide/{old}#{anchor}")
    page.wait_for_url(f"**/guide/{new}#{anchor}")
    expect(page.locator(f"#{anchor}")).to_be_in_viewport()


def test_on_a_phone_a_table_is_cards_with_every_column_in_the_window(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/guide/changes")
    what_to_do = page.locator("[data-label=Fix]").first
    label = "(cell) => getComputedStyle(cell, '::before').content"
    assert what_to_do.evaluate(label) == '"Fix: "'
    for cell in page.locator("td").all():
        box = cell.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
    page.set_viewport_size({"width": 768, "height": 1024})
    assert what_to_do.evaluate(label) == "none"


def test_the_matrix_shows_one_client_on_a_phone_and_all_elsewhere(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/guide/faults")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="end-early"))
    cells = row.get_by_role("cell")
    expect(cells).to_have_text(["✕ unnoticed"])
    page.get_by_role("combobox", name="Client").select_option("JavaScript stream()")
    expect(page.get_by_role("columnheader", name="JavaScript stream()")).to_be_visible()
    expect(cells).to_have_text(["▲ error"])

    page.set_viewport_size({"width": 768, "height": 1024})
    expect(page.get_by_role("combobox", name="Client")).to_be_hidden()
    unnoticed = "✕ unnoticed"
    expect(cells).to_have_text([unnoticed, unnoticed, "▲ error", unnoticed, unnoticed])


def test_the_matrix_of_clients_keeps_its_faults_in_view_while_it_scrolls(page: Page) -> None:
    page.set_viewport_size(LAPTOP)
    page.goto("/guide/clients")
    fault = page.get_by_role("rowheader", name="error-event")
    fault.scroll_into_view_if_needed()
    before = fault.bounding_box()
    last = page.get_by_role("columnheader", name="curl and jq")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    after = fault.bounding_box()
    assert before
    assert after
    assert after["x"] == before["x"]


def test_a_clients_section_fits_a_phone_and_its_results_are_cards(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/guide/clients")
    page.get_by_role("combobox", name="Client").select_option("Vercel AI SDK")
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="error-event"))
    expect(row.get_by_role("cell")).to_have_text(["✕ only onError"])
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    card = page.locator("#ai-sdk ~ .scroll tr").filter(has_text="error-event").first
    expect(card).to_contain_text("156 of 378")
    label = "(cell) => getComputedStyle(cell, '::before').content"
    assert card.locator("td").nth(3).evaluate(label) == '"Characters: "'


def test_without_script_the_matrix_shows_every_client_beside_its_fault(
    unscripted: Callable[[str], Page],
) -> None:
    page = unscripted("/guide/faults")
    expect(page.get_by_role("combobox", name="Client")).to_be_hidden()
    last = page.get_by_role("columnheader", name="curl and jq")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    fault = page.get_by_role("rowheader", name="no-response")
    box = fault.bounding_box()
    assert box
    assert 0 <= box["x"] <= 16


def test_the_longest_table_of_a_fault_fits_its_column(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/guide/faults#fault-status")
    frames = page.locator(".scroll")
    widths = frames.evaluate_all("(all) => all.map((one) => one.scrollWidth - one.clientWidth)")
    assert max(widths) == 0


def test_samples_in_two_languages_are_tabs_whose_choice_is_in_the_address(page: Page) -> None:
    page.goto("/guide/errors#partial-answers")
    python = page.get_by_role("tab", name="Python")
    javascript = page.get_by_role("tab", name="JavaScript")
    panel = page.get_by_role("tabpanel")
    expect(python).to_have_attribute("aria-selected", "true")
    expect(panel).to_have_count(1)
    expect(panel).to_contain_text("class Answer")

    python.press("ArrowRight")
    expect(javascript).to_be_focused()
    expect(javascript).to_have_attribute("aria-selected", "true")
    expect(panel).to_contain_text("finalMessage")
    expect(page).to_have_url(re.compile(r"\?lang=javascript#partial-answers$"))
    javascript.press("ArrowRight")
    expect(python).to_be_focused()
    python.press("End")
    page.reload()
    expect(javascript).to_have_attribute("aria-selected", "true")
    expect(panel).to_contain_text("finalMessage")

    page.emulate_media(media="print")
    heights = page.locator(".tab-panel").evaluate_all("(all) => all.map((one) => one.offsetHeight)")
    assert min(heights) > 200


def test_a_link_to_a_sample_that_is_hidden_opens_its_tab(page: Page) -> None:
    page.goto("/guide/consumers#javascript")
    expect(page.get_by_role("tab", name="JavaScript")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tab", name="JavaScript")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(".tee()").first).to_be_in_viewport()


def test_without_script_both_samples_are_there_with_their_names(
    unscripted: Callable[[str], Page],
) -> None:
    page = unscripted("/guide/consumers")
    for name, code in (("Python", "asyncio.TaskGroup"), ("JavaScript", ".tee()")):
        expect(page.get_by_role("article").get_by_text(name, exact=True)).to_be_visible()
        expect(page.locator("pre", has_text=code).first).to_be_visible()


def test_a_figure_stands_beside_its_text_where_there_is_room(page: Page) -> None:
    page.set_viewport_size(LAPTOP)
    page.goto("/guide/browser#proxy")
    figure, table = (page.locator(f"#proxy ~ {one}").first for one in (".figure", ".scroll"))
    boxes = [one.bounding_box() for one in (figure, table)]
    assert boxes[0]
    assert boxes[1]
    assert boxes[1]["x"] + boxes[1]["width"] <= boxes[0]["x"]
    assert abs(boxes[0]["y"] - boxes[1]["y"]) < 30
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_each_copy_button_says_what_it_copies(page: Page) -> None:
    page.goto("/guide/errors")
    expect(page.get_by_role("button", name="Copy: Timeouts")).to_be_visible()


def test_no_copy_button_lies_on_code(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/guide/testing")
    covered = page.evaluate(COVERED)
    assert covered == []
    page.set_viewport_size(PHONE)
    assert page.evaluate(COVERED) == []


def test_without_a_clipboard_code_is_copied_all_the_same(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/guide/curl")
    button = page.get_by_role("button", name="Copy: The shortest form")
    button.click()
    copied = page.get_by_role("button", name="Copied")
    expect(copied).to_be_focused()
    other = page.context.new_page()
    other.goto("/guide/curl")
    text = other.locator("code", has_text="curl -sSN").first.inner_text()
    assert other.evaluate("navigator.clipboard.readText()") == text
