"""The page `/record`: what the recorder has passed on, as it happens."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template

from streamguide.content import Today
from streamguide.settings import Settings
from streamguide.web.commands import load_commands
from streamguide.web.response_cache import ResponseCache, precompress

_PATH = "/record"
# What stands in the commands for the reader's own key.
_KEY = "your-key"
# The page's first line is for programs that read the environment.
_WITHOUT = "environment"


def blueprint(settings: Settings, today: Today) -> Blueprint:
    """The route. The page itself has no recording in it."""
    views = Blueprint("record_page", __name__)
    cache = ResponseCache(today)
    commands = [one for one in load_commands() if one.name != _WITHOUT]

    @views.get(_PATH)
    def record() -> Response:
        base_url = f"{settings.site_url}{_PATH}"
        return cache.serve(
            _PATH,
            lambda: precompress(
                render_template(
                    "record.html",
                    path=_PATH,
                    base_url=base_url,
                    api=settings.record_base_url,
                    folder=settings.recordings,
                    has_texts=bool(settings.record_texts),
                    most=settings.record_most,
                    commands=[(one, one.html(base_url, _KEY)) for one in commands],
                    characters_per_token=json.dumps(today().models.characters_per_token),
                ),
                "text/html; charset=utf-8",
            ),
        )

    return views
