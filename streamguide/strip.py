"""The wire strip: a stream drawn as ticks, each event at its time, by family and size.

A silence is a bar, and a cut is a cross. `static/js/stream/strip.js` has the same geometry for the
streams that a page plays; `tests/golden/strips.json` holds both to the same numbers.

>>> draw("hello/drop", scenarios, table)
'<svg class="ticks" …'
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple

from streamguide.protocol.table import DeltaType, EventType, Table
from streamguide.reading.events import event_of
from streamguide.reading.frames import FrameParser
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.simulator import faults
from streamguide.simulator.plan import Plan, stream_plan
from streamguide.simulator.recorded import named, recorded_plan

NO_RECORDINGS: Mapping[str, CorpusRecording] = MappingProxyType({})
# In the order in which they are painted: what is shorter is on top, and so remains visible.
FAMILIES = ("delta", "message", "error", "block", "ping")

# Heights and widths in pixels of the strip of a page.
_HEIGHT = 36
_HEIGHTS = {"message": 34, "block": 26, "ping": 8, "error": 36}
_SMALLEST_DELTA = 6
_DELTA_GROWTH = 28
_COLUMN = 2
# A delta of so many characters has the full height.
_FULL_SIZE = 40
_LONGEST_PAUSE_MS = 600

# The strips of lists. Their height is scaled to that of a line of text; at the right there is room
# for the cross of a stream that is cut at its end.
_WIDTH = 90
_TIME_WIDTH = 82

# An icon is seen outside of the page, in colours of its own: those of the dark theme.
ICON_COLOURS = {
    "paper": "#14161a",
    "message": "#c4a1f0",
    "block": "#8dbcf5",
    "delta": "#7fd1ae",
}


class Tick(NamedTuple):
    """An event: milliseconds since the request, its family, and the characters of its delta."""

    at: int
    family: str
    size: int


@dataclass(frozen=True, slots=True)
class Strip:
    """A stream to draw: its body ended at `end`, and the width stands for `span` milliseconds."""

    ticks: tuple[Tick, ...]
    end: int
    span: int
    is_cut: bool = False

    def columns(self, width: int) -> dict[str, list[tuple[int, int]]]:
        """By family, the columns of two pixels that have ticks: their numbers and heights.

        The deltas of a column are summed.
        """
        sums: dict[str, dict[int, int]] = {family: {} for family in FAMILIES}
        for number, tick in enumerate(self.ticks):
            column = self.column(tick.at, width, number)
            sums[tick.family][column] = sums[tick.family].get(column, 0) + tick.size
        return {
            family: [(column, _height(family, size)) for column, size in sorted(found.items())]
            for family, found in sums.items()
        }

    def silences(self, width: int) -> list[tuple[int, int, int]]:
        """The pauses of more than 0.6 s, from the right side of a tick to the left side of the next
        one: from where to where in pixels, and how many milliseconds."""
        times = [0, *(tick.at for tick in self.ticks), self.end]
        found = []
        for start, stop in pairwise(times):
            if stop - start > _LONGEST_PAUSE_MS:
                left = _COLUMN * (self.column(start, width) + 1) if start else 0
                right = _COLUMN * self.column(stop, width)
                found.append((left, right, stop - start))
        return found

    def column(self, at: int, width: int, number: int = 0) -> int:
        """The column of a time. Without times, events are at equal distances, by their number."""
        count = width // _COLUMN
        place, length = (at, self.span) if self.span else (number, max(1, len(self.ticks) - 1))
        return min(count - 1, place * count // length)


def strip_at(
    path: str,
    scenarios: Mapping[str, Scenario],
    table: Table,
    recordings: Mapping[str, CorpusRecording] = NO_RECORDINGS,
) -> Strip:
    """The strip of a scenario or of `corpus:NAME`, and perhaps of faults in it: `hello/drop;at=9`.

    What is no stream of events is one tick. With faults, the width still stands for the whole
    scenario, so that a cut leaves the rest empty. Raises KeyError for an unknown name, and
    FaultError.
    """
    name, _, fault = path.partition("/")
    chosen = faults.read(fault) if fault else ()
    recording = named(name, recordings)
    if recording is not None:
        whole = recorded_plan(recording, table=table)
        plan = recorded_plan(recording, chosen, table=table)
    else:
        answer = make_answer(scenarios[name])
        whole = stream_plan(answer)
        plan = faults.apply_all(whole, chosen, answer, table)
    span = whole.frames[-1].at if whole.frames else 0
    end = plan.frames[-1].at if plan.frames else 0
    ticks = tuple(_ticks(plan, table))
    if not plan.streamed and not (plan.is_cut and not plan.frames):
        ticks = (Tick(end, "error" if plan.status >= 400 else "ping", 0),)
    return Strip(ticks, end, max(end, span), plan.is_cut)


def draw(
    path: str,
    scenarios: Mapping[str, Scenario],
    table: Table,
    recordings: Mapping[str, CorpusRecording] = NO_RECORDINGS,
) -> str:
    """The same as SVG for a list. Raises KeyError and FaultError."""
    return _svg(strip_at(path, scenarios, table, recordings))


def mark(scenarios: Mapping[str, Scenario], table: Table) -> str:
    """The site's mark, as SVG for its header."""
    paths = "".join(
        f'<path class="family-{family}" d="M{4 * number + 1} {_HEIGHT}v-{height}"/>'
        for number, (family, height) in enumerate(_emblem(scenarios, table))
    )
    return (
        f'<svg class="ticks" viewBox="0 0 26 {_HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true">{paths}</svg>'
    )


