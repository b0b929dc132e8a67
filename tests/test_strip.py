"""The wire strip: what is drawn of a stream, and of what happens to it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from streamguide.content import load_content
from streamguide.simulator.faults import FAULTS, FaultError
from streamguide.strip import ICON_COLOURS, Strip, Tick, draw, icon, mark, strip_at
from tools.goldens import STRIPS, golden_strips
from tools.process import ROOT

SITE = load_content()
SVG = "{http://www.w3.org/2000/svg}"


def strip(path: str) -> Strip:
    return strip_at(path, SITE.scenarios, SITE.table)


def drawn(path: str) -> dict[str, str]:
    """The paths of a strip by their class."""
    root = ElementTree.fromstring(draw(path, SITE.scenarios, SITE.table))
    assert root.get("aria-hidden") == "true"
    return {one.get("class", ""): one.get("d", "") for one in root}


def families(path: str) -> list[str]:
    return [tick.family for tick in strip(path).ticks]


def test_the_geometry_is_the_golden_one_to_which_the_page_is_held() -> None:
    assert STRIPS.read_text("utf-8") == golden_strips(SITE), "run make goldens, read git diff"


def test_each_event_is_a_tick_at_its_time() -> None:
    found = strip("hello")
    assert len(found.ticks) == 28
    assert found.ticks[:4] == (
        Tick(380, "message", 0),
        Tick(384, "block", 0),
        Tick(388, "ping", 0),
        Tick(508, "delta", len("Hello! You are reading")),
    )
    assert (found.end, found.is_cut) == (3322, False)


def test_a_cut_is_a_cross_where_the_stream_ends() -> None:
    assert "cut family-error" not in drawn("hello")
    cut = strip("hello/drop;at=9")
    assert (len(cut.ticks), cut.is_cut, cut.span) == (8, True, 3322)
    early, late = (drawn(f"hello/drop;at={number}")["cut family-error"] for number in (3, 20))
    assert int(early[1:].split()[0]) < int(late[1:].split()[0])


def test_a_long_silence_is_a_bar() -> None:
    assert "silence" not in drawn("hello")
    assert [ms for _, _, ms in strip("thinking-omitted").silences(82)] == [760, 8204]
    assert drawn("hello/slow-headers")["silence"].startswith("M0 33H")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("hello/status", ["error"]),
        ("hello/not-sse", ["ping"]),
        ("hello/no-response", []),
        ("hello/empty-body", []),
        ("hello/error-event;at=3", ["message", "block", "error"]),
        ("hello/no-start+drop;at=3", ["block", "ping"]),
    ],
)
def test_what_comes_in_place_of_events_is_shown(path: str, shown: list[str]) -> None:
    assert families(path) == shown


@pytest.mark.parametrize("fault", ["drip", "crlf", "crlf;how=cr", "bom", "unnamed"])
def test_events_are_told_from_bytes_in_any_form(fault: str) -> None:
    def without_times(path: str) -> list[tuple[str, int]]:
        return [(tick.family, tick.size) for tick in strip(path).ticks]

    assert without_times(f"hello/{fault}") == without_times("hello")


def test_an_event_without_its_blank_line_never_happened() -> None:
    assert families("hello/no-final-blank-line") == families("hello")[:-1]


def test_what_cannot_be_read_is_drawn_by_the_name_that_is_left() -> None:
    assert strip("hello/garble;at=4").ticks[3] == Tick(508, "delta", 0)
    assert families("hello/garble;at=4+unnamed")[3] == "ping"
    assert families("hello/done-marker")[-1] == "ping"


def test_every_scenario_and_every_fault_can_be_drawn_in_its_box() -> None:
    for path in [*SITE.scenarios, *(f"hello/{fault}" for fault in FAULTS)]:
        for name, line in drawn(path).items():
            found = re.findall(r"M(\d+) (\d+)", line)
            assert found, f"{path}: {name}"
            assert all(int(x) < 90 and int(y) <= 36 for x, y in found), f"{path}: {name}"


def test_unknown_scenarios_and_faults_are_refused() -> None:
    with pytest.raises(KeyError):
        strip("nothing")
    with pytest.raises(FaultError):
        strip("hello/nothing")


def test_mark_and_icon_are_the_same_seven_ticks_of_the_first_scenario() -> None:
    root = ElementTree.fromstring(mark(SITE.scenarios, SITE.table))
    shown = [one.get("class", "").removeprefix("family-") for one in root]
    assert shown == ["message", "block", "delta", "delta", "delta", "delta", "message"]
    image = ElementTree.fromstring(icon(SITE.scenarios, SITE.table))
    colours = [one.get("stroke") for one in image.iter(f"{SVG}path")]
    assert colours == [ICON_COLOURS[family] for family in shown]


def test_the_icon_has_the_colours_of_the_dark_theme() -> None:
    css = (ROOT / "static" / "css" / "base.css").read_text("utf-8")
    dark = dict(re.findall(r"--(\w+): light-dark\(#\w+, (#\w+)\)", css))
    assert {name: dark[name] for name in ICON_COLOURS} == ICON_COLOURS


def test_a_recording_is_drawn_like_a_scenario() -> None:
    def families_of(name: str) -> list[str]:
        found = strip_at(f"corpus:{name}", SITE.scenarios, SITE.table, SITE.recordings)
        return [tick.family for tick in found.ticks]

    plain = ["message", "block", "delta", "delta", "block", "message", "message"]
    for name in ("plain", "comments", "line-ends-cr", "crlf-divided", "one-byte-at-a-time"):
        assert families_of(name) == plain, name
    assert families_of("error-first") == ["error"]
    assert (families_of("html-520"), families_of("empty-520")) == (["error"], ["error"])
    assert families_of("json-200") == ["ping"]
