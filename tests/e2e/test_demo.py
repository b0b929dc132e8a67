"""The streaming demo, played."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script
from tests.e2e.conftest import Complaints
from tests.e2e.demo_page import HEARD, DemoPage

LIBRARY = load_content()
each_scenario = pytest.mark.parametrize(
    "scenario", LIBRARY.scenarios.values(), ids=LIBRARY.scenarios
)


def text_of(scenario: Scenario) -> str:
    """What the answer's text blocks say in all."""
    blocks = full_message(make_answer(scenario))["content"]
    return "".join(block.get("text", "") for block in blocks)


def ending_of(scenario: Scenario) -> str:
    """The status that the demo must end with."""
    if scenario.error:
        return f"Stopped early: {scenario.error['type']}"
    reason = scenario.end["stop_reason"]
    complete = LIBRARY.table.stop_reasons[reason].outcome == "complete"
    return f"{'Complete' if complete else 'Stopped early'}: {reason}"


@pytest.fixture
def demo(page: Page) -> DemoPage:
    return DemoPage(page)


@each_scenario
def test_every_scenario_plays_to_its_end_with_exactly_its_text(
    demo: DemoPage, scenario: Scenario
) -> None:
    # The typewriter's pace counts characters: a long text is typed faster, to save the test time.
    demo.open(f"?scenario={scenario.name}&mode=typewriter&speed=4")
    demo.start.click()
    demo.run_to_end()
    assert_played(demo, scenario)
    demo.reset.click()
    demo.page.get_by_role("radio", name="As sent").check()
    demo.speed.fill("30")
    demo.start.click()
    demo.run_to_end()
    assert_played(demo, scenario)
    events = script(make_answer(scenario))
    assert demo.readout("Elapsed") == f"{events[-1].at / 1000:.1f} s"


def assert_played(demo: DemoPage, scenario: Scenario) -> None:
    """The demo is at the scenario's end, and shows all of it."""
    assert demo.status_text() == ending_of(scenario)
    assert demo.text() == text_of(scenario)
    assert demo.position.get_attribute("aria-valuetext") == place(scenario)


def place(scenario: Scenario, count: int | None = None) -> str:
    """How the position says that it is at an event, by default the last one."""
    events = script(make_answer(scenario))
    count = len(events) if count is None else count
    at = events[count - 1].at if count else 0
    return f"event {count} of {len(events)}, {at / 1000:.2f} s"


def test_the_typewriter_shows_whole_graphemes_only(demo: DemoPage) -> None:
    scenario = LIBRARY.scenarios["languages"]
    script_ = "(text) => [...new Intl.Segmenter().segment(text)].map((part) => part.segment)"
    demo.open("?scenario=languages&mode=typewriter&speed=10")
    graphemes = demo.page.evaluate(script_, text_of(scenario))
    beginnings = {"".join(graphemes[:count]) for count in range(len(graphemes) + 1)}
    demo.start.click()
    seen = set()
    for _ in range(200):
        demo.run(40)
        seen.add(demo.text())
    assert len(seen) > 150
    assert seen <= beginnings


def test_as_sent_the_deltas_come_whole_at_their_own_times(demo: DemoPage) -> None:
    events = script(make_answer(LIBRARY.scenarios["hello"]))
    deltas = [one for one in events if one.event["type"] == "content_block_delta"]
    demo.open("?mode=sent")
    demo.start.click()
    expected, passed = "", 0
    for one in deltas[:12]:
        # Frames are 16 ms apart: a little before the delta is due, and a little after.
        demo.run(max(0, one.at - 40 - passed))
        passed = max(passed, one.at - 40)
        demo.run(one.at + 40 - passed)
        passed = one.at + 40
        expected += one.event["delta"]["text"]
        assert demo.text().startswith(expected)


def test_pause_stops_resume_goes_on_and_reset_starts_over(demo: DemoPage) -> None:
    demo.open()
    demo.start.click()
    demo.run(2_500)
    demo.pause.click()
    expect(demo.status).to_have_text("Paused")
    before = demo.text()
    assert 20 < len(before) < len(text_of(LIBRARY.scenarios["hello"]))
    demo.run(5_000)
    assert demo.text() == before
    demo.resume.click()
    demo.run(1_000)
    assert demo.text().startswith(before)
    assert len(demo.text()) > len(before)
    demo.reset.click()
    expect(demo.status).to_have_text("Ready")
    assert demo.text() == ""
    assert demo.readout("Elapsed") == "0.0 s"


