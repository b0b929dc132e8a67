"""Markdown to HTML with a table of contents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from streamguide.guide import highlight

# What stands at the end of a heading, as the link to itself.
PERMALINK = "#"
_HEADING = re.compile("h[1-6]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the contents: a heading's id and its text, and the headings below it."""

    id: str
    title: str
    below: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's HTML and its contents."""

    html: str
    toc: tuple[Heading, ...]


def render(text: str, figures: Mapping[str, str], families: Mapping[str, str]) -> Rendered:
    """The Markdown as HTML.

    Fences in the languages `sse` and `http` are coloured by `families`; a fence in the language
    `figure` is replaced by the SVG of that name. HTML in the text is shown, not obeyed.
    """

    def wire(source: str, *_: Any, **__: Any) -> str:
        return highlight.wire(source, families)

    def figure(source: str, *_: Any, **__: Any) -> str:
        return f'<figure class="figure">{figures[source.strip()].strip()}</figure>'

    fences = [
        {"name": "sse", "class": "wire", "format": wire},
        {"name": "http", "class": "wire", "format": wire},
        {"name": "figure", "class": "figure", "format": figure},
    ]
    markdown = Markdown(
        extensions=[
            "tables",
            "attr_list",
            "def_list",
            "toc",
            "pymdownx.highlight",
            "pymdownx.superfences",
            _Frame(),
        ],
        extension_configs={
            "tables": {"use_align_attribute": True},
            "toc": {"permalink": PERMALINK, "permalink_class": "permalink", "toc_depth": "2-3"},
            "pymdownx.highlight": {"guess_lang": False, "pygments_lang_class": True},
            "pymdownx.superfences": {"custom_fences": fences},
        },
    )
    html = markdown.convert(text)
    return Rendered(html, _headings(markdown.toc_tokens))  # type: ignore[attr-defined]


def _headings(tokens: Iterable[Mapping[str, Any]]) -> tuple[Heading, ...]:
    return tuple(
        Heading(token["id"], unescape(token["name"]), _headings(token["children"]))
        for token in tokens
    )


class _Frame(Extension):
    """Takes HTML in the text as text, and lets keyboards scroll what is too wide."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        # After the contents (5), which give headings their permalinks.
        md.treeprocessors.register(_Names(md), "guide-names", 4)
        # After the raw HTML (30), which brings the code blocks in.
        md.postprocessors.register(_Code(md), "guide-code", 5)


class _Names(Treeprocessor):
    """Names each permalink and each table after its heading, and puts tables into a frame."""

    def run(self, root: Element) -> None:
        heading = "this page"
        for place, element in enumerate(list(root)):
            if _HEADING.fullmatch(element.tag):
                heading = self._name_permalink(element)
            elif element.tag == "table":
                root[place] = self._framed(element, f"Table in {heading}")

    def _name_permalink(self, heading: Element) -> str:
        """Label the heading's permalink; returns the heading's own text."""
        link = heading[-1]
        own = "".join(heading.itertext()).removesuffix(link.text or "").strip()
        link.attrib.pop("title", None)
        link.set("aria-label", f"Link to {own}")
        return own

    def _framed(self, table: Element, label: str) -> Element:
        # The attribute is obsolete, and its successor, a style, is what the site's policy forbids.
        for cell in table.iter():
            side = cell.attrib.pop("align", None)
            if side is not None:
                cell.set("class", f"align-{side}")
        attributes = {"class": "scroll", "tabindex": "0", "role": "group", "aria-label": label}
        frame = Element("div", attributes)
        frame.append(table)
        return frame


class _Code(Postprocessor):
    """Gives code blocks a name and the keyboard's focus; those of `highlight.wire` wrap."""

    def run(self, text: str) -> str:
        # Text on the page has its angle brackets escaped, so this finds elements only.
        return re.sub(
            r'(<div class="[^"]*highlight">)<pre>',
            r'\1<pre tabindex="0" role="group" aria-label="Code">',
            text,
        )
