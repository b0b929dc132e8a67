"""The table of models, held against the pinned SDKs; and what it says on a day."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from pathlib import Path

import pytest

from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.models import Models, load, tokens_of
from tests.dates import DAY_AFTER, END, ENDING, LONG_BEFORE, SUCCESSOR, with_an_end
from tools import nodejs
from tools.fresh import javascript_sdk, python_sdk
from tools.fresh.compare import end_of_life, model_differences

MODELS = load(CONTENT / "models.toml")
SDK = python_sdk.read()


def test_models_and_their_ends_of_life_are_those_of_the_sdk() -> None:
    assert list(model_differences(MODELS, SDK)) == []


def test_models_and_their_ends_of_life_are_those_of_the_javascript_sdk() -> None:
    found = javascript_sdk.read(nodejs.MODULES / "@anthropic-ai" / "sdk")
    assert list(model_differences(MODELS, found)) == []


@pytest.mark.parametrize("id_", MODELS.by_id)
def test_what_ends_is_deprecated_or_retired(id_: str) -> None:
    model = MODELS.by_id[id_]
    assert (model.status in ("deprecated", "retired")) == (model.retires is not None)


def test_a_new_model_of_the_sdk_is_noticed() -> None:
    newer = dataclasses.replace(SDK, models={*SDK.models, "claude-x-9"})
    assert list(model_differences(MODELS, newer)) == ["add claude-x-9 to content/models.toml"]


@pytest.mark.parametrize("id_", ["claude-opus-5-5", "claude-haiku-4-5-20251001"])
def test_a_model_or_alias_that_the_sdk_lists_no_longer_is_noticed(id_: str) -> None:
    newer = dataclasses.replace(SDK, models=SDK.models - {id_})
    wanted = f"remove {id_} from content/models.toml: not in the SDK"
    assert list(model_differences(MODELS, newer)) == [wanted]


@pytest.mark.parametrize("id_", ["claude-haiku-4-5", "claude-haiku-4-5-20251001"])
def test_a_new_end_of_life_is_noticed_and_told_of_the_model_also_for_an_alias(id_: str) -> None:
    newer = dataclasses.replace(SDK, ends={**SDK.ends, id_: date(2031, 5, 20)})
    wanted = "set the end of life of claude-haiku-4-5 in content/models.toml to 2031-05-20"
    assert list(model_differences(MODELS, newer)) == [wanted]


@pytest.mark.parametrize(
    ("listed", "end", "wanted"),
    [
        ({"claude-x-1"}, date(2026, 1, 5), []),
        (
            {"claude-x-1"},
            date(2026, 1, 6),
            ["set the end of life of claude-x-1 in content/models.toml to 2026-01-06"],
        ),
        (set(), date(2026, 1, 6), ["remove claude-x-1 from content/models.toml: not in the SDK"]),
    ],
)
def test_a_retired_id_stays_as_long_as_the_sdk_lists_it_and_has_its_end(
    listed: set[str], end: date, wanted: list[str]
) -> None:
    ours = dataclasses.replace(MODELS, retired={**MODELS.retired, "claude-x-1": date(2026, 1, 5)})
    sdk = dataclasses.replace(SDK, models=SDK.models | listed, ends={**SDK.ends, "claude-x-1": end})
    assert list(model_differences(ours, sdk)) == wanted


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("January 22nd, 2027", date(2027, 1, 22)),
        ("August 1st, 2026", date(2026, 8, 1)),
        ("March 3rd, 2031", date(2031, 3, 3)),
        ("November 30th, 2026", date(2026, 11, 30)),
    ],
)
def test_an_end_is_read_in_the_sdks_words(text: str, day: date) -> None:
    assert end_of_life(text) == day


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


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "Claude Opus 5.5"', "", "models.claude-opus-5-5.title: is missing"),
        (
            "context = 1_",
            "colour = 1\ncontext = 1_",
            "models.claude-fable-5-2.colour: is not known",
        ),
        (
            'thinking = "always"',
            'thinking = "x"',
            "thinking: Input should be 'always', 'on', 'off'",
        ),
        (
            "output = 20",
            'output = "20"',
            "claude-opus-5-5.price.output: Input should be a valid num",
        ),
        ('tokenizer = "current"', "", "characters_per_token: is missing"),
        ("as_of = ", "as_of == ", "not valid TOML"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    table = tmp_path / "models.toml"
    text = (CONTENT / "models.toml").read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError, match=re.escape(message)) as caught:
        load(table)
    assert str(caught.value).startswith("models.toml: ")


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


def test_a_ratio_is_known_for_every_id_and_a_model_that_is_not_listed_is_an_earlier_one() -> None:
    ratios = MODELS.on(DAY_AFTER).characters_per_token
    assert ratios["claude-opus-5-5"] == 3.3
    assert ratios["claude-haiku-4-5-20251001"] == ratios[""] == 4.3
    assert ratios.keys() == {"", *(id_ for model in MODELS.by_id.values() for id_ in model.ids)}