def test_the_speed_can_change_while_it_runs(demo: DemoPage) -> None:
    demo.open("?mode=typewriter&speed=200")
    demo.start.click()
    demo.run(5_000)
    slow = len(demo.text())
    demo.speed.fill("5")
    demo.run(1_000)
    fast = len(demo.text()) - slow
    assert slow < 25
    assert 150 < fast <= 210


def test_step_brings_one_event_at_a_time(demo: DemoPage) -> None:
    demo.open()
    names = [one.event["type"] for one in script(make_answer(LIBRARY.scenarios["hello"]))]
    for count, name in enumerate(names[:5], start=1):
        demo.step.click()
        expect(demo.event(count)).to_contain_text(name)
        expect(demo.status).to_have_text("Paused")
        assert demo.events.get_by_role("option").count() == count


def test_seeking_shows_the_text_up_to_there_forwards_and_back(demo: DemoPage) -> None:
    scenario = LIBRARY.scenarios["long-prose"]
    events = script(make_answer(scenario))
    demo.open("?scenario=long-prose")
    for count in (120, 40, len(events), 0):
        demo.position.fill(str(count))
        parts = [e.event["delta"]["text"] for e in events[:count] if "text_delta" in str(e.event)]
        expect(demo.position).to_have_attribute("aria-valuetext", place(scenario, count))
        assert demo.text() == "".join(parts)


def test_the_readouts_tell_the_estimate_from_the_true_usage(demo: DemoPage) -> None:
    scenario = LIBRARY.scenarios["markdown"]
    message = full_message(make_answer(scenario))
    demo.open("?scenario=markdown&mode=sent")
    assert demo.readout("First word") == "–"
    demo.start.click()
    demo.run(3_000)
    assert demo.status_text() == "Streaming"
    assert demo.readout("Tokens, from usage") == "–"
    shown = int(demo.readout("Characters").replace(",", ""))
    assert shown == len(demo.text())
    assert demo.readout("Tokens, estimated") == f"≈ {round(shown / 3.3)}"
    demo.run_to_end()
    assert demo.readout("Tokens, from usage") == str(message["usage"]["output_tokens"])
    assert demo.readout("Characters") == f"{len(text_of(scenario)):,}"


def test_thinking_and_waiting_are_said(demo: DemoPage) -> None:
    demo.open("?scenario=thinking-omitted&mode=sent")
    demo.start.click()
    demo.run(100)
    assert demo.status_text() == "Waiting"
    demo.run(5_000)
    assert demo.status_text() == "Thinking"
    demo.run_to_end()
    assert demo.readout("Tokens, from usage").endswith("thinking)")


def test_an_early_stop_says_what_to_do(demo: DemoPage) -> None:
    demo.open("?scenario=refusal-midway&speed=0")
    demo.start.click()
    demo.run_to_end()
    assert demo.status_text() == "Stopped early: refusal"
    expect(demo.page.locator("[data-part=advice]")).to_contain_text("Discard the partial answer")


def test_a_click_on_an_event_explains_it_and_shows_the_message_after_it(demo: DemoPage) -> None:
    demo.open("?scenario=tool-use&speed=0")
    demo.start.click()
    demo.run_to_end()
    demo.position.fill("8")
    demo.event(8).click()
    expect(demo.detail.get_by_role("heading", level=2)).to_contain_text(
        "Event 8: content_block_delta"
    )
    expect(demo.detail.get_by_role("heading", name="text_delta")).to_be_visible()
    expect(demo.detail).to_contain_text("Append")
    raw = demo.detail.get_by_role("region", name="As it came").inner_text()
    assert raw.startswith('event: content_block_delta\ndata: {"type":"content_block_delta"')
    message = json.loads(
        demo.detail.get_by_role("region", name="The message after it").inner_text()
    )
    assert message["stop_reason"] is None
    assert message["content"][0]["text"] == demo.text()
    link = demo.detail.get_by_role("link", name="text_delta in the reference")
    assert link.get_attribute("href") == "/guide/events#delta-text_delta"


