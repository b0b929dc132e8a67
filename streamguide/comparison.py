"""The models side by side: what a workload costs on each, filtered and sorted.

>>> choices, problems = read({"input": "2000", "output": "500", "sort": "context"})
>>> compare(choices, models)[0].request
0.036
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from streamguide.models import Model, Models, Status, ThinkingMode

DAYS_A_MONTH = 30
_WORDS = {"extra_forbidden": "There is no such parameter", "bool_parsing": "It takes 1 or 0"}
# The parameters without which there are no dollars.
WORKLOAD = frozenset({"input", "cached", "output", "requests", "batch"})


def _whole_number(low: int, high: int) -> BeforeValidator:
    def read(text: object) -> int:
        # As people write them, and of any length: int() takes only a few thousand digits.
        digits = str(text).replace(",", "")
        is_whole = digits.isascii() and digits.isdigit()
        if not is_whole or not low <= float(digits) <= high:
            words = f"It takes a whole number from {low:,} to {high:,}"
            raise PydanticCustomError("whole_number", words)
        return int(float(digits))

    return BeforeValidator(read)


def _part_of_input(cached: int, info: ValidationInfo) -> int:
    # An input with a problem of its own is not among the data.
    if cached > info.data.get("input", cached):
        words = f"The cached part is at most the input, {info.data['input']:,}"
        raise PydanticCustomError("part_of_input", words)
    return cached


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("date", "It takes a date such as 2026-09-22") from None


Sort = Literal[
    "cost",
    "input_price",
    "cached_price",
    "output_price",
    "context",
    "max_output",
    "thinking",
    "forced_tools",
    "status",
    "released",
]


class Choices(BaseModel):
    """What an address asks for: a workload, filters, and an order.

    `input`, `cached` and `output` are tokens of one request, of which `cached` are read from the
    cache; `requests` are those of a day. `budget` is in dollars a month. A filter that is None
    keeps every model, but a retired one is only kept where `status` asks for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Annotated[int, _whole_number(1, 10_000_000)] = 2_000
    cached: Annotated[int, _whole_number(0, 10_000_000), AfterValidator(_part_of_input)] = 0
    output: Annotated[int, _whole_number(0, 1_000_000)] = 500
    requests: Annotated[int, _whole_number(1, 100_000_000)] = 1_000
    batch: bool = False
    budget: Annotated[int, _whole_number(1, 1_000_000_000)] | None = None
    context: Annotated[int, _whole_number(0, 10_000_000)] | None = None
    max_output: Annotated[int, _whole_number(0, 10_000_000)] | None = None
    thinking: ThinkingMode | None = None
    forced_tools: Literal["yes", "no"] | None = None
    status: Status | None = None
    since: Annotated[date, BeforeValidator(_date)] | None = None
    sort: Sort = "cost"
    reverse: bool = False

    def query(self, **changes: object) -> str:
        """The query with the parameters that differ from their defaults, after some changes."""
        changed = self.model_copy(update=changes)
        values = changed.model_dump(mode="json", exclude_defaults=True)
        return urlencode({name: 1 if value is True else value for name, value in values.items()})


def read(query: Mapping[str, str]) -> tuple[Choices, dict[str, str]]:
    """The choices in a query, and by parameter a sentence about each that cannot be used.

    Those have their defaults. If one of the workload is among them, the whole workload has, and so
    has the budget. An empty filter is none.
    """
    given = {name: text for name, text in query.items() if text or name in WORKLOAD}
    try:
        return Choices.model_validate(given), {}
    except ValidationError as error:
        problems = {str(one["loc"][0]): _words(one["type"], one["msg"]) for one in error.errors()}
    unusable = problems.keys() | (WORKLOAD | {"budget"} if WORKLOAD & problems.keys() else set())
    usable = {name: text for name, text in given.items() if name not in unusable}
    return Choices.model_validate(usable), problems


def _words(kind: str, message: str) -> str:
    return f"{_WORDS.get(kind, message).replace('Input should be', 'It takes')}."


@dataclass(frozen=True, slots=True)
class Row:
    """A model, and US dollars for a request, for one that writes its cached part into the cache
    first, and for a month.

    Where there are none, `reason` says why.
    """

    model: Model
    request: float | None = None
    writing: float | None = None
    month: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """How a column sorts: `value` is None for rows that come last in any case."""

    label: str
    value: Callable[[Row], Any]
    is_descending: bool = False


_THINKING = get_args(ThinkingMode)
_STATUSES = get_args(Status)

ORDERS: Mapping[Sort, Order] = {
    "cost": Order("What it costs, lowest first", lambda row: row.month),
    "input_price": Order("Price of input, lowest first", lambda row: row.model.price.input),
    "cached_price": Order(
        "Price of cached input, lowest first", lambda row: row.model.price.cache_read
    ),
    "output_price": Order("Price of output, lowest first", lambda row: row.model.price.output),
    "context": Order("Context, largest first", lambda row: row.model.context, True),
    "max_output": Order("Longest output, largest first", lambda row: row.model.max_output, True),
    "thinking": Order("Thinking", lambda row: _THINKING.index(row.model.thinking)),
    "forced_tools": Order(
        "Forced tools, taken first", lambda row: row.model.forced_tool_choice, True
    ),
    "status": Order("Status, current first", lambda row: _STATUSES.index(row.model.status)),
    "released": Order("Release, newest first", lambda row: row.model.released, True),
}


def compare(choices: Choices, models: Models) -> list[Row]:
    """The models that pass the filters, in the order of the choices."""
    rows = [_row(model, choices) for model in models.by_id.values()]
    rows = [row for row in rows if _is_wanted(row, choices)]
    order = ORDERS[choices.sort]
    known = [row for row in rows if order.value(row) is not None]
    known.sort(key=order.value, reverse=order.is_descending != choices.reverse)
    return known + [row for row in rows if order.value(row) is None]


def _row(model: Model, choices: Choices) -> Row:
    factor = model.price.batch_factor if choices.batch else 1
    if model.status == "retired":
        return Row(model, reason="retired")
    if choices.output > model.max_output:
        return Row(model, reason="longer than its output")
    if choices.input + choices.output > model.context:
        return Row(model, reason="larger than its context")
    if factor is None:
        return Row(model, reason="not published here")
    rest, cached, output = choices.input - choices.cached, choices.cached, choices.output
    request = factor * model.price.of(input=rest, cache_read=cached, output=output)
    writing = factor * model.price.of(input=rest, cache_write_5m=cached, output=output)
    return Row(model, request, writing, request * choices.requests * DAYS_A_MONTH)


def _is_wanted(row: Row, choices: Choices) -> bool:
    model = row.model
    is_forced = "yes" if model.forced_tool_choice else "no"
    return all(
        (
            model.status == choices.status or (not choices.status and model.status != "retired"),
            choices.thinking in (None, model.thinking),
            choices.forced_tools in (None, is_forced),
            model.context >= (choices.context or 0),
            model.max_output >= (choices.max_output or 0),
            not choices.since or (model.released and model.released >= choices.since),
            not choices.budget or (row.month is not None and row.month <= choices.budget),
        )
    )
