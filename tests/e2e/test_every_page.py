"""What holds on every page, and in every state of the demo: accessible, steady, never too wide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from streamguide.content import load_content
from tests.e2e.conftest import Complaints
from tests.e2e.demo_page import DemoPage

# The event reference is one of the states below.
GUIDE = [page.path for page in load_content().pages.values() if page.slug != "events"]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def violations(page: Page, theme: str = "light") -> list[str]:
    """What axe finds, with the elements concerned. In the dark, and in the forced colours that are
    tried after it, only colours differ."""
    # Evaluated, since the page's own policy rightly refuses a script tag from us.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    # axe waits by timers, which stand still in a demo whose clock is the test's.
    page.clock.resume()
    found = _found(page, theme)
    if theme != "light":
        page.emulate_media(forced_colors="active")
        found += [f"in forced colours: {one}" for one in _found(page, theme)]
        page.emulate_media(forced_colors="none")
    return found


def _found(page: Page, theme: str) -> list[str]:
    # Every violation is listed, and of what passed one example a rule: in a third of the time.
    # The size of targets is a rule of WCAG 2.2, which axe applies only when asked to.
    options: dict[str, Any] = {
        "resultTypes": ["violations"],
        "rules": {"target-size": {"enabled": True}},
    }
    if theme != "light":
        options["runOnly"] = ["color-contrast"]
    result: dict[str, Any] = page.evaluate("(options) => axe.run(options)", options)
    return [
        f"{found['id']}: {node['html'][:120]}"
        for found in result["violations"]
        for node in found["nodes"]
        # What the header half covers can be scrolled out from under it.
        if not (found["id"] == "target-size" and "obscured" in node["failureSummary"])
    ]


def ready(demo: DemoPage) -> None:
    demo.open()


def running(demo: DemoPage) -> None:
    demo.open("?scenario=thinking")
    demo.start.click()
    demo.run(2_000)


def paused(demo: DemoPage) -> None:
    demo.open("?scenario=two-tools&event=20&compare=1")


def finished(demo: DemoPage) -> None:
    demo.open("?scenario=citations&speed=0&compare=1")
    demo.start.click()
    demo.run_to_end()
    demo.events.press("End")
    demo.events.press("Enter")


def stopped_early(demo: DemoPage) -> None:
    demo.open("?scenario=overloaded&event=17")


def faulty(demo: DemoPage) -> None:
    demo.open("?fault=status&speed=0")
    demo.start.click()
    demo.run_to_end()


def failed(demo: DemoPage) -> None:
    demo.page.route("**/plans/hello.json", lambda route: route.fulfill(status=503))
    demo.open()


def home(demo: DemoPage) -> None:
    demo.open(path="/")
    demo.run(2_000)


def changing_the_pace(demo: DemoPage) -> None:
    demo.open()
    if (pace := demo.page.get_by_role("button", name="Pace")).is_visible():
        pace.click()
    expect(demo.speed).to_be_visible()


def events(demo: DemoPage) -> None:
    demo.page.goto("/guide/events")


def searched_in_vain(demo: DemoPage) -> None:
    demo.page.goto("/guide/curl")
    demo.page.get_by_role("combobox", name="Search").fill("xyzzy")
    expect(demo.page.get_by_text("Nothing found")).to_be_visible()


def not_found(demo: DemoPage) -> None:
    demo.page.goto("/no/such/page")


STATES = [
    *(ready, running, paused, finished, stopped_early, faulty, failed, changing_the_pace),
    *(home, events, searched_in_vain, not_found),
]
each_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
State = Callable[[DemoPage], None]


@pytest.fixture
def demo(page: Page, complaints: Complaints) -> DemoPage:
    complaints.expected = ("status of 404", "status of 503")
    return DemoPage(page)


# Both themes at each width would show no more.
@each_state
@pytest.mark.parametrize(("width", "theme"), [(360, "light"), (1440, "dark")])
def test_every_state_is_accessible_and_fits(
    demo: DemoPage, state: State, width: int, theme: Any
) -> None:
    demo.page.set_viewport_size({"width": width, "height": 800})
    demo.page.emulate_media(color_scheme=theme)
    state(demo)
    assert violations(demo.page, theme) == []
    assert demo.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", GUIDE)
def test_every_page_of_the_guide_is_accessible_and_fits_a_phone(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(path)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


# In the dark only colours differ, and these have all that there are: figures, tables, code in
# every language, samples, faults.
@pytest.mark.parametrize("slug", ["streaming", "errors", "models", "javascript", "faults", "live"])
def test_the_guide_is_legible_in_the_dark(page: Page, slug: str) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/guide/{slug}")
    assert violations(page, "dark") == []


# The lowest edge of what sticks to the top of the window.
BOTTOM = """
Math.max(...[...document.querySelectorAll(".site-header, [data-part=bar]")]
  .map((one) => one.getBoundingClientRect())
  .filter(({ top }) => top < innerHeight / 2)
  .map(({ bottom }) => bottom))
