"""The table of models."""

from __future__ import annotations

from typing import get_args

from anthropic.types.model import Model as SdkModel

from streamguide.library import CONTENT
from streamguide.models import load


def test_every_model_is_one_that_the_pinned_sdk_knows() -> None:
    union = SdkModel
    known = {name for arm in get_args(union) for name in get_args(arm)}
    assert load(CONTENT / "models.toml").by_id.keys() <= known


def test_a_model_has_the_ratio_of_its_tokenizer() -> None:
    models = load(CONTENT / "models.toml").by_id
    assert models["claude-opus-5-5"].characters_per_token == 3.3
    assert models["claude-haiku-4-5"].characters_per_token == 4.3
