"""The live page in a browser, with the relay behind it and the simulator in Claude's place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from streamguide.content import load_content
from tests.e2e.conftest import Complaints
from tests.e2e.live_page import LivePage
from tests.e2e.test_every_page import SHIFTS, violations
from tools.server import running

HELLO = load_content().scenarios["hello"].blocks[0].content["text"]
PLENTY = {
    "ANTHROPIC_API_KEY": "test-key",
    "LIVE_VISITOR_PER_MINUTE": "100000",
    "LIVE_PER_MINUTE": "100000",
    "LIVE_TOKENS_PER_DAY": "100000000",
    "LIVE_DOLLARS_PER_DAY": "100000",
    "LIVE_BREAKER_FAILURES": "100000",
    "LIVE_MODELS": "claude-haiku-5-5, claude-opus-4-8, claude-haiku-4-5",
}
# Two deltas of the greeting come before it.
BREAKS = "hello/slow;factor=0.2+error-event;at=9"


@pytest.fixture(scope="session")
def healthy(site: str) -> Iterator[str]:
    """A site whose Claude plays what the prompt says: `simulate: thinking`."""
    quick = f"{site}/simulator/auto/slow;factor=0.3"
    with running({**PLENTY, "ANTHROPIC_BASE_URL": quick}) as server:
        yield server.url


@pytest.fixture(scope="session")
def breaking(site: str) -> Iterator[str]:
    """A site whose Claude breaks off after eight events, whatever is asked."""
    with running({**PLENTY, "ANTHROPIC_BASE_URL": f"{site}/simulator/{BREAKS}"}) as server:
        yield server.url


@pytest.fixture(scope="session")
def overloaded(site: str) -> Iterator[str]:
    """A site whose Claude is overloaded, and left alone after one failure."""
    extra = {
        "ANTHROPIC_BASE_URL": f"{site}/simulator/hello/status",
        "LIVE_RETRIES": "0",
        "LIVE_BREAKER_FAILURES": "1",
        "LIVE_BREAKER_SECONDS": "3600",
    }
    with running({**PLENTY, **extra}) as server:
        yield server.url


@pytest.fixture(scope="session")
def guarded(site: str) -> Iterator[str]:
    """A site that wants a code, and has a hundred tokens to spend."""
    extra = {
        "ANTHROPIC_BASE_URL": f"{site}/simulator",
        "LIVE_ACCESS_CODE": "open-sesame",
        "LIVE_TOKENS_PER_DAY": "100",
    }
    with running({**PLENTY, **extra}) as server:
        yield server.url


@pytest.fixture
def at(page: Page, complaints: Complaints) -> Any:
    """Opens the live page of a site; complaints are then about other hosts than that one."""

    def opened(url: str, *expected: str) -> LivePage:
        complaints.host = urlsplit(url).netloc
        complaints.expected = expected
        live = LivePage(page, url)
        live.open()
        return live

    return opened


def bodies(page: Page) -> list[dict[str, Any]]:
    """What the page asks the relay, from now on."""
    found: list[dict[str, Any]] = []

    def on_request(request: Request) -> None:
        if request.url.endswith("/live/messages"):
            found.append(json.loads(request.post_data or ""))

    page.on("request", on_request)
    return found


def test_an_answer_comes_with_its_events_its_times_its_usage_and_its_cost(
    at: Any, healthy: str
) -> None:
    live: LivePage = at(healthy)
    live.ask_to_end("simulate: thinking")
    expect(live.status).to_have_text("Complete: end_turn")
    assert "2 hours and 25 minutes" in live.text()
    expect(live.ending).to_contain_text("Complete: message_stop came, after end_turn.")
    expect(live.ending).to_contain_text("request-id: req_")
    for label in ("First event", "First word", "Largest gap"):
        expect(live.readout(label)).to_have_text(re.compile(r"^\d+\.\d s$"))
    expect(live.readout("Output tokens")).to_contain_text("thinking")
    usage = live.readout("Output tokens").inner_text().split()[0]
    expect(live.readout("Cost")).to_have_text(
        re.compile(rf"\$0\.000\d+ = \d+ input × \$0\.10 \+ {usage} output × \$0\.50, per million")
    )
    for offer in (live.go_on, live.again, live.recorded):
        expect(offer).to_be_hidden()
    live.events.press("End")
    live.events.press("Enter")
    detail = live.page.get_by_role("region", name="The chosen event")
    expect(detail).to_contain_text("message_stop")


def test_the_events_are_those_that_were_sent_and_can_be_saved_byte_for_byte(
    at: Any, healthy: str, page: Page, site: str, complaints: Complaints
) -> None:
    live: LivePage = at(healthy)
    expect(live.save).to_be_disabled()
    live.ask_to_end("simulate: hello")
    with page.expect_download() as download:
        live.save.click()
    name = download.value.suggested_filename
    assert re.fullmatch(r"live-req_\w+\.sse", name)
    path = Path(download.value.path())
    data = path.read_bytes()
    expect(live.readout("Bytes")).to_have_text(f"{len(data):,}")
    assert data.startswith(b"event: message_start\ndata: {")
    assert data.endswith(b"\n\n")
    expect(live.readout("Events")).to_have_text(str(data.count(b"\nevent: ") + 1))
    played_in_the_demo(page, site, complaints, name, data)


def played_in_the_demo(
    page: Page, site: str, complaints: Complaints, name: str, data: bytes
) -> None:
    """What was saved can be opened there, and is not in the address."""
    complaints.host = urlsplit(site).netloc
    page.goto(f"{site}/demo?scenario=refusal&fault=bom")
    picker = page.get_by_label("Open a saved stream")
    expect(picker).to_be_enabled()
    picker.set_input_files({"name": name, "mimeType": "text/event-stream", "buffer": data})
    scenario = page.get_by_role("combobox", name="Scenario")
    expect(scenario.locator("option:checked")).to_have_text(f"A file: {name}")
    expect(page.get_by_role("combobox", name="Fault")).to_be_disabled()
    expect(page.get_by_role("radio", name="Typewriter")).to_be_checked()
    page.get_by_role("slider", name="Speed").fill("0")
    page.get_by_role("button", name="Start").click()
    expect(page.locator("[data-part=status]")).to_have_text("Complete: end_turn")
    assert page.get_by_role("region", name="Text", exact=True).inner_text() == HELLO
    expect(page).not_to_have_url(re.compile("scenario|fault"))
    scenario.select_option("Hello")
    expect(page.get_by_role("combobox", name="Fault")).to_be_enabled()
    expect(page.get_by_text("Hello! What am I looking at?")).to_be_visible()


def test_what_ended_can_be_replayed_in_the_page(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    expect(live.replay).to_be_disabled()
    live.ask_to_end("simulate: hello")
    asked = bodies(live.page)
    live.replay.click()
    expect(live.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(live.status).to_have_text("Complete: end_turn", timeout=15_000)
    assert live.text() == HELLO
    live.position.fill("5")
    expect(live.status).to_have_text("Paused")
    assert asked == []


def test_thinking_is_asked_for_where_the_model_thinks(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    asked = bodies(live.page)
    live.send("simulate: refusal")
    live.finish()
    live.thinking.select_option("Omitted")
    live.ask_to_end()
    live.model.select_option("Claude Opus 4.8")
    expect(live.thinking).to_have_accessible_description("This model thinks only if asked to.")
    live.thinking.select_option("Off")
    live.ask_to_end()
    live.model.select_option("Claude Haiku 4.5")
    expect(live.thinking).to_be_disabled()
    live.ask_to_end()
    live.model.select_option("Claude Haiku 5.5")
    expect(live.thinking).to_have_value("summarized")
    assert [one.get("thinking") for one in asked] == [
        {"type": "adaptive", "display": "summarized"},
        {"type": "adaptive", "display": "omitted"},
        None,
        None,
    ]
    assert asked[0]["max_tokens"] == 1024


def test_the_price_follows_the_model(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    expect(live.model).to_have_accessible_description(
        re.compile(
            r"^\$0\.10 per million input tokens, \$0\.50 per million output tokens, as of 20"
        )
    )
    live.model.select_option("Claude Opus 4.8")
    expect(live.model).to_have_accessible_description(re.compile(r"^\$5\.00 per million input"))


def test_the_focus_is_on_stop_while_it_streams_and_then_where_one_goes_on(
    at: Any, healthy: str
) -> None:
    live: LivePage = at(healthy)
    live.prompt.fill("simulate: long-prose")
    live.prompt.press("Control+Enter")
    expect(live.stop).to_be_focused()
    expect(live.status).to_have_text("Streaming", timeout=10_000)
    live.stop.press("Enter")
    expect(live.status).to_have_text("Stopped early: you stopped it")
    expect(live.go_on).to_be_focused()
    expect(live.ending).to_contain_text("characters are kept: a part of an answer.")
    expect(live.readout("Cost")).to_contain_text("Unknown: no final usage came.")
    assert live.text() != ""
    live.ask_to_end("simulate: refusal")
    expect(live.answer).to_be_focused()


def test_an_interrupted_answer_is_kept_and_continued_where_it_broke(at: Any, breaking: str) -> None:
    live: LivePage = at(breaking)
    asked = bodies(live.page)
    live.ask_to_end()
    expect(live.status).to_have_text("Stopped early: overloaded_error")
    kept = live.text()
    assert HELLO.startswith(kept) and kept != HELLO
    expect(live.ending).to_contain_text(f"{len(kept)} characters are kept: a part of an answer.")
    live.press(live.go_on)
    live.finish()
    expect(live.joins).to_have_count(1)
    assert HELLO.startswith(live.text())
    assert len(live.text()) > len(kept)
    first, second = asked
    assert second["messages"][:-1] == first["messages"]
    assert second["messages"][-1]["role"] == "user"
    assert f"<partial_answer>\n{kept}\n</partial_answer>" in second["messages"][-1]["content"]
    expect(live.readout("Cost")).to_contain_text("Unknown")
    whole = live.text()
    live.press(live.go_on)
    live.finish()
    expect(live.joins).to_have_count(2)
    assert len(live.text()) > len(whole)
    assert f"\n{whole}\n" in asked[2]["messages"][-1]["content"]


def test_a_model_with_prefill_goes_on_after_its_own_words(at: Any, breaking: str) -> None:
    live: LivePage = at(breaking)
    live.model.select_option("Claude Haiku 4.5")
    live.ask_to_end()
    kept = live.text()
    asked = bodies(live.page)
    live.press(live.go_on)
    live.finish()
    assert asked[0]["messages"][-1] == {"role": "assistant", "content": kept.rstrip()}
    assert HELLO.startswith(live.text())


def test_try_again_sends_the_same_request_and_starts_over(at: Any, breaking: str) -> None:
    live: LivePage = at(breaking)
    asked = bodies(live.page)
    live.ask_to_end()
    kept = live.text()
    assert kept != ""
    live.prompt.fill("Something else")
    live.press(live.again)
    live.finish()
    assert asked[0] == asked[1]
    assert live.text() == kept
    expect(live.status).to_have_text("Stopped early: overloaded_error")
    expect(live.joins).to_have_count(0)


def test_a_connection_that_breaks_is_told_and_what_came_is_kept(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy, "ERR_")
    live.page.route("**/live/messages", lambda route: route.abort("connectionreset"))
    live.ask_to_end()
    expect(live.status).to_have_text("Stopped early: no answer")
    expect(live.ending).to_contain_text("This site did not answer.")
    expect(live.again).to_be_focused()
    live.page.unroute("**/live/messages")
    live.press(live.again)
    live.finish()
    expect(live.status).to_have_text("Complete: end_turn")


def test_an_overload_and_an_open_breaker_are_told_in_words(at: Any, overloaded: str) -> None:
    live: LivePage = at(overloaded, "status of 529", "status of 503")
    live.ask_to_end()
    while "overloaded_error" in live.status.inner_text() and "529" in live.status.inner_text():
        expect(live.ending).to_contain_text("Claude is overloaded")
        live.press(live.again)
        live.finish()
    expect(live.ending).to_contain_text("Claude failed several times, and is left alone")
    expect(live.ending).to_contain_text(re.compile(r"Try again in (1 hour|\d+ minutes), at \d"))
    live.recorded.click()
    expect(live.page.get_by_role("heading", name="Streaming demo")).to_be_visible()
    expect(live.page.get_by_role("link", name="Scenarios")).to_have_attribute(
        "aria-current", "page"
    )


def test_the_access_code_is_a_header_and_stays_in_the_page(at: Any, guarded: str) -> None:
    live: LivePage = at(guarded, "status of 401")
    headers: list[dict[str, str]] = []
    live.page.on("request", lambda request: headers.append(request.headers))
    live.ask.click()
    expect(live.code).to_be_focused()
    live.code.fill("wrong")
    live.max_tokens.fill("40")
    live.ask_to_end()
    expect(live.ending).to_contain_text("The access code is missing or wrong")
    expect(live.code).to_be_focused()
    expect(live.again).to_be_hidden()
    live.code.fill("open-sesame")
    live.ask_to_end("Hello")
    expect(live.status).to_have_text("Stopped early: max_tokens")
    assert [one.get("x-access-code") for one in headers if "x-access-code" in one] == [
        "wrong",
        "open-sesame",
    ]
    assert live.page.url == f"{guarded}/live"
    assert live.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    live.page.reload()
    expect(live.code).to_have_value("")


def test_a_spent_budget_says_until_when_and_offers_the_recorded_stream(
    at: Any, guarded: str
) -> None:
    live: LivePage = at(guarded, "status of 429")
    live.code.fill("open-sesame")
    live.max_tokens.fill("1000")
    live.ask_to_end()
    expect(live.status).to_have_text("HTTP 429: rate_limit_error")
    expect(live.ending).to_contain_text("Not enough of today's tokens is left")
    # Only if it is longer than a minute until midnight, it says at what time.
    expect(live.ending).to_contain_text(re.compile(r"Try again in \d.*\."))
    expect(live.recorded).to_be_visible()
    for kept in (live.save, live.replay, live.position):
        expect(kept).to_be_disabled()


def test_an_answer_cut_at_max_tokens_can_be_continued(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    live.max_tokens.fill("20")
    live.ask_to_end("How does text travel?")
    expect(live.status).to_have_text("Stopped early: max_tokens")
    expect(live.ending).to_contain_text("The answer is cut at max_tokens.")
    expect(live.again).to_be_hidden()
    live.press(live.go_on)
    live.finish()
    expect(live.joins).to_have_count(1)
    expect(live.readout("Cost")).to_contain_text("; with the part before $0.0000")


def test_html_in_a_stream_is_text(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    markup = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    live.ask_to_end(markup)
    assert markup in live.text()
    assert live.page.locator("[data-stream-panel] :is(img, script)").count() == 0


def test_a_value_that_cannot_be_had_is_not_sent(at: Any, healthy: str) -> None:
    live: LivePage = at(healthy)
    asked = bodies(live.page)
    live.max_tokens.fill("5000")
    live.ask.click()
    expect(live.max_tokens).to_be_focused()
    live.max_tokens.fill("50")
    live.prompt.fill("")
    live.ask.click()
    expect(live.prompt).to_be_focused()
    assert asked == []


def test_a_player_that_cannot_be_loaded_says_so_and_can_be_tried_again(
    at: Any, healthy: str
) -> None:
    live: LivePage = at(healthy, "status of 503")

    def busy(route: Route) -> None:
        route.fulfill(status=503)

    live.page.route("**/protocol.json", busy)
    live.ask.click()
    expect(live.status).to_have_text("The player could not start")
    expect(live.ending).to_contain_text("Nothing was sent. Ask again to retry.")
    live.page.unroute("**/protocol.json")
    live.ask_to_end("simulate: hello")
    expect(live.status).to_have_text("Complete: end_turn")


def test_without_a_key_the_page_says_how_to_switch_live_mode_on(page: Page) -> None:
    page.goto("/live")
    expect(page.get_by_text("ANTHROPIC_API_KEY=… make run")).to_be_visible()
    expect(page.get_by_role("button", name="Ask")).to_have_count(0)
    page.get_by_role("link", name="Scenarios").click()
    page.get_by_role("navigation", name="Where the stream comes from").get_by_role(
        "link", name="Live"
    ).click()
    expect(page.get_by_role("heading", name="Live")).to_be_visible()


def test_without_scripts_the_page_says_what_it_needs(browser: Browser, healthy: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{healthy}/live")
        expect(page.get_by_text("with JavaScript, which is off")).to_be_visible()
        expect(page.get_by_role("button", name="Ask")).to_have_count(0)


def off(live: LivePage, site: str) -> None:
    live.page.goto(f"{site}/live")


def ready(live: LivePage, site: str) -> None:
    live.open()


def streaming(live: LivePage, site: str) -> None:
    live.open()
    live.send("simulate: thinking")
    expect(live.status).to_have_text("Thinking", timeout=10_000)


def finished(live: LivePage, site: str) -> None:
    live.open()
    live.ask_to_end("simulate: hello")


def stopped(live: LivePage, site: str) -> None:
    live.open()
    live.send("simulate: long-prose")
    expect(live.status).to_have_text("Streaming", timeout=10_000)
    live.stop.click()
    live.finish()


def cut(live: LivePage, site: str) -> None:
    live.open()
    live.ask_to_end("simulate: hello/slow;factor=0.2+drop;at=12")


def refused(live: LivePage, site: str) -> None:
    live.open()
    error = {
        "type": "rate_limit_error",
        "message": "Too many.",
        "details": {"error_code": "streams"},
    }
    body = json.dumps({"type": "error", "error": error})
    headers = {"content-type": "application/json", "retry-after": "90"}
    live.page.route(
        "**/live/messages", lambda route: route.fulfill(status=429, headers=headers, body=body)
    )
    live.ask_to_end()
    live.page.unroute("**/live/messages")


def continued(live: LivePage, site: str) -> None:
    live.open()
    live.max_tokens.fill("20")
    live.ask_to_end("How does text travel?")
    live.press(live.go_on)
    live.finish()
    live.answer.evaluate("(node) => node.scrollTo(0, 0)")


STATES = [off, ready, streaming, finished, stopped, refused, continued]
each_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


@pytest.fixture
def live(page: Page, healthy: str, complaints: Complaints, request: Any) -> LivePage:
    if request.node.callspec.params.get("state") is not off:
        complaints.host = urlsplit(healthy).netloc
    complaints.expected = ("status of 429",)
    return LivePage(page, healthy)


@each_state
# Both themes at each width would show no more.
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_every_state_is_accessible_and_fits(
    live: LivePage, site: str, state: Any, width: int, theme: Any
) -> None:
    live.page.set_viewport_size({"width": width, "height": 800})
    live.page.emulate_media(color_scheme=theme)
    state(live, site)
    assert violations(live.page, theme) == []
    assert live.page.evaluate("document.documentElement.scrollWidth") <= width


# The larger windows show the page to its end.
@pytest.mark.parametrize(("width", "height"), [(360, 740), (768, 1600), (1440, 1600)])
@pytest.mark.parametrize(
    "state", [off, finished, stopped, cut, refused], ids=lambda one: one.__name__
)
def test_nothing_jumps(live: LivePage, site: str, state: Any, width: int, height: int) -> None:
    live.page.set_viewport_size({"width": width, "height": height})
    live.page.add_init_script(SHIFTS)
    state(live, site)
    live.page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    assert live.page.evaluate("shifts") == []


def test_an_error_of_the_page_s_own_is_told_and_the_next_question_works(
    at: Any, healthy: str
) -> None:
    live = at(healthy, "planted")
    live.page.evaluate("""() => {
        globalThis.appendData = CharacterData.prototype.appendData;
        CharacterData.prototype.appendData = () => { throw new Error("planted"); };
    }""")
    live.ask_to_end("simulate: hello")
    expect(live.status).to_have_text("The page could not go on with this stream")
    expect(live.ending).to_contain_text("An error of the page's own, after event 4: planted.")
    live.page.evaluate("() => { CharacterData.prototype.appendData = globalThis.appendData; }")
    live.ask_to_end("simulate: hello")
    expect(live.status).to_contain_text("Complete")
    assert live.text() == HELLO
