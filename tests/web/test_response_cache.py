"""Responses that are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask

from streamguide.content import Today, load_content
from streamguide.web.response_cache import CachedResponse, ResponseCache, precompress

SITE = load_content()


class Calendar:
    """A clock whose day the test turns."""

    day = date(2026, 1, 1)

    def __call__(self) -> date:
        return self.day


@pytest.fixture(autouse=True)
def asked(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def made(cache: ResponseCache, keys: str) -> str:
    """Those of the keys for which a response had to be made."""
    found = []

    for key in keys:

        def make(key: str = key) -> CachedResponse:
            found.append(key)
            return precompress(key, "text/plain")

        assert cache.serve(key, make).data == key.encode()
    return "".join(found)


def test_what_was_made_is_kept_until_the_day_changes() -> None:
    calendar = Calendar()
    cache = ResponseCache(Today(SITE, calendar))
    assert made(cache, "abcabc") == "abc"
    calendar.day += timedelta(days=1)
    assert made(cache, "aba") == "ab"


def test_where_there_is_a_limit_the_newest_are_kept() -> None:
    cache = ResponseCache(Today(SITE, Calendar()), 2)
    assert made(cache, "abbcba") == "abca"
