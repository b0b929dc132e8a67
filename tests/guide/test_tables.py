"""The tables of models, prices and settings."""

from __future__ import annotations

import pytest

from streamguide.content import Content
from streamguide.guide.tables import model_table, price_table, settings_table
from streamguide.settings import LiveSettings, Settings, variables
from tests.dates import DAY_AFTER, END, with_an_end


def test_every_model_has_its_row_with_its_id(content: Content) -> None:
    text = model_table(content.models)
    assert text.startswith(f"As of {content.models.as_of.isoformat()}.")
    for id_ in content.models.by_id:
        assert text.count(f"`{id_}`") == 1


def test_a_model_row_says_what_the_table_says(content: Content) -> None:
    rows = model_table(content.models).splitlines()
    assert (
        "| Claude Haiku 5.5 `claude-haiku-5-5` | current, since 2026-10-07 | 1M / 128K "
        "| adaptive, on by default | medium |"
    ) in rows


def test_a_model_whose_life_ends_says_when_and_leaves_the_prices_after_it(
    content: Content,
) -> None:
    models = with_an_end(content.models)
    before, after = models.on(END), models.on(DAY_AFTER)
    assert "| Claude Haiku 4.5 `claude-haiku-4-5` | deprecated, end of life 2031-05-20 |" in (
        model_table(before)
    )
    assert "| Claude Haiku 4.5 `claude-haiku-4-5` | retired, end of life 2031-05-20 |" in (
        model_table(after)
    )
    assert "| Claude Haiku 4.5, until 2031-05-20 | 1.00 |" in price_table(before)
    assert "Haiku 4.5" not in price_table(after)


def test_prices_have_at_least_two_decimals_and_all_that_they_need(content: Content) -> None:
    rows = price_table(content.models).splitlines()
    assert "| Claude Haiku 5.5 | 0.10 | 0.50 | 0.125 | 0.20 | 0.01 |" in rows
    assert "| Claude Opus 5.5 | 4.00 | 20.00 | 5.00 | 8.00 | 0.20 |" in rows
    assert not any("Mythos" in row for row in rows)


@pytest.mark.parametrize("settings", [Settings, LiveSettings])
def test_every_setting_has_its_row_with_its_default(settings: type) -> None:
    rows = settings_table(settings).splitlines()[2:]
    for row, variable in zip(rows, variables(settings), strict=True):
        default = f"`{variable.default}`" if variable.default else "–"
        assert row.startswith(f"| `{variable.name}` | {default} | {variable.help[:20]}")
