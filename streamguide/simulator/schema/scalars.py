"""Strings and numbers that fit a schema."""

from __future__ import annotations

import math
from fractions import Fraction

import jsonschema_rs

from streamguide.simulator.schema.merging import Schema, Unmakeable
from streamguide.simulator.schema.pattern import PatternError, matching

# Where a value stands in the input: names of properties, and indices of items.
Path = tuple[str | int, ...]

MOST_CHARACTERS = 50_000
_LONGEST_PATTERN = 1000
# In how many ways a value is made before something else is tried.
MOST_VARIANTS = 6
# Of a name in a made text, and of what is wrong in an error.
MOST_ECHOED = 300
PATTERNS = jsonschema_rs.FancyRegexOptions(
    backtrack_limit=10_000, size_limit=1 << 18, dfa_size_limit=1 << 18
)
_FORMATS = {
    "date": "2026-11-22",
    "time": "09:30:00Z",
    "date-time": "2026-11-22T09:30:00Z",
    "duration": "PT1H30M",
    "email": "ada@example.org",
    "hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    # Of zod: they have no pattern, or one that no text is made for.
    "emoji": "🙂",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
}


def string_for(schema: Schema, path: Path, variant: int) -> str:
    name = next((part for part in reversed(path) if isinstance(part, str)), "value")
    least, most = schema.get("minLength", 0), schema.get("maxLength", MOST_CHARACTERS)
    if least > MOST_CHARACTERS:
        raise Unmakeable
    if variant == 0 and schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return _matching(schema, int(least), variant)
    text = f"example {name[:MOST_ECHOED]}".replace("_", " ") + (
        f" {variant + 1}" if variant else ""
    )
    return text.ljust(int(least), ".")[: int(most)]


def _matching(schema: Schema, least: int, variant: int) -> str:
    """The first text for the pattern that also has the right length, from a variant on."""
    asked = {key: schema[key] for key in ("pattern", "minLength", "maxLength") if key in schema}
    pattern = asked["pattern"]
    if len(pattern) > _LONGEST_PATTERN:
        raise Unmakeable
    try:
        fits = jsonschema_rs.validator_for(asked, pattern_options=PATTERNS).is_valid
        for other in range(variant, variant + MOST_VARIANTS):
            text = matching(pattern, other, other // 2)
            if len(text) < least:
                text = matching(pattern, other, least - len(text))
            if fits(text):
                return text
    except (PatternError, jsonschema_rs.ValidationError) as error:
        raise Unmakeable from error
    raise Unmakeable


def number_for(schema: Schema, type_: str, variant: int) -> int | float:
    """The nearest to 1 that fits the bounds, or for a higher `variant` one that lies further."""
    step = Fraction(str(schema.get("multipleOf", 1)))
    if type_ == "integer":
        step *= step.denominator
    lows = [Fraction(str(schema[key])) for key in ("minimum", "exclusiveMinimum") if key in schema]
    highs = [Fraction(str(schema[key])) for key in ("maximum", "exclusiveMaximum") if key in schema]
    low, high = max(lows, default=None), min(highs, default=None)
    times = 1 + variant
    first = None if low is None else math.ceil(low / step)
    if first is not None:
        first += first * step == schema.get("exclusiveMinimum")
        times = times if times >= first else first + variant
    if high is not None:
        last = math.floor(high / step)
        last -= last * step == schema.get("exclusiveMaximum")
        times = times if times <= last else last - variant
    if first is not None and times < first:
        if (
            low is None
            or high is None
            or low > high
            or type_ == "integer"
            or "multipleOf" in schema
        ):
            raise Unmakeable
        return float((low + high) / 2)
    value = times * step
    return int(value) if value.denominator == 1 else float(value)