def test_the_address_restores_scenario_mode_speed_comparison_and_open_event(
    demo: DemoPage, browser: Browser, base_url: str
) -> None:
    demo.open()
    demo.scenario.select_option("thinking")
    demo.page.get_by_role("radio", name="As sent").check()
    demo.speed.fill("60")
    demo.compare.check()
    demo.position.fill("20")
    demo.event(18).click()
    demo.shows_address(mode="sent", speed="60", scenario="thinking", compare="1", event="18")
    address = demo.page.url
    context = browser.new_context()
    other = DemoPage(context.new_page())
    other.page.goto(address)
    expect(other.detail.get_by_role("heading", level=2)).to_contain_text("Event 18:")
    expect(other.scenario).to_have_value("thinking")
    expect(other.speed).to_have_value("60")
    expect(other.page.get_by_role("radio", name="As sent")).to_be_checked()
    expect(other.compare).to_be_checked()
    expect(other.status).to_have_text("Paused")
    expect(other.event(18)).to_have_attribute("aria-selected", "true")
    context.close()


@pytest.mark.parametrize(
    "query",
    [
        "?scenario=nothing&fault=nothing&mode=x&speed=-5&event=-1",
        "?speed=abc&event=zz",
        "?event=99999",
    ],
)
def test_an_address_that_asks_for_nonsense_gets_a_working_demo(demo: DemoPage, query: str) -> None:
    demo.open(query)
    assert demo.scenario.input_value() == "hello"
    assert demo.speed.input_value() == "30"
    (demo.again if "99999" in query else demo.start).click()
    demo.run_to_end()
    assert demo.text() == text_of(LIBRARY.scenarios["hello"])


def test_beside_it_the_request_without_streaming_shows_nothing_until_the_end(
    demo: DemoPage,
) -> None:
    scenario = LIBRARY.scenarios["hello"]
    last = script(make_answer(scenario))[-1].at
    demo.open("?mode=sent&compare=1")
    whole = demo.page.get_by_role("region", name="Without streaming").last
    expect(whole).to_have_text("The request has not been sent.")
    demo.start.click()
    demo.run(1_500)
    expect(whole).to_contain_text("No byte yet, after 1.")
    assert demo.text() != ""
    demo.run_to_end()
    assert json.loads(whole.inner_text()) == full_message(make_answer(scenario))
    pane = demo.page.locator("[data-part=whole]")
    expect(pane).to_contain_text(f"First word: {last / 1000:.1f} s")
    assert float(demo.readout("First word").removesuffix(" s")) < last / 1000 / 2


def test_a_fault_is_off_until_it_is_chosen_and_then_explained(demo: DemoPage) -> None:
    demo.open()
    expect(demo.fault).to_have_value("")
    help_ = demo.page.get_by_text("The connection is closed before an event")
    expect(help_).to_have_count(0)
    demo.fault.select_option("The connection breaks")
    expect(help_).to_be_visible()
    expect(demo.status).to_have_text("Ready")
    demo.shows_address(mode="sent", speed="30", scenario="hello", fault="drop")
    link = demo.page.get_by_role("link", name="Meet it with a program of yours")
    assert link.get_attribute("href") == "/simulator?scenario=hello&fault=drop"
    demo.fault.select_option("No fault")
    expect(link).to_be_hidden()
    demo.shows_address(mode="sent", speed="30", scenario="hello")


def test_a_cut_stream_says_what_happened_and_what_was_kept(demo: DemoPage) -> None:
    demo.open("?fault=drop%3Bat%3D9&speed=0")
    expect(demo.fault).to_have_value("drop;at=9")
    demo.start.click()
    demo.run_to_end()
    assert demo.status_text() == "Stopped early: connection cut"
    text = demo.text()
    assert text_of(LIBRARY.scenarios["hello"]).startswith(text)
    expect(demo.advice).to_contain_text(f"{len(text)} characters came. Keep the text")
    demo.shows_address(mode="sent", speed="0", scenario="hello", fault="drop;at=9")


def test_a_tool_call_that_was_cut_must_not_be_run(demo: DemoPage) -> None:
    demo.open("?scenario=tool-use&fault=drop%3Bat%3D20&event=19")
    expect(demo.status).to_contain_text("connection cut")
    expect(demo.advice).to_contain_text("is cut: do not run it")


def test_a_refusal_shows_its_body_in_place_of_the_text(demo: DemoPage) -> None:
    demo.open("?fault=status%3Bcode%3D429&speed=0")
    demo.start.click()
    demo.run_to_end()
    assert demo.status_text() == "HTTP 429: rate_limit_error"
    answer = demo.page.get_by_role("region", name="Text", exact=True)
    expect(answer).to_contain_text("HTTP 429, application/json")
    expect(answer).to_contain_text('"type": "rate_limit_error"')
    demo.reset.click()
    expect(answer).to_have_text("")


