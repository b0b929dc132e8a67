"""The price list inside a program of the guide, held against the table of models."""

from __future__ import annotations

import ast
from pathlib import Path

from streamguide.files import CONTENT
from streamguide.models import load

MODELS = load(CONTENT / "models.toml")


def constants(path: Path) -> dict[str, ast.expr]:
    """The values that a program gives its constants."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    return {
        target.id: node.value
        for node in assigned
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def test_the_prices_in_the_program_are_those_of_the_table() -> None:
    found = constants(CONTENT / "programs" / "usage-cost.py")
    assert ast.literal_eval(found["PRICES_OF"]) == MODELS.as_of.isoformat()
    prices = found["PRICES"]
    assert isinstance(prices, ast.Dict)
    for key, value in zip(prices.keys, prices.values, strict=True):
        assert key is not None
        assert isinstance(value, ast.Call)
        price = MODELS.by_id[ast.literal_eval(key)].price
        expected = [
            price.input,
            price.cache_write_5m,
            price.cache_write_1h,
            price.cache_read,
            price.output,
        ]
        assert [ast.literal_eval(argument) for argument in value.args] == expected
