"""The site's own content, for tests that need real entries and scenarios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from streamguide.content import Content, load_content
from streamguide.files import CONTENT
from streamguide.guide.context import ContentContext, load_context
from streamguide.guide.pages import GuidePage, make_page
from streamguide.guide.source import read

FRONT = """\
+++
title = "T"
description = "D"
nav = "N"
group = "Start"
order = 1
checked = 2026-11-28
+++
"""


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content()


@pytest.fixture(scope="session")
def content_context(content: Content) -> ContentContext:
    return load_context(
        CONTENT,
        content.table,
        content.scenarios,
        content.models,
        content.rules,
        content.recordings,
    )


@pytest.fixture
def page_of(content_context: ContentContext, tmp_path: Path) -> Callable[[str], GuidePage]:
    """Makes a page of Markdown; its first line is line 9 of the file."""

    def make(body: str) -> GuidePage:
        path = tmp_path / "page.md"
        path.write_text(FRONT + body, encoding="utf-8")
        return make_page("page", read(path), content_context)

    return make
