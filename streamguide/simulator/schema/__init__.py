"""An input that fits a tool's schema, or a schema of structured output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import jsonschema_rs

from streamguide.simulator.schema.described import with_described
from streamguide.simulator.schema.judge import Judge
from streamguide.simulator.schema.maker import Maker, stand_in
from streamguide.simulator.schema.merging import Schema, Unmakeable, parts_of
from streamguide.simulator.schema.scalars import MOST_ECHOED, MOST_VARIANTS, Path
from streamguide.turns import Pause, no_pause

# The parts of a schema. Ours, and generous.
_MOST_PARTS = 20_000
# How often the input is made again, because the judge found a part that does not fit.
_ROUNDS = 24
_DRAFTS = (
    *(f"http://json-schema.org/draft-{number}/schema" for number in ("04", "06", "07")),
    *(f"https://json-schema.org/draft/{year}/schema" for year in ("2019-09", "2020-12")),
)


class SchemaError(ValueError):
    """What is given is not a schema: says the place and what is wrong."""


def example(schema: Schema, pause: Pause = no_pause, *, described: bool = False) -> Any:
    """A value that fits, with the properties that are named and can be made.

    If `described`, it also fits the keywords that an SDK has moved into the descriptions.

    A validator judges it, and a part that does not fit is made in another way, or left out if it
    is optional. Best effort: what fits `not`, several `oneOf` or a hard pattern may not be found,
    and what would take a validator long is not judged. The same schema always gives the same
    value. `pause` is called between pieces of work. Raises SchemaError for what is no schema.
    """
    schema = _checked(schema)
    pause()
    if described:
        schema = with_described(schema, pause)
    judge = Judge(schema, pause)
    variants: Counter[Path] = Counter()
    made = first = _made(schema, variants, pause)
    for _ in range(_ROUNDS):
        try:
            path = judge.misfit(made)
        except Unmakeable:
            break
        if path is None:
            return made
        # What was made in every way already is made anew together with what holds it.
        while path and variants[path] >= MOST_VARIANTS:
            path = path[:-1]
        variants[path] += 1
        made = _made(schema, variants, pause)
    return first


def _checked(schema: Schema) -> Schema:
    """The schema, if it is one of 2020-12, or of the draft that it names. Raises SchemaError."""
    for number, _ in enumerate(parts_of(schema)):
        if number >= _MOST_PARTS:
            raise SchemaError(f"input_schema has more than {_MOST_PARTS:,} parts")
    if str(schema.get("$schema")).removesuffix("#") not in _DRAFTS:
        # A validator would ask the network for it.
        schema = {name: value for name, value in schema.items() if name != "$schema"}
    try:
        jsonschema_rs.meta.validate(dict(schema))
    except jsonschema_rs.ValidationError as error:
        place = ".".join(["input_schema", *map(str, error.instance_path)])
        raise SchemaError(f"{place[:MOST_ECHOED]}: {error.message[:MOST_ECHOED]}") from None
    return schema


def _made(schema: Schema, variants: Mapping[Path, int], pause: Pause) -> Any:
    for strict in (True, False):
        with suppress(Unmakeable):
            return Maker(schema, variants, pause, strict=strict).of(schema, ())
    return stand_in(schema, "value")
