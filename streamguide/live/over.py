"""Which limit is reached, in words for the visitor."""

from __future__ import annotations

import math
from typing import Literal

Limit = Literal[
    "visitor_per_minute",
    "per_minute",
    "visitor_streams",
    "streams",
    "tokens_per_day",
    "dollars_per_day",
    "access_tries",
]
_MESSAGES: dict[Limit, str] = {
    "visitor_per_minute": "Your address has made as many requests as one may make in a minute "
    "({most}); try again in {wait} s.",
    "per_minute": "Live mode has had as many requests as it takes in a minute ({most}); "
    "try again in {wait} s.",
    "visitor_streams": "Your address has as many streams open as one may have ({most}); "
    "stop one, or wait until one ends.",
    "streams": "Live mode has as many streams open as it may have ({most}); "
    "try again when one has ended.",
    "tokens_per_day": "What is left of today's output tokens is less than this request may use; "
    "a smaller max_tokens may still fit, and a new day begins at midnight UTC.",
    "dollars_per_day": "What is left of today's dollars is less than this request may cost; "
    "a smaller max_tokens may still fit, and a new day begins at midnight UTC.",
    "access_tries": "Your address has tried too many wrong access codes; try again in {wait} s.",
}


class Over(Exception):
    """A limit is reached: its name, a sentence for the visitor, and whole seconds, at least 1."""

    def __init__(self, limit: Limit, wait: float, most: int = 0) -> None:
        self.limit = limit
        self.retry_after = max(1, math.ceil(wait))
        self.message = _MESSAGES[limit].format(most=most, wait=self.retry_after)
        super().__init__(self.message)
