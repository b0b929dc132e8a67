"""Content in which one model's life ends on a day of the tests' own, and a calendar to reach it.

No test asks the real date: what the site does then is tested with this table.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from flask.testing import FlaskClient

from streamguide.content import Content, Today, load_content
from streamguide.models import Models
from streamguide.settings import Settings
from streamguide.web.site import build
from tests.unpaced import as_written, at_once

# A model that some scenarios play with, and the one that follows it.
ENDING = "claude-haiku-4-5"
SUCCESSOR = "claude-haiku-5-5"
END = date(2031, 5, 20)
LONG_BEFORE = END - timedelta(days=400)
DAY_AFTER = END + timedelta(days=1)


class Calendar:
    """Says which day it is; the test turns its pages."""

    def __init__(self, day: date = END) -> None:
        self.day = day

    def __call__(self) -> date:
        return self.day


def with_an_end(models: Models) -> Models:
    """The models, of which one ends."""
    ending = replace(models.by_id[ENDING], status="deprecated", retires=END, successor=SUCCESSOR)
    return replace(models, by_id=MappingProxyType({**models.by_id, ENDING: ending}))


@cache
def content_with_an_end() -> Content:
    """The site's own content with those models."""
    content = load_content()
    models = with_an_end(content.models)
    return replace(content, models=models, guide=content.guide.with_models(models))


def site_at(today: Calendar, settings: Settings | None = None) -> FlaskClient:
    """A client of a site with that content, on the calendar's day."""
    app = build(settings or Settings(), Today(content_with_an_end(), today), at_once, as_written)
    return app.test_client(use_cookies=False)
