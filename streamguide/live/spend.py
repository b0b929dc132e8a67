"""What a request uses up of a day's budget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spend:
    """Output tokens, and millionths of a US dollar."""

    tokens: int
    microdollars: int
