"""The search index: the words of every section of the guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from streamguide.guide.pages import GuidePage
from streamguide.guide.render import PERMALINK

# Elements without text to search for.
_IGNORED = {"svg", "script", "style"}
# Elements within a word or a sentence; the tags of all others separate words.
_INLINE = {"a", "code", "em", "strong", "span", "sup"}


@dataclass(frozen=True, slots=True)
class Section:
    """The text below a heading; the first section of a page has the page's title."""

    page: str
    title: str
    url: str
    text: str


def sections(pages: Iterable[GuidePage]) -> Iterator[Section]:
    """The sections in the order of the pages."""
    for page in pages:
        parser = _Splitter(page)
        parser.feed(page.html)
        parser.close()
        yield from parser.finish()


class _Splitter(HTMLParser):
    """Splits a page's HTML at its headings of levels 2 and 3."""

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
        if tag in ("h2", "h3"):
            self._parts.append((dict(attrs).get("id") or "", [], []))
            self._in_heading = True

    def handle_endtag(self, tag: str) -> None:
        self._separate_words(tag)
        if tag in _IGNORED:
            self._ignored_depth -= 1
        if tag in ("h2", "h3"):
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
