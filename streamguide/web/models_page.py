"""The page `/models`: the models side by side, with what a workload costs on each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from flask import Blueprint, Response, render_template, request

from streamguide.comparison import DAYS_A_MONTH, ORDERS, WORKLOAD, Choices, Row, compare, read
from streamguide.content import Today
from streamguide.models import Model, Models, Status
from streamguide.turns import Turns
from streamguide.web.response_cache import precompress, respond

_PATH = "/models"
_THINKING = {
    "always": "Always on",
    "on": "On by default",
    "off": "Off by default",
    "budget": "Budget only",
}
_UNPUBLISHED = "not published here"
# The amounts of a column have as many decimals as keep each of them this close to exact.
_TOLERANCE = 0.0005
_MOST_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class ColumnHeading:
    """The heading of a column, and the order that it sorts by."""

    label: str
    unit: str = ""
    sort: str | None = None
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows. Without a text, the note says why."""

    text: str
    note: str = ""


_COSTS = (
    ColumnHeading("A month", f"{DAYS_A_MONTH} days", "cost", is_number=True),
    ColumnHeading("A request", is_number=True),
    ColumnHeading("The first", "writes the cache", is_number=True),
)
_FACTS = (
    ColumnHeading("Input", "per million", "input_price", is_number=True),
    ColumnHeading("Cached", "per million", "cached_price", is_number=True),
    ColumnHeading("Output", "per million", "output_price", is_number=True),
    ColumnHeading("Context", "tokens", "context", is_number=True),
    ColumnHeading("Output", "tokens", "max_output", is_number=True),
    ColumnHeading("Thinking", sort="thinking"),
    ColumnHeading("Forced tools", sort="forced_tools"),
    ColumnHeading("Status", sort="status"),
    ColumnHeading("Released", sort="released"),
)


def blueprint(today: Today, turns: Turns) -> Blueprint:
    """The route. The page's script takes the table from the rendered page too."""
    views = Blueprint("models_page", __name__)

    @views.get(_PATH)
    def models() -> Response:
        query = {name: texts[-1] for name, texts in request.args.lists()}
        choices, problems = read(query)
        with turns.take():
            values = _values(query, choices, problems, today().models)
            html = render_template("models.html", path=_PATH, **values)
            response = respond(precompress(html, "text/html; charset=utf-8"))
        if problems and response.status_code == 200:
            response.status_code = 400
        return response

    return views


def _values(
    query: Mapping[str, str], choices: Choices, problems: Mapping[str, str], models: Models
) -> dict[str, Any]:
    """The variables of the template."""
    rows = compare(choices, models)
    # Without cached tokens the first request costs what the others do.
    shown = len(_COSTS) if choices.cached else len(_COSTS) - 1
    summary = _summary(rows, len(models.by_id))
    if WORKLOAD & problems.keys():
        shown = 0
        summary = "No dollars until the marked number is right."
    known = models.available.values()
    return {
        "address": choices.query(),
        "choices": choices,
        "texts": Choices().model_dump(exclude_none=True) | dict(query),
        "problems": problems,
        "unknown": [name for name in problems if name not in Choices.model_fields],
        "as_of": models.as_of,
        "summary": summary,
        "headings": [*_COSTS[:shown], *_FACTS],
        "rows": [
            (row.model, [*costs[:shown], *_facts(row.model)])
            for row, costs in zip(rows, _costs(rows), strict=True)
        ],
        "contexts": _sizes(choices.context, (model.context for model in known)),
        "outputs": _sizes(choices.max_output, (model.max_output for model in known)),
        "thinking": _THINKING,
        "statuses": {status: status.capitalize() for status in get_args(Status)},
        "orders": ORDERS,
    }


def _summary(rows: Sequence[Row], known: int) -> str:
    if not rows:
        return "No model is left: widen a filter."
    found = f"{len(rows)} of {known} models."
    costs = [(row.month, row) for row in rows if row.month is not None]
    if not costs:
        return found
    month, row = min(costs, key=lambda one: one[0])
    return f"{found} Lowest: {row.model.title}, {in_dollars([month])[0]} per month."


def _costs(rows: Sequence[Row]) -> Iterator[list[Cell]]:
    """The cells of `_COSTS` for each row."""
    count = len(rows)
    months = in_dollars([row.month for row in rows])
    # They are compared with each other, so they have the same decimals.
    requests = in_dollars([*(row.request for row in rows), *(row.writing for row in rows)])
    columns = (months, requests[:count], requests[count:])
    for row, month, *others in zip(rows, *columns, strict=True):
        yield [Cell(month, row.reason), *map(Cell, others)]


def _facts(model: Model) -> Iterator[Cell]:
    """The cells of `_FACTS`."""
    price = model.price
    tier = f"× {price.long_factor:g} above {tokens(price.long_input)}" if price.long_input else ""
    for amount, note in [(price.input, tier), (price.cache_read, ""), (price.output, "")]:
        (text,) = in_dollars([amount])
        yield Cell(text, note)
    yield Cell(tokens(model.context))
    yield Cell(tokens(model.max_output))
    yield Cell(_THINKING[model.thinking])
    yield Cell("Taken") if model.forced_tool_choice else Cell("Refused", "400")
    yield Cell(model.status.capitalize(), f"until {model.retires}" if model.retires else "")
    yield Cell(str(model.released)) if model.released else Cell("", _UNPUBLISHED)


def in_dollars(amounts: Sequence[float | None]) -> list[str]:
    """The amounts of a column, with as many decimals as its most exact one needs; "" for None.

    >>> in_dollars([13.5, 0.00045, None])
    ['$13.50000', '$0.00045', '']
    """
    decimals = 2
    while decimals < _MOST_DECIMALS and any(
        abs(round(amount, decimals) - amount) > _TOLERANCE * amount for amount in amounts if amount
    ):
        decimals += 1
    return ["" if amount is None else f"${amount:,.{decimals}f}" for amount in amounts]


def tokens(count: int) -> str:
    """A number of tokens, such as 1M and 64K."""
    if count % 1_000_000 == 0:
        return f"{count // 1_000_000}M"
    return f"{count // 1000}K" if count % 1000 == 0 else f"{count:,}"


def _sizes(chosen: int | None, known: Iterable[int]) -> dict[int, str]:
    """The choices for a limit: those that models have, and what an address asks for."""
    return {count: tokens(count) for count in sorted({*known, *([chosen] if chosen else ())})}
