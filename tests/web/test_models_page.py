"""The page that compares models: its table, its form and its addresses."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from streamguide.web.models_page import in_dollars
from tests.dates import DAY_AFTER, END, ENDING, Calendar, site_at


def table(client: FlaskClient, query: str = "") -> list[list[str]]:
    """The rows of the table, headings first, each cell as text."""
    html = client.get(f"/models{query}").text
    cells = [re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL) for row in html.split("<tr>")[1:]]
    return [
        [" ".join(unescape(re.sub("<[^>]+>", " ", cell)).split()) for cell in row] for row in cells
    ]


def row(client: FlaskClient, title: str, query: str = "") -> list[str]:
    return next(cells for cells in table(client, query) if cells[0].startswith(f"{title} claude-"))


def test_a_row_has_dollars_prices_limits_and_features(client: FlaskClient) -> None:
    assert table(client)[0] == [
        "Model",
        "A month 30 days",
        "A request",
        "Input per million",
        "Cached per million",
        "Output per million",
        "Context tokens",
        "Output tokens",
        "Thinking",
        "Forced tools",
        "Status",
        "Released",
    ]
    assert row(client, "Claude Opus 5.5") == [
        "Claude Opus 5.5 claude-opus-5-5 Program",
        "$540.00",
        "$0.01800",
        "$4.00",
        "$0.20",
        "$20.00",
        "1M",
        "128K",
        "Always on",
        "Refused 400",
        "Current",
        "2026-09-22",
    ]
    assert row(client, "Claude Haiku 5.5")[3] == "$0.10 × 5 above 100K"


def test_with_cached_tokens_the_first_request_has_a_column(client: FlaskClient) -> None:
    query = "?input=10000&cached=8000&output=1000&requests=50"
    assert table(client, query)[0][1:4] == [
        "A month 30 days",
        "A request",
        "The first writes the cache",
    ]
    assert row(client, "Claude Sonnet 5.5", query)[1:4] == ["$22.20", "$0.01480", "$0.03400"]


def test_what_is_not_known_has_no_figure_and_says_so(client: FlaskClient) -> None:
    assert row(client, "Claude Opus 4.8")[-1] == "not published here"
    assert row(client, "Claude Mythos 5.2", "?batch=1")[1:3] == ["not published here", ""]


def test_the_summary_counts_the_models_and_names_the_lowest(client: FlaskClient) -> None:
    for query, words in [
        ("?status=current", "4 of 18 models. Lowest: Claude Haiku 5.5, $13.50 per month."),
        ("?status=restricted&batch=1", "3 of 18 models."),
        ("?budget=1", "No model is left: widen a filter."),
    ]:
        assert f'data-part="summary">{words}</p>' in client.get(f"/models{query}").text


def test_wrong_parameters_are_told_at_their_fields_and_nothing_entered_is_lost(
    client: FlaskClient,
) -> None:
    response = client.get("/models?input=%3Cb%3E&cached=5&thinking=deep&utm_source=x")
    html = response.text
    assert response.status_code == 400
    wanted = "It takes a whole number from 1 to 10,000,000."
    assert f'id="input-problem">{wanted}</p>' in html
    assert 'aria-invalid="true" type="text" inputmode="numeric" value="&lt;b&gt;"' in html
    assert re.search(r'id="thinking-problem">It takes &#39;always&#39;', html)
    assert "<li><code>utm_source</code>: There is no such parameter.</li>" in html
    assert 'id="cached-problem"></p>' in html
    assert (
        'name="cached" aria-describedby="cached-problem" type="text" inputmode="numeric" value="5"'
        in html
    )
    assert "No dollars until the marked number is right." in html
    assert table(client, "?input=x")[0][1] == "Input per million"
    assert 'data-address=""' in html


def test_an_address_says_only_what_differs_from_the_defaults(client: FlaskClient) -> None:
    def address(query: str) -> str:
        (found,) = re.findall('data-address="([^"]*)"', client.get(f"/models{query}").text)
        return unescape(found)

    assert address("?input=2,000&cached=0&output=500&requests=1000&budget=&sort=cost") == "/models"
    assert address("?batch=1&reverse=0&since=2026-09-01&status=&context=200000") == (
        "/models?batch=1&context=200000&since=2026-09-01"
    )


def test_a_heading_sorts_and_a_second_time_the_other_way_round(client: FlaskClient) -> None:
    def heading(query: str) -> str:
        (found,) = re.findall(
            r'<th scope="col"[^>]*>\s*<a [^>]*data-sort="context"', client.get(query).text
        )
        return " ".join(unescape(found).split())

    first = (
        '<th scope="col" class="number"> <a href="/models?batch=1&sort=context" data-sort="context"'
    )
    assert heading("/models?batch=1") == first
    assert heading("/models?batch=1&sort=context") == (
        '<th scope="col" class="number" aria-sort="descending"> <a href="/models?batch=1&sort=context&reverse=1" data-sort="context"'
    )
    again = heading("/models?batch=1&sort=context&reverse=1")
    assert again == first.replace('"number"', '"number" aria-sort="ascending"')


def test_a_model_that_ends_says_when_and_is_gone_on_the_day_after() -> None:
    calendar = Calendar(END)
    client = site_at(calendar)
    assert "Deprecated until 2031-05-20" in row(client, "Claude Haiku 4.5")
    calendar.day = DAY_AFTER
    assert f"<code>{ENDING}</code>" not in client.get("/models").text
    retired = row(client, "Claude Haiku 4.5", "?status=retired")
    assert retired[:3] == ["Claude Haiku 4.5 claude-haiku-4-5", "retired", ""]


@pytest.mark.parametrize(
    ("amounts", "texts"),
    [
        ([1234567.891, 2], ["$1,234,567.89", "$2.00"]),
        ([0.018, 0.00045, None], ["$0.01800", "$0.00045", ""]),
        ([0.001543125], ["$0.001543"]),
        ([0.00000001], ["$0.00000001"]),
        ([0.0], ["$0.00"]),
        ([], []),
    ],
)
def test_the_dollars_of_a_column_have_the_same_decimals(
    amounts: list[float | None], texts: list[str]
) -> None:
    assert in_dollars(amounts) == texts