"""


@pytest.mark.parametrize("width", [360, 700, 768, 1440])
@pytest.mark.parametrize("path", ["/generator#survival", "/guide/events#deltas"])
def test_a_jump_ends_just_below_the_header(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    top = "document.querySelector(location.hash).getBoundingClientRect().top"
    page.wait_for_function(f"{top} < 200")
    assert 4 <= page.evaluate(f"{top} - {BOTTOM}") <= 40


EDGES = """
[".site-name", "main h1", ".site-footer p"].map((selector) => {
  return document.querySelector(selector).getBoundingClientRect().left;
})
"""


@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1440, 1920])
def test_header_content_and_footer_share_one_edge_and_nothing_leaves_the_window(
    page: Page, complaints: Complaints, width: int
) -> None:
    complaints.expected = ("status of 404",)
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/", "/guide", "/no/such/page"):
        page.goto(path)
        left, *others = page.evaluate(EDGES)
        assert others == pytest.approx([left, left], abs=0.5)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for link in page.get_by_role("navigation", name="Site").get_by_role("link").all():
            expect(link).to_be_in_viewport(ratio=1)


def test_in_a_short_window_the_header_gives_way_to_the_text(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto("/guide/errors#timeouts")
    expect(page.get_by_role("heading", name="Timeouts", level=2)).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="Site")).not_to_be_in_viewport()


def test_in_forced_colours_the_current_page_and_the_chosen_row_are_told_apart(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/live")
    lines = "(all) => all.map((one) => getComputedStyle(one).textDecorationLine)"
    links = page.get_by_role("navigation", name="Site").get_by_role("link")
    assert links.evaluate_all(lines) == ["none", "underline", *["none"] * 4]
    page.get_by_role("combobox", name="Search").fill("timeout")
    page.keyboard.press("ArrowDown")
    chosen = page.get_by_role("option", selected=True)
    assert chosen.evaluate("(one) => getComputedStyle(one).outlineStyle") == "solid"


def test_axe_would_find_something(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.querySelector('h1').insertAdjacentHTML('afterend', '<img>')")
    assert any(found.startswith("image-alt") for found in violations(page))


def test_axe_would_find_pale_text_in_the_dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    page.evaluate("document.documentElement.style.setProperty('--ink', '#444')")
    assert any(found.startswith("color-contrast") for found in violations(page, "dark"))


SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    shifts.push(`${entry.value} ${entry.sources.map((s) => s.node?.className ?? s.node).join()}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


# 412 is a larger phone, whose buttons have room to grow with their labels.
@pytest.mark.parametrize("width", [360, 412, 768, 1440])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/demo?scenario=thinking",
        "/demo?fault=drop%3Bat%3D9",
        "/demo?scenario=two-tools&event=20&compare=1",
        "/guide/events",
    ],
)
def test_nothing_jumps_while_a_page_loads_and_plays(page: Page, path: str, width: int) -> None:
    # So high that what stands below the stage is seen, too.
    page.set_viewport_size({"width": width, "height": 1600})
    page.add_init_script(SHIFTS)
    page.goto(path)
    # Real frames: a shift is only measured when the page is painted.
    demo = DemoPage(page)
    if "event=" in path:
        expect(demo.detail).to_be_visible()
    elif path != "/guide/events":
        if path != "/":
            demo.start.click()
        demo.set_speed(0)
        expect(demo.again).to_be_visible()
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("shifts") == []


@pytest.mark.parametrize(
    ("path", "kilobytes"),
    [
        ("/", 60),
        ("/demo?scenario=two-tools&event=20&compare=1", 75),
        ("/simulator?fault=status", 85),
        ("/generator?recovery=resume&tool=1&breaker=1&usage=1&save=1&events=all&count=1", 75),
        ("/models?input=10000&output=1000", 75),
        ("/inspect#corpus=spliced", 90),
        ("/live", 75),
        # The longest two of the guide.
        ("/guide/events", 75),
        ("/guide/errors", 75),
    ],
)
def test_a_first_visit_takes_few_kilobytes(page: Page, path: str, kilobytes: int) -> None:
    """Whatever the browser loads until it asks for nothing more, compressed as it is sent."""
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))
    page.goto(path, wait_until="networkidle")
    assert len(loaded) > 8
    total = sum(request.sizes()["responseBodySize"] for request in loaded)
    assert 10_000 < total <= kilobytes * 1000


# Left, top, right, bottom of each part of the header.
PLACES = """
[...document.querySelector(".site-header").children].flatMap((part) => {
  const { left, top, right, bottom } = part.getBoundingClientRect();
  return [left, top, right, bottom];
})
"""


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_a_header_that_has_come_in_part_stands_where_it_will_stay(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/guide/events")
    places = page.evaluate(PLACES)
    while len(places) > 4:
        places = places[:-4]
        page.evaluate("document.querySelector('.site-header').lastElementChild.remove()")
        # Layout counts in 64ths of a pixel.
        assert page.evaluate(PLACES) == pytest.approx(places, abs=0.1)
