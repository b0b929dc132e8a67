"""The wire strip: it shows a stream's time, and is the slider of its position."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from streamguide.content import load_content
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.script import script
from tests.e2e.conftest import Complaints
from tests.e2e.demo_page import DemoPage
from tests.e2e.simulator_page import SimulatorPage
from tests.e2e.test_demo import place

LIBRARY = load_content()
# How many ticks the strip has.
TICKS = """[...document.querySelectorAll("[data-part=strip] path[class^=family-]")]
    .reduce((count, path) => count + (path.getAttribute("d") ?? "").split("M").length - 1, 0)"""


def cross(page: Page) -> str:
    """The path of the cross at a cut; "" without one."""
    return page.locator("[data-part=strip] path.cut").get_attribute("d") or ""


def test_the_strip_is_the_slider_event_by_event_block_by_block_and_by_place(page: Page) -> None:
    scenario = LIBRARY.scenarios["two-tools"]
    events = script(make_answer(scenario))
    starts = [n for n, one in enumerate(events, 1) if one.event["type"] == "content_block_start"]
    demo = DemoPage(page)
    demo.open("?scenario=two-tools")

    def is_at(count: int) -> None:
        expect(demo.position).to_have_attribute("aria-valuetext", place(scenario, count))

    is_at(0)
    demo.position.focus()
    for key, count in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("PageUp", starts[0]),
        ("PageUp", starts[1]),
        ("ArrowRight", starts[1] + 1),
        ("PageDown", starts[1]),
        ("PageDown", starts[0]),
        ("End", len(events)),
        ("Home", 0),
    ]:
        page.keyboard.press(key)
        is_at(count)

    box = page.locator("[data-part=strip]").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 1, box["y"] + 20)
    page.mouse.down()
    is_at(0)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    # The cross's place at the right is no time.
    half = (box["width"] / 2) / (box["width"] - 12) * events[-1].at
    middle = sum(one.at < half for one in events)
    expect(demo.position).not_to_have_value("0")
    assert abs(int(demo.position.input_value()) - middle) <= 1
    page.mouse.move(box["x"] + box["width"] + 50, box["y"] + 20)
    page.mouse.up()
    is_at(len(events))
    expect(demo.position).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_long_silence_says_how_long_it_is(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    demo = DemoPage(page)
    demo.open("?scenario=thinking-omitted&mode=sent&speed=30")
    strip = page.locator("[data-part=strip]")
    # The first one, of 0.8 s, is too narrow for its label.
    expect(strip.locator(".strip-silence")).to_have_text(["8.2 s silence"])
    covered = strip.locator(".strip-cover")
    before = float(covered.get_attribute("width") or 0)
    demo.start.click()
    demo.run(5_000)
    # The silence passes although no event does.
    after = float(covered.get_attribute("width") or 0)
    assert demo.position.input_value() == "3"
    assert after < before * 0.6
    demo.run_to_end()
    assert covered.get_attribute("width") == "0"


def test_a_cut_is_a_cross_on_the_strip(page: Page) -> None:
    demo = DemoPage(page)
    demo.open("?scenario=hello&fault=drop")
    assert cross(page) != ""
    demo.fault.select_option("")
    expect(demo.position).to_have_attribute("max", "28")
    assert cross(page) == ""


def test_the_strip_grows_while_a_stream_arrives(page: Page, complaints: Complaints) -> None:
    complaints.expected = ("ERR_INCOMPLETE_CHUNKED_ENCODING",)
    simulator = SimulatorPage(page)
    simulator.open("drop;at=24")
    simulator.run.click()
    expect(page.get_by_text(re.compile(r"^([3-9]|1\d) events so far"))).to_be_visible()
    few = page.evaluate(TICKS)
    expect(simulator.position).to_be_disabled()
    assert cross(page) == ""
    # The scale, which is a second at first, doubles when it is full.
    marks = page.locator(".strip-labels")
    expect(marks).to_contain_text(re.compile(r"(1\.5|[2-9]) s"))
    expect(simulator.again).to_be_visible()
    assert page.evaluate(TICKS) > few
    assert cross(page) != ""
    # A busy browser may lose the last of the 23: it had not read them when the connection broke.
    last = simulator.position.get_attribute("max") or ""
    assert int(last) > few
    expect(simulator.position).to_have_value(last)
    simulator.position.fill("4")
    expect(simulator.position).to_have_attribute(
        "aria-valuetext", re.compile(rf"^event 4 of {last}, \d\.\d\d s$")
    )


def test_a_refusal_is_one_tick_and_no_position(page: Page, complaints: Complaints) -> None:
    complaints.expected = ("status of 529",)
    simulator = SimulatorPage(page)
    simulator.open("status")
    simulator.run_to_end()
    assert page.evaluate(TICKS) == 1
    expect(simulator.position).to_be_disabled()