def test_a_silence_before_the_cut_lasts_as_long_as_it_is(demo: DemoPage) -> None:
    demo.open("?fault=stall%3Bat%3D9%3Bseconds%3D20%3Bthen%3Dclose&mode=sent")
    demo.start.click()
    demo.run(15_000)
    assert demo.status_text() == "Waiting"
    demo.run_to_end()
    assert demo.status_text() == "Stopped early: connection cut"
    assert float(demo.readout("Elapsed").removesuffix(" s")) >= 20


def test_a_fault_that_cannot_be_had_says_what_there_is(
    demo: DemoPage, complaints: Complaints
) -> None:
    complaints.expected = ("status of 400",)
    demo.open("?fault=drop%3Bat%3Dsoon")
    expect(demo.status).to_have_text("The stream could not be loaded")
    expect(demo.advice).to_contain_text("at is 'soon'; it takes a whole number from 1")
    demo.fault.select_option("No fault")
    expect(demo.status).to_have_text("Ready")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("plain", "Complete: end_turn"),
        ("spliced", "Stopped early: another message"),
        ("pings-for-ever", "Stopped early: nothing more came"),
        ("html-520", "HTTP 520"),
    ],
)
def test_a_recording_of_the_corpus_plays_by_its_address(
    demo: DemoPage, name: str, status: str
) -> None:
    recording = LIBRARY.recordings[name]
    demo.open(f"?scenario=corpus:{name}")
    expect(demo.scenario).to_have_value(f"corpus:{name}")
    demo.start.click()
    demo.run(10_000)
    expect(demo.status).to_have_text(status)
    if recording.is_stream:
        assert demo.text() == recording.expected.text
    expect(demo.page.get_by_text(f"{recording.title}. A recording of the corpus")).to_be_visible()
    expect(demo.page.get_by_text("Prompt", exact=True)).to_be_hidden()


def test_html_in_a_stream_is_text(demo: DemoPage) -> None:
    demo.open("?scenario=markup&speed=0")
    demo.start.click()
    demo.run_to_end()
    assert "<script>" in demo.text()
    assert demo.page.locator("[data-part=answer]").locator("script, img, a, b").count() == 0
    for number in (5, 10, 15):
        demo.position.fill(str(number))
        demo.event(number).click()
    assert demo.detail.locator("script, img").count() == 0


def test_tool_input_stays_in_sight_after_its_block_is_closed(demo: DemoPage) -> None:
    demo.open("?scenario=two-tools&event=28")
    inputs = [json.loads(text) for text in demo.shown(".block-tool")]
    content = full_message(make_answer(LIBRARY.scenarios["two-tools"]))["content"]
    assert inputs == [block["input"] for block in content if block["type"] == "tool_use"]


def scroll(pane: Locator, place: str) -> None:
    """Scroll, and wait until the page was told."""
    pane.evaluate(
        f"""node => new Promise((done) => {{
          node.addEventListener("scroll", () => done(), {{ once: true }});
          node.scrollTop = {place};
        }})"""
    )


def test_whoever_scrolls_up_stays_there_and_whoever_returns_follows_again(demo: DemoPage) -> None:
    demo.open("?scenario=long-prose&mode=typewriter&speed=2")
    demo.start.click()
    demo.run(12_000)
    for selector in ("[data-part=answer]", "[data-part=events]"):
        pane = demo.page.locator(selector)
        at_end = "node => node.scrollHeight - node.scrollTop - node.clientHeight < 40"
        assert pane.evaluate(at_end)
        scroll(pane, "50")
        before = pane.evaluate("node => node.scrollHeight")
        demo.run(3_000)
        assert pane.evaluate("node => node.scrollTop") == 50
        assert pane.evaluate("node => node.scrollHeight") > before
        scroll(pane, "node.scrollHeight")
        demo.run(1_000)
        assert pane.evaluate(at_end)


def test_only_the_events_in_sight_are_in_the_page(demo: DemoPage) -> None:
    demo.open("?scenario=long-prose&speed=0")
    demo.start.click()
    demo.run_to_end()
    assert demo.events.get_by_role("option").count() < 40
    demo.events.evaluate("node => { node.scrollTop = 0 }")
    expect(demo.event(1)).to_contain_text("message_start")


