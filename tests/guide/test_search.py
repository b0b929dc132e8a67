"""The search index."""

from __future__ import annotations

from collections.abc import Callable

from streamguide.content import Content
from streamguide.guide.pages import GuidePage
from streamguide.guide.search import Section, sections
from tests.entries import entries_of


def test_a_page_is_cut_at_its_headings(page_of: Callable[[str], GuidePage]) -> None:
    page = page_of("Before *all*.\n\n## First {#one}\n\nText & `code`.\n\n### Second\n\n- a\n- b\n")
    assert list(sections([page])) == [
        Section("T", "T", "/guide/page", "D Before all."),
        Section("T", "First", "/guide/page#one", "Text & code."),
        Section("T", "Second", "/guide/page#second", "a b"),
    ]


def test_every_entry_of_the_table_can_be_found_by_its_anchor(content: Content) -> None:
    urls = {section.url for section in sections(content.pages.values())}
    wanted = {f"/guide/events#{entry.anchor}" for entry in entries_of(content.table)}
    assert wanted <= urls


def test_titles_are_words_only(content: Content) -> None:
    for section in sections(content.pages.values()):
        assert section.title
        assert not section.title.endswith("#")
        assert "<" not in section.title
