"""What a workload costs on each model: dollars counted by hand, filters, orders, addresses."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.comparison import ORDERS, Choices, Row, Sort, compare, read
from streamguide.files import CONTENT
from streamguide.models import load
from tests.dates import DAY_AFTER, END, ENDING, with_an_end

MODELS = with_an_end(load(CONTENT / "models.toml"))


def rows(day: date, query: dict[str, str]) -> list[Row]:
    choices, problems = read(query)
    assert problems == {}
    return compare(choices, MODELS.on(day))


def row(id_: str, **query: str) -> Row:
    return next(one for one in rows(END, query) if one.model.id == id_)


def ids(**query: str) -> list[str]:
    return [one.model.id for one in rows(END, query)]


@pytest.mark.parametrize(
    ("id_", "query", "request_", "month"),
    [
        # 2,000 × 4 + 500 × 20 = 18,000 millionths; 1,000 requests on 30 days.
        ("claude-opus-5-5", {}, 0.018, 540),
        # 2,000 × 2 + 8,000 × 0.10 + 1,000 × 10 = 14,800; 50 requests.
        (
            "claude-sonnet-5-5",
            {"input": "10000", "cached": "8000", "output": "1000", "requests": "50"},
            0.0148,
            22.2,
        ),
        # Half of it in a batch.
        (
            "claude-sonnet-5-5",
            {
                "input": "10,000",
                "cached": "8,000",
                "output": "1,000",
                "requests": "50",
                "batch": "1",
            },
            0.0074,
            11.1,
        ),
        # 100,000 × 0.10 + 1,000 × 0.50 = 10,500, and one token more makes all of it 5 times as dear.
        ("claude-haiku-5-5", {"input": "100000", "output": "1000", "requests": "1"}, 0.0105, 0.315),
        (
            "claude-haiku-5-5",
            {"input": "100001", "output": "1000", "requests": "1"},
            0.0525005,
            1.575015,
        ),
        # 900,000 × 8 + 100,000 × 40 = 11,200,000.
        ("claude-fable-5-2", {"input": "900000", "output": "100000", "requests": "2"}, 11.2, 672),
    ],
)
def test_the_dollars_are_those_counted_by_hand(
    id_: str, query: dict[str, str], request_: float, month: float
) -> None:
    found = row(id_, **query)
    assert found.request == pytest.approx(request_, rel=1e-12)
    assert found.month == pytest.approx(month, rel=1e-12)


def test_the_request_that_writes_the_cache_is_dearer() -> None:
    # 2,000 × 2 + 8,000 × 2.50 + 1,000 × 10 = 34,000 millionths, and half of it in a batch.
    query = {"input": "10000", "cached": "8000", "output": "1000"}
    assert row("claude-sonnet-5-5", **query).writing == pytest.approx(0.034, rel=1e-12)
    assert row("claude-sonnet-5-5", batch="1", **query).writing == pytest.approx(0.017, rel=1e-12)


@pytest.mark.parametrize(
    ("id_", "query", "reason"),
    [
        ("claude-haiku-4-5", {"input": "190000", "output": "10001"}, "larger than its context"),
        ("claude-haiku-4-5", {"input": "1", "output": "64001"}, "longer than its output"),
        ("claude-mythos-5-2", {"batch": "1"}, "not published here"),
    ],
)
def test_what_a_model_cannot_answer_or_nobody_published_has_no_dollars(
    id_: str, query: dict[str, str], reason: str
) -> None:
    found = row(id_, **query)
    assert (found.request, found.writing, found.month) == (None, None, None)
    assert found.reason == reason
    fits = {"input": "190000", "output": "10000"} if id_ == ENDING else {}
    assert row(id_, **fits).month is not None


def test_a_retired_model_is_shown_only_to_those_who_ask_for_it_and_costs_nothing() -> None:
    assert ENDING in ids()
    assert ENDING not in [one.model.id for one in rows(DAY_AFTER, {})]
    retired = {one.model.id: one for one in rows(DAY_AFTER, {"status": "retired"})}
    assert (retired[ENDING].month, retired[ENDING].reason) == (None, "retired")


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"status": "current", "thinking": "on"}, ["claude-haiku-5-5", "claude-sonnet-5-5"]),
        ({"since": "2026-10-07"}, ["claude-haiku-5-5", "claude-fable-5-2"]),
        (
            {"budget": "270", "context": "1000000"},
            ["claude-haiku-5-5", "claude-sonnet-5-5", "claude-sonnet-5"],
        ),
        (
            {"max_output": "128000", "forced_tools": "no", "status": "restricted"},
            ["claude-mythos-5-2", "claude-mythos-5-1"],
        ),
        ({"thinking": "budget", "budget": "100"}, []),
        ({"context": "1000001"}, []),
    ],
)
def test_filters_keep_what_has_all_that_they_ask_for(
    query: dict[str, str], wanted: list[str]
) -> None:
    assert ids(**query) == wanted


@pytest.mark.parametrize("sort", ORDERS)
def test_every_order_sorts_both_ways_with_the_unknown_last(sort: Sort) -> None:
    value = ORDERS[sort].value
    for reverse in ("0", "1"):
        values = [
            value(one) for one in rows(END, {"sort": sort, "reverse": reverse, "output": "100000"})
        ]
        known = [one for one in values if one is not None]
        is_descending = ORDERS[sort].is_descending != (reverse == "1")
        assert known == sorted(known, reverse=is_descending)
        assert values == known + [None] * (len(values) - len(known))
        assert len(set(map(str, values))) > 1


def test_each_wrong_parameter_is_told_and_the_others_count() -> None:
    choices, problems = read(
        {
            "input": "many",
            "cached": "-1",
            "output": "",
            "budget": "1e3",
            "context": "",
            "since": "soon",
            "thinking": "deep",
            "batch": "half",
            "sort": "input_price",
            "colour": "red",
        }
    )
    assert problems == {
        "input": "It takes a whole number from 1 to 10,000,000.",
        "cached": "It takes a whole number from 0 to 10,000,000.",
        "output": "It takes a whole number from 0 to 1,000,000.",
        "budget": "It takes a whole number from 1 to 1,000,000,000.",
        "since": "It takes a date such as 2026-09-22.",
        "thinking": "It takes 'always', 'on', 'off' or 'budget'.",
        "batch": "It takes 1 or 0.",
        "colour": "There is no such parameter.",
    }
    assert choices == Choices(sort="input_price")


def test_the_cached_part_is_at_most_the_input() -> None:
    assert read({"input": "100", "cached": "100"})[1] == {}
    assert read({"input": "1000", "cached": "1001"})[1] == {
        "cached": "The cached part is at most the input, 1,000."
    }


@given(st.dictionaries(st.sampled_from([*Choices.model_fields, "x"]), st.text()))
def test_any_query_is_read_and_the_query_of_what_was_read_says_the_same(
    query: dict[str, str],
) -> None:
    choices, problems = read(query)
    assert problems.keys() <= query.keys()
    assert read(dict(parse_qsl(choices.query()))) == (choices, {})


@given(
    st.integers(1, 10_000_000),
    st.integers(0, 10_000_000),
    st.integers(0, 1_000_000),
    st.integers(1, 100_000_000),
)
def test_at_every_size_the_cache_saves_a_batch_halves_and_a_month_is_thirty_days(
    tokens: int, cached: int, output: int, requests: int
) -> None:
    choices = Choices(input=tokens, output=output, requests=requests, sort="status")
    plain, cheaper, batch = (
        compare(choices.model_copy(update=changes), MODELS)
        for changes in ({}, {"cached": min(cached, tokens)}, {"batch": True})
    )
    for one, two, three in zip(plain, cheaper, batch, strict=True):
        if one.request is None or one.month is None or two.request is None:
            assert (one.reason, two.month) == (two.reason, None)
            continue
        assert two.request <= one.request * (1 + 1e-12)
        assert one.month == pytest.approx(one.request * requests * 30)
        if three.request is not None:
            assert three.request == pytest.approx(one.request / 2)
