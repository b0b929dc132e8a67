"""The recorder's page, as the server renders it."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from streamguide.content import Today
from streamguide.settings import Settings
from streamguide.web.site import build
from tests.simulator.requests import LIBRARY
from tests.unpaced import as_written, at_once, before_any_end


def page(**settings: Any) -> str:
    """The text of the page of a site with these settings."""
    chosen = replace(Settings(), **settings)
    site = build(chosen, Today(LIBRARY, before_any_end), at_once, as_written)
    return unescape(re.sub(r"<[^>]+>", "", site.test_client().get("/record").text))


def test_the_page_says_how_to_start_and_where_requests_go(client: FlaskClient) -> None:
    text = page(record_base_url="https://gateway.example/anthropic")
    assert "export ANTHROPIC_BASE_URL='http://127.0.0.1:8000/record'" in text
    assert "your application and https://gateway.example/anthropic." in text
    assert 'base_url="http://127.0.0.1:8000/record"' in text
    assert "any-key" not in text


def test_the_page_says_what_is_kept_as_it_is_set(tmp_path: Path) -> None:
    assert "In memory, the last 200, until the site stops." in page()
    assert "RECORD_TEXTS=1 keeps its texts too." in page()
    text = page(recordings=str(tmp_path), record_texts=1, record_most=7)
    assert f"In {tmp_path}, up to 7 recordings, and in memory." in text
    assert "and its texts, as RECORD_TEXTS=1 asks." in text
