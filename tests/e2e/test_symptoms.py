"""The table of symptoms on the guide's page about errors, and its filter."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Complaints

PATH = "/guide/errors#seen"
PASTED = (
    "File a.py, line 3: httpx2.RemoteProtocolError: peer closed connection without sending "
    "complete message body (incomplete chunked read)"
)


def test_a_pasted_error_leaves_the_rows_that_fit_the_best_on_top(page: Page) -> None:
    page.goto(PATH)
    rows = page.locator("table").first.get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows).not_to_have_count(0)
    count = rows.count()
    first = rows.first.inner_text()
    box = page.get_by_role("searchbox", name="Paste your error, or say what you saw")

    box.fill(PASTED)
    expect(page.get_by_text(f"of {count}.")).to_be_visible()
    expect(rows.first).to_contain_text("The answer breaks off with a network error")
    assert rows.count() < count / 2

    box.fill("zebra")
    expect(page.get_by_text("No row fits. Here are all of them.")).to_be_visible()
    expect(rows).to_have_count(count)

    box.fill("")
    expect(page.get_by_text("No row fits.")).to_be_hidden()
    assert rows.first.inner_text() == first


def test_an_address_leads_to_a_row_and_marks_it(page: Page) -> None:
    page.goto("/guide/errors#seen-silence")
    row = page.get_by_role("row").filter(has_text="Text comes, then nothing more")
    expect(row).to_be_in_viewport()
    other = page.get_by_role("row").filter(has_text="Text appears twice")
    colour = "node => getComputedStyle(node).backgroundColor"
    assert row.evaluate(colour) != other.evaluate(colour)
    row.get_by_role("link", name="Silence in the middle").click()
    page.wait_for_url("**/simulator?scenario=hello&fault=stall")


def test_an_index_that_cannot_be_loaded_is_said(page: Page, complaints: Complaints) -> None:
    complaints.expected = ("503",)
    page.route("**/guide/search.json", lambda route: route.fulfill(status=503))
    page.goto(PATH)
    page.get_by_role("searchbox", name="Paste your error").fill("529")
    expect(page.get_by_text("The search index could not be loaded.")).to_be_visible()


def test_without_script_the_table_is_there_and_the_filter_is_not(
    browser: Browser, base_url: str
) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(PATH)
    expect(page.get_by_role("cell", name="A 529: overloaded")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_have_count(0)
    context.close()


def test_home_leads_those_whose_stream_broke_to_the_table(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Your stream broke?").click()
    page.wait_for_url("**/guide/errors#seen")
    expect(page.get_by_role("heading", name="What did you see?")).to_be_in_viewport()
