"""The line at the end of a page: what it offers, and how mistakes are answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.guide.context import ContentContext
from streamguide.guide.pages import GuidePage, make_page
from streamguide.guide.source import read
from tests.guide.conftest import FRONT


def page_with(try_it: str, tmp_path: Path, context: ContentContext) -> GuidePage:
    path = tmp_path / "page.md"
    front = FRONT.removesuffix("+++\n")
    path.write_text(f"{front}try_it = {{ {try_it} }}\n+++\n\nText\n", encoding="utf-8")
    return make_page("page", read(path), context)


def test_a_page_ends_with_a_stream_to_try(tmp_path: Path, content_context: ContentContext) -> None:
    page = page_with('scenario = "hello"', tmp_path, content_context)
    line = (
        "**Try it:** play [Hello](/demo?scenario=hello), or "
        "[send it to a program of yours](/simulator?scenario=hello)."
    )
    assert page.markdown.endswith(f"\n\nText\n\n{line}\n")
    assert '<svg class="ticks"' in page.try_it
    assert '<a href="/demo?scenario=hello">Hello</a>' in page.try_it
    # It is not a part of the text, in which the search finds words.
    assert "Try it" not in page.html


def test_a_fault_and_a_program_are_linked_too(
    tmp_path: Path, content_context: ContentContext
) -> None:
    wanted = 'scenario = "hello", fault = "drop;at=9", program = { recovery = "resume" }'
    page = page_with(wanted, tmp_path, content_context)
    assert (
        "[Hello: The connection breaks](/demo?scenario=hello&fault=drop%3Bat%3D9)" in page.markdown
    )
    assert page.markdown.endswith("[Take a program](/generator?recovery=resume) to begin with.\n")
    assert "cut family-error" in page.try_it


@pytest.mark.parametrize(
    ("try_it", "message"),
    [
        ('scenario = "nothing"', "page.md: try_it: there is no scenario 'nothing'"),
        (
            'scenario = "hello", fault = "drop;at=x"',
            "page.md: try_it: drop: at is 'x'; it takes a whole number from 1 to 100000",
        ),
        (
            'scenario = "hello", program = { colour = "1" }',
            "page.md: try_it: colour: there is no such option",
        ),
    ],
)
def test_what_there_is_not_is_named(
    try_it: str, message: str, tmp_path: Path, content_context: ContentContext
) -> None:
    with pytest.raises(ContentError) as raised:
        page_with(try_it, tmp_path, content_context)
    assert str(raised.value) == message


def test_every_page_about_streams_ends_with_one(content: Content) -> None:
    without = [page.slug for page in content.pages.values() if not page.try_it]
    assert without == ["live", "hosting"]