def icon(scenarios: Mapping[str, Scenario], table: Table) -> str:
    """The site's icon, as a file of SVG."""
    paths = "".join(
        f'<path d="M{4 * number + 4} 26v-{height * 20 // _HEIGHT}" stroke="{ICON_COLOURS[family]}"/>'
        for number, (family, height) in enumerate(_emblem(scenarios, table))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{ICON_COLOURS["paper"]}"/>'
        f'<g stroke-width="2">{paths}</g></svg>'
    )


def _emblem(scenarios: Mapping[str, Scenario], table: Table) -> list[tuple[str, int]]:
    """The families and heights of seven ticks of `hello`: how it begins, and its last event."""
    ticks = strip_at("hello", scenarios, table).ticks
    first = [tick for tick in ticks if tick.family != "ping"][:6]
    return [(tick.family, _height(tick.family, tick.size)) for tick in (*first, ticks[-1])]


def _ticks(plan: Plan, table: Table) -> Iterator[Tick]:
    parser = FrameParser()
    for sent in plan.frames if plan.streamed else ():
        for frame in parser.feed(sent.data):
            if frame.data is not None:
                # A fault may have left only the name, or nothing.
                yield _tick(sent.at, event_of(frame) or {"type": frame.name}, table)


def _tick(at: int, event: Mapping[str, Any], table: Table) -> Tick:
    family, size = "ping", 0
    for entry in table.explain(event):
        if isinstance(entry, EventType):
            family = entry.family
        elif isinstance(entry, DeltaType):
            payload = event["delta"].get(entry.payload)
            size = min(len(payload), _FULL_SIZE) if isinstance(payload, str) else 0
    return Tick(at, family, size)


def _height(family: str, size: int) -> int:
    if family == "delta":
        return _SMALLEST_DELTA + _DELTA_GROWTH * min(size, _FULL_SIZE) // _FULL_SIZE
    return _HEIGHTS[family]


def _svg(strip: Strip) -> str:
    silences = strip.silences(_TIME_WIDTH)
    paths = [("silence", "".join(f"M{left} 33H{right}" for left, right, _ in silences))]
    paths += [
        (f"family-{family}", _bars(columns))
        for family, columns in strip.columns(_TIME_WIDTH).items()
    ]
    if strip.is_cut:
        # Twice as high as wide, since the height is scaled to half.
        left = _COLUMN * (strip.column(strip.end, _TIME_WIDTH) + 1) + 1
        paths.append(("cut family-error", f"M{left} 11l6 14m0-14l-6 14"))
    drawn = "".join(f'<path class="{name}" d="{path}"/>' for name, path in paths if path)
    return (
        f'<svg class="ticks" viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true">{drawn}</svg>'
    )


def _bars(columns: Iterable[tuple[int, int]]) -> str:
    return "".join(f"M{_COLUMN * column + 1} {_HEIGHT}v-{height}" for column, height in columns)
