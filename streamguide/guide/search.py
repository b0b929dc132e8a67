"""The search index: the words of every section of the guide, and of the site's other pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from streamguide.content_file import STRICT, checked, inside, parse
from streamguide.guide.pages import GuidePage
from streamguide.guide.render import PERMALINK
from streamguide.scenarios.load import Scenario
from streamguide.simulator.faults import FAULTS, page_address

# Elements without text to search for. What a sample or a program shows is said in words beside it.
_IGNORED = {"svg", "script", "style", "pre", "label"}
# Elements within a word or a sentence; the tags of all others separate words.
_INLINE = {"a", "code", "em", "strong", "span", "sup", "wbr"}


@dataclass(frozen=True, slots=True)
class Section:
    """The text below a heading; the first section of a page has the page's title."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    page: str
    title: str
    url: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """What the search knows beside the pages' own words, as `content/search.toml` explains it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    stop_words: tuple[str, ...]
    synonyms: Mapping[str, tuple[str, ...]]
    weights: Mapping[str, float]
    tools: tuple[Section, ...]

    def weight(self, url: str) -> float:
        """The weight of the longest beginning of the address that has one."""
        known = [beginning for beginning in self.weights if url.startswith(beginning)]
        return self.weights[max(known, key=len)] if known else 1


_TERMS = TypeAdapter(SearchTerms)


def load(path: Path) -> SearchTerms:
    """The terms of a file. Raises ContentError."""
    with inside(path.name):
        return checked(_TERMS, parse(path.read_text(encoding="utf-8")))


def index(
    pages: Iterable[GuidePage], scenarios: Mapping[str, Scenario], terms: SearchTerms
) -> dict[str, Any]:
    """What the page's script ranks: the sections, each with its weight, and the query's words."""
    found = (*terms.tools, *sections(pages), *_scenarios(scenarios), *_faults())
    return {
        "sections": [asdict(one) | {"weight": terms.weight(one.url)} for one in found],
        "synonyms": terms.synonyms,
        "stopWords": terms.stop_words,
    }


def sections(pages: Iterable[GuidePage]) -> Iterator[Section]:
    """The sections of the guide, in the order of its pages."""
    for page in pages:
        parser = _Splitter(page)
        parser.feed(page.html)
        parser.close()
        yield from parser.finish()


def _scenarios(scenarios: Mapping[str, Scenario]) -> Iterator[Section]:
    for name, scenario in scenarios.items():
        url = f"/demo?scenario={name}"
        yield Section("Demo", scenario.title, url, f"{name}: {scenario.summary}")


def _faults() -> Iterator[Section]:
    for fault in FAULTS.values():
        text = f"{fault.help} {fault.seen} Your program should {fault.should}".replace("`", "")
        title, url = f"{fault.title} ({fault.name})", page_address(fault.name)
        yield Section("Simulator", title, url, text)


class _Splitter(HTMLParser):
    """Splits a page's HTML at its headings of levels 2 and 3, and at bold text with an id, which
    begins a table's row."""

    def __init__(self, page: GuidePage) -> None:
        super().__init__()
        self._page = page
        self._parts: list[tuple[str, list[str], list[str]]] = [
            ("", [page.title], [page.description, " "])
        ]
        self._in_heading = False
        self._ignored_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._separate_words(tag)
        if tag in _IGNORED:
            self._ignored_depth += 1
        anchor = dict(attrs).get("id")
        if tag in ("h2", "h3") or (tag == "strong" and anchor):
            self._parts.append((anchor or "", [], []))
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        self._separate_words(tag)
        if tag in _IGNORED:
            self._ignored_depth -= 1
        if tag in ("h2", "h3", "strong"):
            self._in_heading = False

    def handle_data(self, data: str) -> None:
        if not self._ignored_depth:
            _, heading, text = self._parts[-1]
            (heading if self._in_heading else text).append(data)

    def _separate_words(self, tag: str) -> None:
        if tag not in _INLINE:
            self.handle_data(" ")

    def finish(self) -> Iterator[Section]:
        for anchor, heading, text in self._parts:
            yield Section(
                page=self._page.title,
                title=_words(heading).removesuffix(PERMALINK),
                url=self._page.path + (f"#{anchor}" if anchor else ""),
                text=_words(text),
            )


def _words(pieces: list[str]) -> str:
    return " ".join("".join(pieces).split())
