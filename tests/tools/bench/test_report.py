"""The figures' formatting, and the parts of the README that a run writes again."""

from __future__ import annotations

from datetime import date

import pytest

from tools.bench.report import (
    NoPlace,
    Table,
    headings,
    markdown,
    number,
    percentile,
    ratio,
    rewritten,
    row,
    section,
)

README = """Before

<!-- demo: written by the run -->

old

<!-- demo: end -->

Between

<!-- pages: written by the run -->
<!-- pages: end -->
"""


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0


def test_the_99th_percentile_of_100_values_leaves_one_above_it() -> None:
    assert percentile(range(1, 101), 0.99) == 99


def test_the_99th_percentile_of_a_few_values_is_the_largest() -> None:
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0


def test_the_percentile_of_nothing_below_is_the_smallest_value() -> None:
    assert percentile([2.0, 1.0], 0.0) == 1.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.1234, "0.12"), (9.87, "9.87"), (12.34, "12.3"), (123.4, "123"), (4100, "4,100")],
)
def test_a_number_has_the_digits_that_are_worth_reading(value: float, text: str) -> None:
    assert number(value) == text


def test_a_ratio_says_how_many_times_the_peers_figure_ours_is() -> None:
    assert ratio(5.0, 20.0) == "0.25×"


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratio(5.0, 0.0) == "–"


def test_a_row_compares_our_figure_with_each_peers() -> None:
    assert row("events", [100.0, 200.0, 50.0]) == ("events", "100", "200", "50.0", "0.50×", "2.00×")
    assert headings(["ours", "a", "b"]) == ("", "ours", "a", "b", "ours ÷ a", "ours ÷ b")


def test_a_row_has_a_dash_for_what_a_peer_does_not_have() -> None:
    assert row("events", [100.0, None]) == ("events", "100", "–", "–")


def test_a_row_without_ratios_still_has_their_cells() -> None:
    assert row("busy", [1.0, 2.0], with_ratios=False) == ("busy", "1.00", "2.00", "–")


def test_a_table_lines_up_with_figures_at_the_right() -> None:
    table = Table("Sizes", ("what", "bytes"), (("a page", "5"), ("b", "1,000")))
    assert markdown(table).splitlines() == [
        "**Sizes**",
        "",
        "| what   | bytes |",
        "| ------ | ----: |",
        "| a page |     5 |",
        "| b      | 1,000 |",
    ]


def test_a_section_says_when_and_where_it_was_measured() -> None:
    table = Table("Sizes", ("what",), (("a",),))
    text = section([table, table], date(2026, 1, 31), "2 cores")
    assert text.startswith("Run of 2026-01-31 on 2 cores.\n\n**Sizes**")
    assert text.count("**Sizes**") == 2


def test_only_the_measured_part_is_rewritten() -> None:
    text = rewritten(README, "pages", "new")
    assert "old" in text
    assert text.endswith("<!-- pages: written by the run -->\n\nnew\n\n<!-- pages: end -->\n")


def test_what_a_part_said_before_is_gone() -> None:
    text = rewritten(README, "demo", "new")
    assert "old" not in text
    assert text.startswith("Before\n") and "\nBetween\n" in text


def test_writing_the_same_content_twice_changes_nothing() -> None:
    once = rewritten(README, "demo", "new")
    assert rewritten(once, "demo", "new") == once


def test_a_text_without_the_marks_is_refused_by_naming_them() -> None:
    with pytest.raises(NoPlace, match="<!-- live: written by the run -->"):
        rewritten(README, "live", "new")
