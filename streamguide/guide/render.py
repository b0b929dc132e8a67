"""Renders Markdown as HTML with a table of contents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape, unescape
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.treeprocessors import Treeprocessor

from streamguide.guide import highlight
from streamguide.guide.responsive import frame_table, gather_tabs

# The text of the link at the end of each heading.
PERMALINK = "#"
_HEADING = re.compile("h[1-6]")
_FILTER = """\
<div class="filter needs-script" data-part="filter">
<label><span class="field-label">{label}</span>
<input type="search" autocomplete="off" spellcheck="false" data-part="filter-input"></label>
<p role="status" data-part="filter-note"></p>
</div>"""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of the table of contents: a heading's id and text, and its subheadings."""

    id: str
    title: str
    children: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page's HTML and its table of contents."""

    html: str
    toc: tuple[Heading, ...]


def render(
    text: str,
    figures: Mapping[str, str],
    families: Mapping[str, str],
    draw_strip: Callable[[str], str],
) -> Rendered:
    """Render Markdown.

    Code blocks in the languages `sse` and `http` are highlighted with the colours of `families`; a
    code block in the language `figure` is replaced by the SVG that it names, and one in the language
    `strip` by the wire strip of the stream that it names; one in `filter` becomes a field with this
    label, by which a script filters the table below it. HTML is escaped.
    """

    def wire(source: str, *_: Any, **__: Any) -> str:
        return highlight.wire(source, families)

    def figure(source: str, *_: Any, **__: Any) -> str:
        return f'<figure class="figure">{figures[source.strip()].strip()}</figure>'

    def strip(source: str, *_: Any, **__: Any) -> str:
        return f'<div class="strip-line">{draw_strip(source.strip())}</div>'

    def filter_box(source: str, *_: Any, **__: Any) -> str:
        return _FILTER.format(label=escape(source.strip()))

    fences = [
        {"name": "sse", "class": "wire", "format": wire},
        {"name": "http", "class": "wire", "format": wire},
        {"name": "figure", "class": "figure", "format": figure},
        {"name": "strip", "class": "strip", "format": strip},
        {"name": "filter", "class": "filter", "format": filter_box},
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
    """Escapes HTML, and makes tables, samples and code blocks fit every screen."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        # After the table of contents (5), which adds permalinks to the headings.
        md.treeprocessors.register(_Names(md), "guide-names", 4)
        # After the raw HTML (30), which inserts the code blocks.
        md.postprocessors.register(_Code(md), "guide-code", 5)


class _Names(Treeprocessor):
    """Labels permalinks and tables with their heading, and frames tables and tabs."""

    def run(self, root: Element) -> None:
        heading = "this page"
        for place, element in enumerate(list(root)):
            if _HEADING.fullmatch(element.tag):
                heading = self._name_permalink(element)
            elif element.tag == "table":
                self._align(element)
                root[place] = frame_table(element, f"Table in {heading}")
        gather_tabs(root)

    def _name_permalink(self, heading: Element) -> str:
        """Label the heading's permalink; returns the heading's own text."""
        link = heading[-1]
        own = "".join(heading.itertext()).removesuffix(link.text or "").strip()
        link.attrib.pop("title", None)
        link.set("aria-label", f"Link to {own}")
        return own

    def _align(self, table: Element) -> None:
        # The attribute is obsolete, and the Content-Security-Policy forbids inline styles.
        for cell in table.iter():
            side = cell.attrib.pop("align", None)
            if side is not None:
                cell.set("class", f"align-{side}")


class _Code(Postprocessor):
    """Makes code blocks focusable and labels them."""

    def run(self, text: str) -> str:
        # Angle brackets in text are escaped, so the pattern matches only elements.
        return re.sub(
            r'(<div class="[^"]*highlight">)<pre>',
            r'\1<pre tabindex="0" role="group" aria-label="Code">',
            text,
        )
