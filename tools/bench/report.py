"""Tables of figures, and the parts of README.md that a run writes again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest


class NoPlace(ValueError):
    """The text has no marks for a part's tables. The message names the mark."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a part: cells are text, ready to print."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def number(value: float) -> str:
    """The value with as many digits as are worth reading: three, or all of an integer part."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def ratio(ours: float, peer: float) -> str:
    """How many times the peer's figure ours is; a dash where the peer's is zero."""
    return "–" if peer == 0 else f"{number(ours / peer)}×"


def row(name: str, values: Sequence[float | None], *, with_ratios: bool = True) -> tuple[str, ...]:
    """Our figure, the peers', and ours divided by each; a dash for what a peer does not have."""
    ours, *peers = values
    assert ours is not None
    shown = ("–" if value is None else number(value) for value in values)
    ratios = ("–" if peer is None or not with_ratios else ratio(ours, peer) for peer in peers)
    return (name, *shown, *ratios)


def headings(names: Iterable[str], first: str = "") -> tuple[str, ...]:
    """Those of such rows, of which the first name is ours."""
    ours, *peers = names
    return (first, ours, *peers, *(f"{ours} ÷ {peer}" for peer in peers))


def markdown(table: Table) -> str:
    """The table under its title, with columns that line up as plain text, too."""
    lines = [table.headings, *table.rows]
    widths = [max(map(len, column)) for column in zip_longest(*lines, fillvalue="")]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    body = [_line(table.headings, widths), _line(rule, widths)]
    body += [_line(row, widths) for row in table.rows]
    return "\n".join([f"**{table.title}**", "", *body])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line: the first column starts at the left, figures end at the right."""
    first, *others = zip(cells, widths, strict=False)
    padded = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(padded)} |"


def section(tables: Iterable[Table], day: date, machine: str) -> str:
    """The text between a part's marks: the date, the machine, and the tables."""
    return "\n\n".join([f"Run of {day.isoformat()} on {machine}.", *map(markdown, tables)])


def rewritten(text: str, part: str, content: str) -> str:
    """The text with new content between the marks of a part. Raises NoPlace."""
    begin, end = f"<!-- {part}: written by the run -->", f"<!-- {part}: end -->"
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise NoPlace(f"the text lacks {begin} … {end}")
    return f"{before}{begin}\n\n{content}\n\n{end}{after}"
