"""The search index, and what a reader finds with it."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.guide.pages import GuidePage
from streamguide.guide.search import SearchTerms, Section, index, load, sections
from streamguide.simulator.faults import FAULTS, page_address
from tests.entries import entries_of
from tools import nodejs

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "queries.toml").read_text(encoding="utf-8"))
QUERIES: dict[str, list[str]] = {**TABLE["words"], **TABLE["pasted"]}
TERMS = SearchTerms((), {}, {"/guide": 0.5, "/guide/x#": 2}, ())


@pytest.fixture(scope="module")
def served(content: Content) -> dict[str, Any]:
    """The index as the site serves it."""
    made = index(content.pages.values(), content.scenarios, content.search)
    served: dict[str, Any] = json.loads(json.dumps(made))
    return served


def test_a_page_is_cut_at_its_headings(page_of: Callable[[str], GuidePage]) -> None:
    page = page_of("Before *all*.\n\n## First {#one}\n\nText & `code`.\n\n### Second\n\n- a\n- b\n")
    assert list(sections([page])) == [
        Section("T", "T", "/guide/page", "D Before all."),
        Section("T", "First", "/guide/page#one", "Text & code."),
        Section("T", "Second", "/guide/page#second", "a b"),
    ]


def test_a_row_with_an_anchor_is_a_section(page_of: Callable[[str], GuidePage]) -> None:
    page = page_of("| A | B |\n|---|---|\n| **One**{#one} text | more |\n| **no anchor** | x |\n")
    assert list(sections([page]))[1:] == [
        Section("T", "One", "/guide/page#one", "text more no anchor x")
    ]


def test_samples_and_programs_are_not_searched(page_of: Callable[[str], GuidePage]) -> None:
    page = page_of("Before\n\n```python\nprint(1)\n```\n\nafter")
    assert list(sections([page])) == [Section("T", "T", "/guide/page", "D Before after")]


def test_every_entry_of_the_table_can_be_found_by_its_anchor(content: Content) -> None:
    urls = {section.url for section in sections(content.pages.values())}
    wanted = {f"/guide/events#{entry.anchor}" for entry in entries_of(content.table)}
    assert wanted <= urls


def test_titles_are_words_only(content: Content) -> None:
    for section in sections(content.pages.values()):
        assert section.title
        assert not section.title.endswith("#")
        assert "<" not in section.title


def test_the_index_has_the_tools_every_scenario_and_every_fault(
    content: Content, served: dict[str, Any]
) -> None:
    urls = [section["url"] for section in served["sections"]]
    assert len(set(urls)) == len(urls)
    assert {"/demo", "/simulator", "/generator", "/models", "/inspect", "/cost", "/live"} <= set(
        urls
    )
    assert {f"/demo?scenario={name}" for name in content.scenarios} <= set(urls)
    assert {page_address(name) for name in FAULTS} <= set(urls)


def test_the_longest_beginning_of_an_address_decides_its_weight() -> None:
    assert [TERMS.weight(url) for url in ("/demo", "/guide/x", "/guide/x#y")] == [1, 0.5, 2]


def test_every_weight_is_of_some_section(served: dict[str, Any], content: Content) -> None:
    urls = [section["url"] for section in served["sections"]]
    unused = [
        beginning
        for beginning in content.search.weights
        if not any(url.startswith(beginning) for url in urls)
    ]
    assert unused == []


def test_the_keys_of_the_synonyms_are_words_as_the_script_sees_them(content: Content) -> None:
    for key in content.search.synonyms:
        assert key == " ".join(key.lower().split())
        assert key.replace(" ", "").isalnum()


def test_wrong_terms_are_refused_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "search.toml"
    path.write_text("stop_words = []\nsynonyms = {}\nweights = { a = 'x' }\ntools = []\n", "utf-8")
    with pytest.raises(ContentError, match=r"^search\.toml: weights\.a: "):
        load(path)


def test_a_reader_finds_what_a_knowing_one_would_open(served: dict[str, Any]) -> None:
    found = subprocess.run(
        [str(nodejs.find()), str(HERE / "first_results.mjs")],
        input=json.dumps({"index": served, "queries": list(QUERIES)}),
        capture_output=True,
        text=True,
        check=True,
    )
    first = dict(zip(QUERIES, json.loads(found.stdout), strict=True))
    wrong = {
        query: first[query]
        for query, wanted in QUERIES.items()
        if not first[query].startswith(tuple(wanted))
    }
    assert wrong == {}


def test_every_wanted_address_is_in_the_index(served: dict[str, Any]) -> None:
    urls = [section["url"] for section in served["sections"]]
    for query, wanted in QUERIES.items():
        assert any(url.startswith(tuple(wanted)) for url in urls), query
