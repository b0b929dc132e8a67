"""The generator's page: the program follows the form, with a script and without."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

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


SCHEMA = '{"type": "object", "properties": {"title": {"type": "string"}}}'


def test_a_schema_and_a_tool_of_ones_own_stand_in_the_program(page: Page) -> None:
    page.goto("/generator")
    page.get_by_text("More of the request").click()
    # Without a tool nothing asks for its name.
    expect(page.get_by_label("Name of the tool")).to_be_hidden()
    page.get_by_label("JSON Schema of the answer").fill(SCHEMA)
    shows(page, schema=SCHEMA)
    page.get_by_label("A tool, with its loop").check()
    page.get_by_label("Name of the tool").fill("send_mail")
    page.get_by_label("JSON Schema of the tool's input").fill(SCHEMA)
    shows(page, schema=SCHEMA, tool="1", tool_name="send_mail", tool_schema=SCHEMA)
    page.get_by_label("Language").select_option("Relay: Flask and a page")
    expect(page.get_by_label("Name of the tool")).to_be_hidden()
    page.get_by_label("A chat with its history").check()
    shows(page, schema=SCHEMA, language="flask", chat="1")


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
    expect(field).to_have_value("many")
    expect(field).to_be_focused()
    field.fill("2000")
    shows(page, usage="1", max_tokens="2000")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    page.goto("/generator?max_tokens=many")
    expect(page.get_by_text("No program yet: fix the marked choice.")).to_be_in_viewport(ratio=1)
    field.fill("2000")
    shows(page, max_tokens="2000")


SIZES = pytest.mark.parametrize(
    "size", [(360, 740), (768, 1024), (1280, 720), (1440, 900)], ids=lambda size: f"{size[0]}"
)


def resize(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})


def bar(page: Page) -> Locator:
    return page.get_by_role("group", name="The program in short")


def edges(locator: Locator) -> tuple[float, float]:
    """Where it begins and ends in the window, from the top."""
    box = locator.bounding_box()
    assert box
    return box["y"], box["y"] + box["height"]


@SIZES
def test_what_a_choice_does_is_in_the_window(page: Page, size: tuple[int, int]) -> None:
    resize(page, size)
    page.goto("/generator?recovery=resume")
    breaker = page.get_by_label("Circuit breaker with a fallback")
    breaker.check()
    reason = "One request alone has no use for a circuit breaker: it is left out."
    expect(breaker).to_have_accessible_description(re.compile(re.escape(reason)))
    note = page.locator("#breaker-note", has_text=reason)
    expect(note).to_be_in_viewport(ratio=1)
    expect(page.get_by_text(reason)).to_have_count(2)
    for place in (0, 0.1, 0.3, 0.6, 1):
        page.evaluate("(place) => scrollTo(0, place * document.body.scrollHeight)", place)
        expect(bar(page)).to_be_in_viewport(ratio=1)
        top, bottom = edges(bar(page))
        assert top >= edges(page.get_by_role("banner"))[1] - 1
        if size[0] < 768:
            assert (bottom, bottom - top) == (size[1], 56)
    name = r"\d+ of \d+ finish" if size[0] < 768 else r"\d+ finish"
    tally = page.get_by_role("link", name=re.compile(name))
    tally.click()
    heading = page.get_by_role("heading", name="What it survives")
    expect(heading).to_be_in_viewport(ratio=1)
    top, bottom = edges(bar(page))
    assert not top < edges(heading)[0] < bottom
    bar(page).get_by_role("link", name="stream.py").click()
    expect(page.get_by_role("group", name="stream.py")).to_be_in_viewport()


def test_what_matters_is_chosen_first_and_the_rest_on_demand(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("status of 400",)
    resize(page, (1440, 900))
    page.goto("/generator")
    assert edges(page.get_by_role("group", name="Recovery"))[0] < 430
    more = page.get_by_text("More of the request")
    system = page.get_by_label("System prompt")
    expect(system).to_be_hidden()
    more.click()
    system.fill("a" * 20_001)
    expect(system).to_have_attribute("aria-invalid", "true")
    # What is wrong is not hidden for long.
    more.click()
    expect(system).to_be_hidden()
    page.get_by_label("Usage and cost").check()
    expect(system).to_be_visible()
    system.fill("Short.")
    shows(page, system="Short.", usage="1")


def test_a_preset_is_one_step_that_keeps_what_is_asked_and_can_be_taken_back(page: Page) -> None:
    page.goto("/generator?tool=1&breaker=1&recovery=retry")
    prompt = "A sentence of some words. " * 200
    page.get_by_label("Prompt", exact=True).fill(prompt)
    shows(page, tool="1", breaker="1", recovery="retry", prompt=prompt)
    careful = {"recovery": "resume", "usage": "1", "request_id": "1", "stop": "1"}
    preset = page.get_by_role("link", name="For production")
    preset.focus()
    page.keyboard.press("Enter")
    shows(page, prompt=prompt, **careful)
    expect(preset).to_be_focused()
    page.get_by_label("Prompt", exact=True).fill("Short.")
    shows(page, prompt="Short.", **careful)
    expect(preset).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Relay with a page").click()
    shows(page, prompt="Short.", language="flask", recovery="resume", usage="1", request_id="1")
    expect(page.get_by_label("Language")).to_have_value("flask")
    page.go_back()
    shows(page, prompt="Short.", **careful)
    expect(page.get_by_label("Language")).to_have_value("python")


@pytest.mark.parametrize("size", [(360, 740), (1280, 720)], ids=lambda size: f"{size[0]}")
def test_while_a_field_is_wrong_the_program_before_stays(
    page: Page, complaints: Complaints, size: tuple[int, int]
) -> None:
    complaints.expected = ("status of 400",)
    resize(page, size)
    page.goto("/generator?recovery=resume")
    field = page.get_by_label("Longest silence, seconds")
    field.fill("")
    message = "Still the program before: fix Longest silence, seconds."
    expect(bar(page)).to_contain_text(message)
    expect(bar(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("status").filter(has_text=message)).to_have_count(1)
    shows(page, recovery="resume")
    expect(page.locator("[data-part=result-body]")).to_have_css("opacity", "0.6")
    expect(page.get_by_role("button", name="Copy: stream.py")).to_be_disabled()
    expect(page.locator("[data-part=download]")).not_to_have_attribute("href", re.compile(""))
    assert violations(page) == []
    bar(page).get_by_role("link", name="Longest silence, seconds").click()
    expect(field).to_be_focused()
    page.keyboard.type("90")
    shows(page, recovery="resume", silence_timeout="90")
    expect(bar(page)).not_to_contain_text("Still the program before")
    expect(page.get_by_role("button", name="Copy: stream.py")).to_be_enabled()


def test_the_lines_that_a_change_added_flash_and_are_counted(page: Page) -> None:
    page.goto("/generator?recovery=resume")
    page.get_by_label("Count tokens first").check()
    shows(page, recovery="resume", count="1")
    before = program(recovery="resume").splitlines()
    after = program(recovery="resume", count="1").splitlines()
    added = Counter(after) - Counter(before)
    link = bar(page).get_by_role("link", name=f"+{added.total()}: to the first added")
    link.click()
    marks = page.locator("[data-part=code] .added")
    expect(page.locator("#added")).to_be_in_viewport()
    expect(page.locator("#added")).to_have_css("animation-name", "added")
    assert added == Counter(marks.evaluate_all(MARKED_LINES))
    page.emulate_media(reduced_motion="reduce")
    expect(page.locator("#added")).to_have_css("animation-name", "none")
    page.get_by_label("Language").select_option("curl and jq (bash)")
    shows(page, language="curl", recovery="resume", count="1")
    expect(link).to_be_hidden()


MARKED_LINES = """
(marks) => marks.map((mark) => {
  const block = mark.parentElement;
  const { top } = block.querySelector("code").getClientRects()[0];
  const height = parseFloat(getComputedStyle(block).lineHeight);
  const line = Math.round((mark.getBoundingClientRect().top - top) / height);
  return block.textContent.split("\\n")[line];
})
"""


def test_each_change_is_said_in_one_sentence(page: Page) -> None:
    page.goto("/generator")
    status = page.get_by_role("main").get_by_role("status").filter(has_text="stream")
    page.get_by_label("When a request or a stream fails").select_option("Retry, keep, then resume")
    lines = program(recovery="resume").count("\n")
    said = re.compile(rf"^stream\.py, {lines} lines, \d+ of \d+ faults finished$")
    expect(status).to_have_text(said)
    page.get_by_label("Language").select_option("curl and jq (bash)")
    expect(status).to_have_text(re.compile(r"^stream\.sh, \d+ lines, \d+ of \d+ faults finished$"))


@pytest.mark.parametrize("width", [360, 1440])
def test_a_command_has_its_button_beside_it_and_both_have_names(page: Page, width: int) -> None:
    resize(page, (width, 800))
    # As over http from another machine.
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto("/generator")
    for name in ("Install", "Against the simulator", "Against Claude"):
        button = page.get_by_role("button", name=f"Copy: {name}", exact=True)
        command = page.get_by_role("group", name=name)
        box, frame = button.bounding_box(), command.bounding_box()
        assert box and frame and frame["x"] + frame["width"] <= box["x"]
        button.click()
        expect(page.get_by_role("button", name=f"Copied: {name}")).to_be_focused()
        prompt = page.get_by_label("Prompt", exact=True)
        prompt.press("ControlOrMeta+A")
        prompt.press("ControlOrMeta+V")
        # Else the button of the next command would be replaced while it is used.
        shows(page, prompt=command.text_content() or "")


def test_printed_it_is_the_program_and_its_results(page: Page) -> None:
    page.goto("/generator?recovery=resume")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_text("stream.py", exact=True).first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"\d+ finish"))).to_be_visible()
    expect(page.get_by_role("group", name="stream.py")).to_be_visible()
    expect(page.get_by_role("heading", name="Right to fail")).to_be_visible()
    expect(page.locator(":is(form, nav, button, .button):visible")).to_have_count(0)
    expect(page.locator("body")).to_have_css("color", "rgb(26, 29, 35)")


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
    page.get_by_role("button", name="Copy: stream.py").click()
    expect(page.get_by_role("button", name="Copied: stream.py")).to_be_visible()
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
    complaints.expected = ("ERR_FAILED", "status of 429")
    page.goto("/generator")
    page.route("**/generator?*", lambda route: route.abort())
    page.get_by_label("Usage and cost").check()
    expect(bar(page)).to_contain_text("Still the program before: the new one could not be fetched")
    shows(page)
    page.unroute("**/generator?*")
    page.route("**/generator?*", lambda route: route.fulfill(status=429))
    page.get_by_label("Usage and cost").uncheck()
    expect(bar(page)).to_contain_text("The site answered 429. Change something")
    page.unroute("**/generator?*")
    page.get_by_label("Usage and cost").check()
    page.get_by_label("Request id").check()
    shows(page, usage="1", request_id="1")
    expect(page.get_by_text("could not be fetched")).to_have_count(0)


def test_the_form_is_worked_by_the_keyboard_alone(page: Page) -> None:
    page.goto("/generator")
    page.get_by_label("Language").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_label("When a request or a stream fails")).to_be_focused()
    page.get_by_label("Usage and cost").focus()
    page.keyboard.press("Space")
    shows(page, usage="1")
    expect(page.get_by_label("Usage and cost")).to_be_focused()


def test_without_javascript_the_form_works(browser: Browser, base_url: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=base_url) as context:
        page = context.new_page()
        page.goto("/generator")
        page.get_by_role("link", name="For production").click()
        expect(page).to_have_url(re.compile("recovery=resume&stop=1&usage=1&request_id=1"))
        expect(page.get_by_role("link", name=re.compile(r"\d+ finish"))).to_be_in_viewport(ratio=1)
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
