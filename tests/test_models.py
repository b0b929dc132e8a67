"""The table of models, held against the pinned SDK; and what it says on a day."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import get_args

import pytest
from anthropic.resources.messages.messages import DEPRECATED_MODELS
from anthropic.types.model import Model as SdkModel

from streamguide.library import CONTENT
from streamguide.models import Models, load, tokens_of
from tests.dates import DAY_AFTER, END, ENDING, LONG_BEFORE, SUCCESSOR, with_an_end

MODELS = load(CONTENT / "models.toml")


def test_the_table_has_every_model_that_the_sdk_lists_and_no_other() -> None:
    listed = {name for arm in get_args(SdkModel) for name in get_args(arm)}
    ours = {id_ for model in MODELS.by_id.values() for id_ in model.ids}
    missing, unknown = listed - ours - MODELS.retired.keys(), ours - listed
    assert not missing, f"add to content/models.toml: {', '.join(sorted(missing))}"
    assert not unknown, f"remove from content/models.toml: {', '.join(sorted(unknown))}"


def sdk_end(id_: str) -> date | None:
    """The end of life that the SDK warns about."""
    text = DEPRECATED_MODELS.get(id_)
    if text is None:
        return None
    for ending in ("st,", "nd,", "rd,", "th,"):
        text = text.replace(ending, ",")
    return datetime.strptime(text, "%B %d, %Y").date()


@pytest.mark.parametrize("id_", MODELS.by_id)
def test_deprecations_are_those_of_the_sdk(id_: str) -> None:
    model = MODELS.by_id[id_]
    for one in model.ids:
        assert sdk_end(one) == model.retires
    assert (model.status == "deprecated") == (model.retires is not None)


def test_what_is_retired_is_so_by_the_sdk() -> None:
    for id_, end in MODELS.retired.items():
        assert sdk_end(id_) == end


ENDS = with_an_end(MODELS)


@pytest.mark.parametrize("day", [LONG_BEFORE, END])
def test_a_model_is_available_up_to_the_last_day_of_its_life(day: date) -> None:
    models = ENDS.on(day)
    assert models.by_id[ENDING].status == "deprecated"
    assert ENDING in models.available
    for id_ in models.by_id[ENDING].ids:
        assert models.find(id_) is models.by_id[ENDING]


def test_the_day_after_it_is_retired_and_stays_in_the_table() -> None:
    models = ENDS.on(DAY_AFTER)
    assert models.by_id[ENDING].status == "retired"
    assert ENDING not in models.available
    assert [models.find(id_) for id_ in models.by_id[ENDING].ids] == [None, None]
    assert SUCCESSOR in models.available


def test_an_end_is_told_with_its_date_and_a_successor() -> None:
    before, after = ENDS.on(LONG_BEFORE), ENDS.on(DAY_AFTER)
    assert before.ending(before.by_id[ENDING]) == (
        "Claude Haiku 4.5 is deprecated, and its end of life is 2031-05-20. "
        "Choose Claude Haiku 5.5, claude-haiku-5-5."
    )
    assert after.ending(after.by_id[ENDING]) == (
        "Claude Haiku 4.5 reached its end of life on 2031-05-20. "
        "Choose Claude Haiku 5.5, claude-haiku-5-5."
    )
    assert before.ending(before.by_id[SUCCESSOR]) == ""


@pytest.mark.parametrize("successor", ["", 'successor = "claude-sonnet-4-5"'])
def test_an_end_without_a_successor_that_stays_is_refused(tmp_path: Path, successor: str) -> None:
    table = tmp_path / "models.toml"
    text = (CONTENT / "models.toml").read_text("utf-8")
    table.write_text(re.sub(r'^successor = ".*"$', successor, text, flags=re.MULTILINE), "utf-8")
    with pytest.raises(ValueError, match=r"^models\.toml: claude-\S+ retires, so it needs a succ"):
        load(table)


def test_prices_keep_the_usual_multipliers() -> None:
    for model in MODELS.by_id.values():
        price = model.price
        assert price.cache_write_5m == pytest.approx(1.25 * price.input), model.id
        assert price.cache_write_1h == pytest.approx(2 * price.input), model.id
        assert price.output == pytest.approx(5 * price.input), model.id
        assert price.cache_read <= 0.1 * price.input + 1e-9, model.id


def test_a_model_has_the_ratio_of_its_tokenizer() -> None:
    assert MODELS.by_id["claude-opus-5-5"].characters_per_token == 3.3
    assert MODELS.by_id["claude-haiku-4-5"].characters_per_token == 4.3


def test_the_table_cannot_be_changed() -> None:
    assert isinstance(MODELS, Models)
    with pytest.raises(TypeError):
        MODELS.by_id["new"] = MODELS.by_id["claude-opus-5-5"]  # type: ignore[index]


def test_prose_counts_about_its_models_ratio_and_symbols_count_more() -> None:
    prose = "Plain words of a sentence that goes on for a while, and then stops."
    assert tokens_of(prose, 3.3) == pytest.approx(len(prose) / 3.3)
    assert tokens_of("{}[]();", 3.3) > 7 / 3.3
    assert tokens_of("你好世界", 3.3) > 4 / 3.3