def test_a_screen_reader_hears_sentences_and_the_status_not_letters(demo: DemoPage) -> None:
    demo.page.add_init_script(HEARD)
    demo.open("?speed=10")
    demo.start.click()
    for _ in range(80):
        demo.run(100)
    heard = demo.page.evaluate("heard")
    text = text_of(LIBRARY.scenarios["hello"])
    assert 3 <= len(heard) <= 12
    assert heard[-1].endswith("Complete: end_turn.")
    for label in ("Ready", "Waiting", "Streaming", "Complete: end_turn"):
        heard = [re.sub(rf" ?{label}\.", "", one) for one in heard]
    spoken = " ".join(one.strip() for one in heard if one.strip())
    assert re.sub(r"\s+", " ", spoken) == re.sub(r"\s+", " ", text).strip()


def test_a_stream_that_cannot_be_loaded_says_so_and_can_be_loaded_again(
    demo: DemoPage, complaints: Complaints
) -> None:
    complaints.expected = ("503",)
    demo.open()
    demo.page.route("**/plans/thinking.json", lambda route: route.fulfill(status=503))
    demo.scenario.select_option("thinking")
    expect(demo.status).to_have_text("The stream could not be loaded")
    expect(demo.page.locator("[data-part=advice]")).to_contain_text("The site answered 503")
    expect(demo.start).to_be_disabled()
    colours = "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
    assert demo.start.evaluate(colours) == demo.step.evaluate(colours)
    demo.retry.click()
    expect(demo.status).to_have_text("The stream could not be loaded")
    expect(demo.retry).to_be_focused()
    demo.page.unroute("**/plans/thinking.json")
    demo.retry.press("Enter")
    expect(demo.status).to_have_text("Ready")
    expect(demo.retry).to_be_hidden()
    expect(demo.start).to_be_focused()


def test_a_demo_without_its_event_table_says_that_it_could_not_start(
    page: Page, complaints: Complaints
) -> None:
    complaints.expected = ("500",)
    page.route("**/protocol.json", lambda route: route.fulfill(status=500))
    page.goto("/demo")
    expect(page.locator("[data-part=status]")).to_have_text("The player could not start")
    expect(page.locator("[data-part=advice]")).to_contain_text("500 for its event table.")
    page.unroute("**/protocol.json")
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("[data-part=status]")).to_have_text("Ready")


def test_the_whole_demo_can_be_used_with_the_keyboard_alone(demo: DemoPage) -> None:
    demo.open()
    keyboard = demo.page.keyboard

    def tab_to(name: str) -> None:
        for _ in range(30):
            keyboard.press("Tab")
            if demo.page.evaluate("document.activeElement.dataset.part ?? ''") == name:
                return
        raise AssertionError(f"Tab does not reach {name}")

    tab_to("scenario")
    keyboard.type("Thinking, then")
    expect(demo.scenario).to_have_value("thinking")
    expect(demo.status).to_have_text("Ready")
    tab_to("start")
    keyboard.press("Enter")
    demo.run(3_000)
    keyboard.press("Space")
    expect(demo.status).to_have_text("Paused")
    tab_to("step")
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("ArrowRight")
    expect(demo.page.get_by_role("radio", name="Typewriter")).to_be_checked()
    tab_to("speed")
    keyboard.press("Home")
    expect(demo.speed).to_have_value("0")
    tab_to("compare")
    keyboard.press("Space")
    expect(demo.compare).to_be_checked()
    tab_to("position")
    keyboard.press("End")
    expect(demo.status).to_have_text("Complete: end_turn")
    tab_to("answer")
    tab_to("whole-body")
    tab_to("events")
    keyboard.press("Home")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(demo.events).to_have_attribute("aria-activedescendant", "event-3")
    keyboard.press("Enter")
    expect(demo.detail.get_by_role("heading", level=2)).to_contain_text("Event 3: ping")
    keyboard.press("End")
    keyboard.press("Enter")
    expect(demo.detail.get_by_role("heading", level=2)).to_contain_text("message_stop")
    for key in ("PageUp", "PageDown", "ArrowUp"):
        keyboard.press(key)
    active = demo.events.get_attribute("aria-activedescendant")
    expect(demo.page.locator(f"#{active}")).to_be_in_viewport()
    keyboard.press("Tab")
    keyboard.press("Tab")
    assert demo.page.evaluate("document.activeElement.closest('[data-part=detail]') !== null")
