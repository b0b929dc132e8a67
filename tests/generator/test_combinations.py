"""The choices that stand for all."""

from __future__ import annotations

from itertools import combinations

from tests.generator.combinations import VALUES, programs


def written(options: object, name: str) -> str:
    value = getattr(options, name)
    if isinstance(value, tuple):
        return "\n".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def test_any_three_values_that_go_together_meet_in_a_program() -> None:
    met = {
        three
        for options in programs("python")
        for three in combinations([(name, written(options, name)) for name in VALUES], 3)
    }
    for names in combinations([name for name in VALUES if name not in ("model", "chat")], 3):
        for x in VALUES[names[0]]:
            for y in VALUES[names[1]]:
                for z in VALUES[names[2]]:
                    assert tuple(zip(names, (x, y, z), strict=True)) in met
