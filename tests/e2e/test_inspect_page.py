"""The inspector in a browser: what is brought, what is found in it, and what it cost."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from streamguide.files import CONTENT
from streamguide.simulator.faults import FAULTS
from tests.e2e.test_every_page import SHIFTS, violations
from tests.test_inspection import BROKEN, HARMLESS

CORPUS = CONTENT / "corpus"
PLAIN = (CORPUS / "plain.sse").read_text(encoding="utf-8")
# A delta for a block that never began.
UNOPENED = PLAIN.replace('"index":0,"delta"', '"index":7,"delta"', 1)
_PASTE = """
(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  const options = { clipboardData, bubbles: true, cancelable: true };
  if (field.dispatchEvent(new ClipboardEvent("paste", options))) field.value = text;
}
"""
_DROP = """
(text) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([text], "dropped.sse"));
  const options = { dataTransfer, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new DragEvent("drop", options));
}
"""


class InspectPage:
    """The page as its users know it: by roles and names."""

    def __init__(self, page: Page, path: str = "/inspect") -> None:
        self.page = page
        self.field = page.get_by_role("textbox")
        self.summary = page.locator("[data-part=summary]")
        self.findings = page.get_by_role("region", name="Findings")
        self.detail = page.get_by_role("region", name="The chosen event")
        self.costs = page.get_by_role("region", name="What it cost")
        page.goto(path)
        expect(page.get_by_role("button", name="Inspect")).to_be_enabled()

    def paste(self, text: str) -> None:
        self.field.evaluate(_PASTE, text)
        expect(self.summary).not_to_have_text(re.compile("^(Reading …)?$"))

    def open(self, *files: tuple[str, bytes]) -> None:
        given = [{"name": name, "mimeType": "", "buffer": body} for name, body in files]
        self.page.get_by_label("Open files").set_input_files(given)  # type: ignore[arg-type]

    def titles(self) -> list[str]:
        return self.findings.get_by_role("heading", level=3).all_text_contents()

    def finding(self, title: str) -> Locator:
        return self.findings.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name=title)
        )

    def cost(self, name: str) -> Locator:
        return self.costs.get_by_role("row", name=re.compile(f"^{re.escape(name)} "))


@pytest.mark.parametrize("size", [(360, 740), (768, 1024), (1280, 720), (1440, 900)])
def test_a_pasted_stream_is_judged_and_a_finding_leads_to_its_bytes(
    page: Page, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    inspector = InspectPage(page)
    inspector.paste(UNOPENED)
    expect(inspector.summary).to_have_text("7 events, 883 bytes. Complete: end_turn. 1 finding.")
    found = inspector.finding("Unopened block")
    expect(found).to_contain_text("content_block_delta, index 7")
    expect(found.get_by_role("link", name="Rule 24")).to_have_attribute(
        "href", "/guide/rules#rule-unopened-block"
    )
    expect(found).to_contain_text("Python stream(): an error, though the message is complete")
    expect(found.get_by_role("link", name="the fault no-block-start")).to_be_visible()
    place = found.get_by_role("button", name="Event 3, byte 361")
    place.click()
    expect(place).to_have_attribute("aria-current", "true")
    mark = inspector.detail.locator("mark")
    expect(mark).to_have_text('"index":7')
    expect(mark).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_the_keyboard_alone_brings_a_stream_and_opens_a_finding(page: Page) -> None:
    inspector = InspectPage(page)
    inspector.field.focus()
    page.keyboard.insert_text(UNOPENED)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(inspector.summary).to_contain_text("1 finding")
    place = inspector.findings.get_by_role("button", name="Unopened block: Event 3")
    for _ in range(30):
        if place.evaluate("(one) => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(inspector.detail.locator("mark")).to_have_text('"index":7')
    page.keyboard.press("Escape")
    expect(inspector.detail).to_be_hidden()


def test_a_whole_stream_has_no_finding_and_can_be_played_again(page: Page) -> None:
    inspector = InspectPage(page)
    page.evaluate(_DROP, PLAIN)
    expect(inspector.findings).to_have_text("Nothing is wrong with it: no rule is broken.")
    expect(page.get_by_role("region", name="Text")).to_have_text("The tide comes in twice a day.")
    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Step").click()
    expect(page.get_by_role("slider", name="Position")).to_have_value("1")


def test_the_address_has_the_stream_and_the_event_that_is_open(page: Page) -> None:
    inspector = InspectPage(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url + (request.post_data or "")))
    inspector.paste(UNOPENED)
    inspector.finding("Unopened block").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"/inspect#stream=[\w-]+&event=3$"))
    again = InspectPage(page, page.url)
    page.reload()
    expect(again.summary).to_have_text("7 events, 883 bytes. Complete: end_turn. 1 finding.")
    expect(again.detail).to_contain_text("Event 3")
    assert not any("stream=" in url or "tide" in url for url in sent)
    # A stream that cannot be compressed to an address.
    text = "".join(chr(0x4E00 + (index * index * 7919) % 20_000) for index in range(20_000))
    again.paste(PLAIN.replace("The tide comes ", text))
    expect(page).to_have_url(re.compile(r"/inspect$"))
    expect(page.get_by_text("It is too large for an address: save it as a file")).to_be_visible()


@pytest.mark.parametrize("fragment", ["stream=AAAA", "stream=%25", "corpus=none", "scenario=none"])
def test_an_address_that_names_nothing_is_told(page: Page, complaints: Any, fragment: str) -> None:
    complaints.expected = ("status of 404",)
    inspector = InspectPage(page, f"/inspect#{fragment}")
    expect(inspector.summary).to_have_text(
        re.compile(
            r"^(The stream in the address is not whole|There is no recording|The site answered)"
        )
    )


def test_a_recording_is_read_with_its_head_its_times_and_its_end(page: Page) -> None:
    inspector = InspectPage(page)
    about = json.loads((CORPUS / "plain.json").read_text(encoding="utf-8"))
    about["response"] |= {"end": "drop", "gzip": True}
    about["response"]["chunks"][3][0] = 9_000
    about["response"]["chunks"][4:] = []
    size = sum(count for _, count in about["response"]["chunks"])
    inspector.open(("a.json", json.dumps(about).encode()), ("a.sse", PLAIN.encode()[:size]))
    expect(inspector.summary).to_contain_text("3 findings")
    assert inspector.titles() == ["Identity", "Silence", "Only message stop"]
    expect(inspector.finding("Silence")).to_contain_text("Nothing came for 8.9 s before event 4.")
    expect(inspector.finding("Only message stop")).to_contain_text("The connection broke")
    # What is saved opens again as it was.
    with (
        page.expect_download(lambda one: one.suggested_filename == "a.sse") as body,
        page.expect_download(lambda one: one.suggested_filename == "a.json") as description,
    ):
        page.get_by_role("button", name="Save as a file").click()
    saved = [one.value for one in (body, description)]
    files = [(one.suggested_filename, one.path().read_bytes()) for one in saved]
    assert files[0][1] == PLAIN.encode()[:size]
    inspector.paste(PLAIN)
    inspector.open(*files)
    expect(inspector.summary).to_contain_text("3 findings")


def head(content_type: str, more: str = "") -> str:
    return f"HTTP/2 200 \r\ncontent-type: {content_type}\r\n{more}\r\n"


@pytest.mark.parametrize(
    ("name", "body", "titles", "words"),
    [
        ("curl.txt", head("text/event-stream") + PLAIN, [], "Its head was read: HTTP 200."),
        ("curl.txt", head("application/json") + PLAIN, ["Not a stream"], "7 events"),
        (
            "curl.txt",
            head("text/event-stream", "content-encoding: br\r\n") + PLAIN,
            ["Identity"],
            "7 events",
        ),
        (
            "lines.jsonl",
            "\n".join(re.findall("^data: (.*)$", PLAIN, re.MULTILINE)),
            [],
            "It has one event a line",
        ),
        (
            "login.html",
            "<!doctype html><title>Sign in</title>",
            ["Not a stream"],
            "The file is a web page (Sign in)",
        ),
        (
            "error.json",
            '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            ["Not a stream"],
            "The file is an error's body, before any stream: overloaded_error: Overloaded.",
        ),
        ("a.gz", gzip.compress(PLAIN.encode()), ["Identity"], "compressed with gzip"),
        ("empty.sse", "", [], "The file is empty."),
    ],
)
def test_each_form_is_told_for_what_it_is(
    page: Page, name: str, body: str | bytes, titles: list[str], words: str
) -> None:
    inspector = InspectPage(page)
    inspector.open((name, body if isinstance(body, bytes) else body.encode()))
    expect(inspector.summary).to_contain_text(words)
    assert inspector.titles() == titles


def test_what_cannot_be_read_leaves_what_is_shown(page: Page) -> None:
    inspector = InspectPage(page)
    inspector.paste(UNOPENED)
    inspector.open(("a.sse", b""), ("b.sse", b""))
    expect(inspector.summary).to_have_text("Open one stream, or NAME.sse with its NAME.json.")
    assert inspector.titles() == ["Unopened block"]


def title(rule: str) -> str:
    return rule.replace("-", " ").capitalize()


# What the plan of a fault tells beside its bytes: a status, times, and no compression.
IN_THE_PAGE = {
    **{fault: {"http-error"} for fault in ("status", "status-then-ok", "proxy-error")},
    "prefix-check": {"http-error"},
    "compressed": set[str](),
    **{fault: {"silence"} for fault in ("slow-headers", "slow-first-token", "stall")},
    "stall;then=close": {"silence", "only-message-stop"},
    "stays-open": {"open-after-stop"},
}
NO_ANSWER = ("no-response",)


def test_each_fault_that_breaks_a_rule_is_named_and_a_harmless_one_is_not(page: Page) -> None:
    """It takes as long as it does, since the page plays each of them."""
    inspector = InspectPage(page)
    wrong = {}
    for fault in [*BROKEN, *HARMLESS]:
        scenario = FAULTS[fault.partition(";")[0]].scenario
        inspector.summary.evaluate("(one) => { one.textContent = '' }")
        page.evaluate(
            "(hash) => { location.hash = hash }", f"scenario={scenario}&fault={quote(fault)}"
        )
        if fault in NO_ANSWER:
            expect(inspector.summary).to_have_text("The connection is closed before any answer.")
            continue
        expect(inspector.summary).to_contain_text(re.compile("finding"))
        expected = IN_THE_PAGE.get(fault, BROKEN.get(fault, set()))
        if set(inspector.titles()) != {title(rule) for rule in expected}:
            wrong[fault] = inspector.titles()
    assert wrong == {}


def test_the_cost_is_told_by_part_and_on_other_models(page: Page) -> None:
    inspector = InspectPage(page, "/cost#scenario=two-tools")
    # 871 × 5 + 2,048 × 0.5 + 149 × 25 millionths.
    expect(inspector.cost("All of it")).to_contain_text("$0.009104")
    expect(inspector.cost("Cache read")).to_contain_text("2,048")
    expect(inspector.costs).to_contain_text("would claim 5,838 input and 150 output tokens")
    expect(inspector.cost("Claude Haiku 5.5")).to_contain_text("× 0.02")
    inspector.costs.get_by_label("Model").select_option("Claude Sonnet 5.5")
    expect(inspector.cost("All of it")).to_contain_text("$0.003437")
    expect(inspector.costs.get_by_role("heading", name="What it cost")).to_be_in_viewport()


@pytest.mark.parametrize("size", [(360, 740), (1280, 720)])
def test_a_usage_alone_has_a_cost(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    inspector = InspectPage(page, "/cost")
    usage = {
        "input_tokens": 1_000,
        "cache_creation_input_tokens": 3_000,
        "cache_creation": {"ephemeral_5m_input_tokens": 1_000, "ephemeral_1h_input_tokens": 2_000},
        "cache_read_input_tokens": 10_000,
        "output_tokens": 500,
        "output_tokens_details": {"thinking_tokens": 200},
        "server_tool_use": {"web_search_requests": 3},
    }
    inspector.paste(json.dumps(usage))
    inspector.costs.get_by_label("Model").select_option("Claude Opus 5.5")
    for name, cost in {
        "Input, not cached": "$0.004000",
        "Cache write, 5 minutes": "$0.005000",
        "Cache write, 1 hour": "$0.0160",
        "Cache read": "$0.002000",
        "Output": "$0.0100",
        "Of the output: thinking": "$0.004000",
        "Web searches": "$0.0300",
        "All of it": "$0.0670",
    }.items():
        expect(inspector.cost(name)).to_contain_text(cost)
    expect(inspector.findings).to_contain_text("There are no events.")
    message = {"type": "message", "model": "claude-haiku-5-5", "usage": {"output_tokens": 100}}
    inspector.paste(json.dumps(message))
    expect(inspector.costs.get_by_label("Model")).to_have_value("claude-haiku-5-5")
    expect(inspector.cost("All of it")).to_contain_text("$0.000050")


def test_the_demo_leads_here_with_what_it_shows(page: Page) -> None:
    page.goto("/demo?scenario=hello&fault=garble;at=9")
    link = page.get_by_role("link", name="Inspect this stream")
    expect(link).to_have_attribute("href", "/inspect#scenario=hello&fault=garble%3Bat%3D9")
    link.click()
    expect(page.get_by_role("heading", name="No object")).to_be_visible()
    page.goto("/demo")
    picker = page.get_by_label("Open a saved stream")
    expect(picker).to_be_enabled()
    picker.set_input_files({"name": "a.sse", "mimeType": "", "buffer": UNOPENED.encode()})
    expect(link).to_have_attribute("href", re.compile("/inspect#stream="))
    link.click()
    expect(page.get_by_role("heading", name="Unopened block")).to_be_visible()


def test_the_text_of_a_stream_is_never_html(page: Page) -> None:
    inspector = InspectPage(page)
    hostile = "<img src=x onerror=alert(1)>"
    inspector.paste(f"event: {hostile}\n\n{PLAIN}data: {hostile}\n\ndata: {hostile}")
    expect(inspector.findings).to_contain_text(hostile)
    assert page.locator("main img").count() == 0


def test_without_javascript_the_page_names_the_command(browser: Browser, base_url: str) -> None:
    with browser.new_context(java_script_enabled=False, base_url=base_url) as context:
        page = context.new_page()
        page.goto("/inspect")
        expect(page.get_by_text("python -m streamguide inspect FILE")).to_be_visible()
        expect(page.get_by_role("button", name="Inspect")).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "width", "theme"),
    [
        ("/inspect", 360, "light"),
        ("/inspect#corpus=spliced", 360, "dark"),
        ("/inspect#corpus=message-stop-without-blank-line&event=3", 768, "light"),
        ("/inspect#corpus=usage-zero&event=6", 1280, "dark"),
        ("/cost#scenario=two-tools", 1440, "light"),
    ],
)
def test_it_is_accessible_and_fits_its_window(
    page: Page, path: str, width: int, theme: Any
) -> None:
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": width, "height": 800})
    page.add_init_script(SHIFTS)
    inspector = InspectPage(page, path)
    if "#" in path:
        expect(inspector.summary).to_contain_text("finding")
    else:
        assert page.evaluate("shifts") == []
    assert violations(page, theme) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
