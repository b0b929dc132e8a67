"""The generator's page: the program follows the form, with a script and without."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from streamguide.content import load_content
from streamguide.generator.options import read
from streamguide.generator.render import Program, render
from tests.e2e.conftest import Complaints
from tests.e2e.test_every_page import SHIFTS, violations

LIBRARY = load_content()


def made(**query: str) -> Program:
    options = read({name: [value] for name, value in query.items()}, LIBRARY.models)
    return render(options, LIBRARY.models, LIBRARY.table)


def program(**query: str) -> str:
    return made(**query).text


def shows(page: Page, **query: str) -> None:
    """Wait until the page shows the program of these choices, which it then does exactly."""
    wanted = made(**query)
    code = page.locator("[data-part=code] pre code")
    expect(code).to_have_text([part.code for part in wanted.parts])
    assert "".join(code.evaluate_all("all => all.map((one) => one.textContent)")) == wanted.text


def test_the_program_follows_each_change_at_once(page: Page) -> None:
    page.goto("/generator")
    shows(page)
    page.get_by_label("When a request or a stream fails").select_option(
        "Retry before the first word"
    )
    shows(page, recovery="retry")
    page.get_by_label("Usage and cost").check()
    shows(page, recovery="retry", usage="1")
    page.get_by_label("Prompt", exact=True).fill('Say "hello"\n</script>')
    shows(page, recovery="retry", usage="1", prompt='Say "hello"\n</script>')
    page.get_by_label("Stream", exact=True).uncheck()
    shows(page, recovery="retry", usage="1", prompt='Say "hello"\n</script>', stream="0")


def test_the_address_carries_every_choice(page: Page) -> None:
    page.goto("/generator")
    page.get_by_label("Language").select_option("Python, asyncio")
    page.get_by_label("A tool, with its loop").check()
    page.get_by_label("Prompt", exact=True).fill("Größe 🙂")
    shows(page, language="python-async", tool="1", prompt="Größe 🙂")
    page.reload()
    shows(page, language="python-async", tool="1", prompt="Größe 🙂")
    expect(page.get_by_label("A tool, with its loop")).to_be_checked()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("Größe 🙂")


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("status of 400",)
    page.goto("/generator?usage=1")
    field = page.get_by_label("max_tokens")
    field.fill("many")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        "The most that an answer may have, thinking included. "
        "It takes a whole number from 1 to 128000."
    )
    expect(page.get_by_text("No program yet")).to_be_visible()
    expect(field).to_have_value("many")
    expect(field).to_be_focused()
    field.fill("2000")
    shows(page, usage="1", max_tokens="2000")
    expect(field).not_to_have_attribute("aria-invalid", "true")


def test_what_a_language_cannot_have_is_not_offered(page: Page) -> None:
    page.goto("/generator?tool=1")
    tool = page.get_by_label("A tool, with its loop")
    expect(tool).to_be_visible()
    page.get_by_label("Language").select_option("curl and jq (bash)")
    expect(tool).to_be_hidden()
    page.get_by_label("Language").select_option("Python")
    expect(tool).to_be_checked()
    shows(page, tool="1")


def test_a_text_too_long_for_an_address_makes_a_program_all_the_same(page: Page) -> None:
    page.goto("/generator?usage=1")
    long = "A sentence of some words. " * 200
    page.get_by_label("Prompt", exact=True).fill(long)
    shows(page, usage="1", prompt=long)
    expect(page.get_by_text("cannot be shared by a link")).to_be_visible()
    assert page.url.endswith("/generator?usage=1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert download.value.path().read_text(encoding="utf-8") == program(usage="1", prompt=long)


def test_the_program_is_copied_and_downloaded_whole(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/generator?recovery=resume&tool=1")
    wanted = program(recovery="resume", tool="1")
    page.get_by_role("button", name="Copy", exact=True).first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == wanted
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "stream.py"
    assert download.value.path().read_text(encoding="utf-8") == wanted


def test_notes_come_on_demand_and_stay_when_the_program_changes(page: Page) -> None:
    page.goto("/generator")
    note = page.get_by_text("The exit status tells a script")
    expect(note).to_be_hidden()
    page.get_by_text("What it does", exact=True).click()
    expect(note).to_be_visible()
    notes = page.get_by_role("button", name="Notes")
    notes.click()
    expect(notes).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Request id").check()
    shows(page, request_id="1")
    expect(note).to_be_visible()
    expect(notes).to_have_attribute("aria-pressed", "true")
    notes.click()
    expect(note).to_be_hidden()


def test_a_program_that_cannot_be_fetched_is_said(page: Page, complaints: Complaints) -> None:
    complaints.expected = ("ERR_FAILED",)
    page.goto("/generator")
    page.route("**/generator?*", lambda route: route.abort())
    page.get_by_label("Usage and cost").check()
    expect(page.get_by_text("could not be fetched").first).to_be_visible()
    shows(page)
    page.unroute("**/generator?*")
    page.get_by_label("Request id").check()
    shows(page, usage="1", request_id="1")
    expect(page.get_by_text("could not be fetched")).to_have_count(0)


def test_the_form_is_worked_by_the_keyboard_alone(page: Page) -> None:
    page.goto("/generator")
    page.get_by_label("Language").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Model", exact=True)).to_be_focused()
    page.get_by_label("Usage and cost").focus()
    page.keyboard.press("Space")
    shows(page, usage="1")
    expect(page.get_by_label("Usage and cost")).to_be_focused()


def test_without_javascript_the_form_works(browser: Browser, base_url: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=base_url) as context:
        page = context.new_page()
        page.goto("/generator")
        page.get_by_label("When a request or a stream fails").select_option(
            "Retry before the first word"
        )
        page.get_by_label("Stream", exact=True).uncheck()
        page.get_by_role("button", name="Show the program").click()
        code = page.get_by_role("group", name="stream.py")
        expect(code).to_contain_text("def ask_again")
        expect(code).to_contain_text("client.messages.create(")
        expect(page.get_by_role("button", name="Notes")).to_be_hidden()
        page.get_by_label("Prompt", exact=True).fill("Long. " * 1000)
        page.get_by_role("button", name="Show it, with long texts").click()
        expect(page.get_by_text("cannot be shared by a link")).to_be_visible()


STATES = (
    "",
    "?recovery=resume&tool=1&breaker=1&usage=1&save=1&events=all",
    "?language=fastapi&breaker=1",
    "?max_tokens=x&a=b",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", STATES)
def test_axe_finds_nothing(page: Page, complaints: Complaints, query: str, theme: Any) -> None:
    complaints.expected = ("status of 400",)
    page.emulate_media(color_scheme=theme)
    page.goto(f"/generator{query}")
    assert violations(page, theme) == []


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("query", STATES)
def test_it_fits_its_window_and_nothing_jumps_while_it_loads(
    page: Page, complaints: Complaints, query: str, width: int
) -> None:
    complaints.expected = ("status of 400",)
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    page.goto(f"/generator{query}")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("shifts") == []
