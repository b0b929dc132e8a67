"""The page that compares models, in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import Complaints
from tests.e2e.test_every_page import SHIFTS, violations


def row(page: Page, title: str) -> Locator:
    """The row of a model."""
    return page.get_by_role("row", name=re.compile(rf"^{re.escape(title)} "))


def titles(page: Page) -> list[str]:
    found: list[str] = page.locator("tbody th").evaluate_all(
        "all => all.map((one) => one.firstChild.textContent.trim())"
    )
    return found


def test_the_table_and_the_address_follow_each_change(page: Page) -> None:
    page.goto("/models")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$540.00")
    page.get_by_label("Input tokens").fill("10,000")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$1,500.00")
    page.get_by_label("Of these, cached").fill("8000")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$588.00")
    page.get_by_label("Sent").select_option("In batches")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$294.00")
    page.get_by_label("Thinking").select_option("On by default")
    expect(row(page, "Claude Opus 5.5")).to_have_count(0)
    expect(page).to_have_url("/models?input=10000&cached=8000&batch=1&thinking=on")
    expect(page.get_by_role("status")).to_have_text(
        re.compile(r"^4 of \d+ models\. Lowest: Claude Haiku 5\.5, \$7\.95 per month\.$")
    )
    page.reload()
    expect(page.get_by_label("Of these, cached")).to_have_value("8000")
    expect(page.get_by_label("Sent")).to_have_value("1")
    assert titles(page)[0] == "Claude Haiku 5.5"


def test_headings_sort_by_the_keyboard_and_keep_the_focus(page: Page) -> None:
    page.goto("/models?status=current")
    output = page.get_by_role("columnheader", name="Output per million")
    output.get_by_role("link").press("Enter")
    expect(output).to_have_attribute("aria-sort", "ascending")
    expect(output.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(output).to_have_attribute("aria-sort", "descending")
    assert titles(page) == [
        "Claude Fable 5.2",
        "Claude Opus 5.5",
        "Claude Sonnet 5.5",
        "Claude Haiku 5.5",
    ]
    expect(page).to_have_url("/models?status=current&sort=output_price&reverse=1")
    # The form has the order too, so that the next change keeps it.
    page.get_by_label("Input tokens").focus()
    for key in ("ControlOrMeta+a", "5", "Tab", "Tab", "Tab", "Tab", "ArrowDown"):
        page.keyboard.press(key)
    expect(page).to_have_url("/models?input=5&batch=1&status=current&sort=output_price&reverse=1")
    expect(page.get_by_label("Sent")).to_be_focused()


def test_what_is_wrong_is_said_at_its_field_and_goes_when_it_is_right(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("status of 400",)
    page.goto("/models")
    field = page.get_by_label("Of these, cached")
    field.fill("3000")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("The cached part is at most the input, 2,000.")
    expect(field).to_be_focused()
    expect(page.get_by_role("status")).to_have_text("No dollars until the marked number is right.")
    page.get_by_label("Input tokens").fill("4000")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("")
    # 1,000 × 4 + 3,000 × 0.20 + 500 × 20 = 14,600 millionths.
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$438.00")


def test_a_table_that_cannot_be_fetched_is_told_and_the_next_change_tries_again(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("status of 500",)
    page.goto("/models")
    page.route("**/models?*", lambda route: route.fulfill(status=500))
    page.get_by_label("Sent").select_option("In batches")
    expect(page.get_by_role("status")).to_contain_text("The site answered 500. Change something")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$540.00")
    page.unroute("**/models?*")
    page.get_by_label("Status").select_option("Current")
    expect(page.get_by_role("status")).to_contain_text("4 of ")
    expect(row(page, "Claude Opus 5.5")).to_contain_text("$270.00")


def test_without_javascript_the_form_and_the_headings_work(browser: Browser, base_url: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=base_url) as context:
        page = context.new_page()
        page.goto("/models")
        page.get_by_label("Requests a day").fill("10")
        page.get_by_label("Forced tools").select_option("Taken")
        page.get_by_role("button", name="Compare").click()
        expect(
            row(
                page,
                "Claude Opus 5",
            )
        ).to_contain_text("$6.75")
        expect(row(page, "Claude Opus 5.5")).to_have_count(0)
        page.get_by_role("link", name="Context").click()
        expect(page.get_by_role("columnheader", name="Context")).to_have_attribute(
            "aria-sort", "descending"
        )
        expect(page.get_by_label("Requests a day")).to_have_value("10")


def test_on_a_phone_the_outcome_of_a_change_is_in_the_window(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/models")
    page.get_by_label("Requests a day").fill("2000")
    status = page.get_by_role("status")
    expect(status).to_contain_text("Claude Haiku 5.5, $27.00 per month.")
    expect(status).to_be_in_viewport(ratio=1)
    page.get_by_label("Sort by").select_option("Release, newest first")
    expect(page.locator("tbody th").first).to_contain_text("Claude Fable 5.2")


# Of the field that has the focus: where it ends, and where the summary begins.
EDGES = """
() => {
  const field = document.activeElement;
  if (!field.matches(".picker :is(input, select)")) return null;
  const summary = document.querySelector(".summary");
  return [field.getBoundingClientRect().bottom, summary.getBoundingClientRect().top];
}
"""


def test_on_a_phone_the_summary_covers_no_field_that_has_the_focus(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/models")
    reached = 0
    for _ in range(28):
        page.keyboard.press("Tab")
        if edges := page.evaluate(EDGES):
            reached += 1
            assert edges[0] <= edges[1]
    assert reached > 10


CACHED = "?input=10000&cached=8000&batch=1&sort=released"


@pytest.mark.parametrize(
    ("query", "width", "theme"),
    [
        (CACHED, 360, "light"),
        ("?input=x&a=b", 768, "dark"),
        ("?budget=1", 1440, "light"),
        ("", 1280, "light"),
        (CACHED, 1440, "dark"),
    ],
)
def test_it_is_accessible_fits_its_window_and_stands_still(
    page: Page, complaints: Complaints, query: str, width: int, theme: Any
) -> None:
    complaints.expected = ("status of 400",)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    page.goto(f"/models{query}")
    assert violations(page, theme) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("shifts") == []
