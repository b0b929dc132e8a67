"""Tables and samples that fit every screen: the attributes and frames that the style sheet needs.

On a phone a table of three columns or more becomes cards, a row each. A table of numbers stays one
and scrolls, and so does a matrix of marks, of which the page's script shows one column at a time.
Samples of one thing in several languages become tabs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from markdown.util import HTML_PLACEHOLDER_RE

# The classes of cells that begin with a mark.
_MARKS = {"●": "is-whole", "▲": "is-raised", "✕": "is-unnoticed", "…": "is-waiting"}
_NUMBER = re.compile(r"[\d.,]+")
# A name may wrap here; elsewhere it breaks only where it must.
_BREAK = re.compile(r"(?<=[._;])(?=\w)")
_PATH = re.compile(r"((?:[\w\[\]]+\.)+)(\w+)")


def frame_table(table: Element, label: str) -> Element:
    """The table in an element of class `scroll`, which the keyboard can scroll if it has to."""
    head, *rows = (list(row) for row in table.iter("tr"))
    names = [_text(cell) for cell in head]
    for row in rows:
        _wrap_names(row)
    frame = Element("div", {"class": "scroll"})
    frame.append(table)
    if _text(rows[0][-1])[:1] in _MARKS:
        _mark(rows)
        matrix = Element("div", {"class": "matrix"})
        matrix.append(_column_choice(names[1:]))
        matrix.append(_focusable(frame, label))
        return matrix
    if len(names) < 3:
        return frame
    if all(_NUMBER.fullmatch(_text(cell)) for row in rows for cell in row[1:]):
        return _focusable(frame, label)
    table.set("class", "cards")
    for row in rows:
        for name, cell in list(zip(names, row, strict=True))[1:]:
            cell.set("data-label", name)
    return frame


def gather_tabs(root: Element) -> None:
    """Put each run of paragraphs of class `tab`, with the code below each, into an element of
    class `tabs`."""
    frame: Element | None = None
    for element in list(root):
        if element.get("class") == "tab":
            if frame is None:
                frame = Element("div", {"class": "tabs"})
                root.insert(list(root).index(element), frame)
            SubElement(frame, "div", {**element.attrib, "class": "tab-panel"})
            element.attrib = {"class": "tab-name"}
        elif frame is None or not HTML_PLACEHOLDER_RE.fullmatch(element.text or ""):
            frame = None
            continue
        root.remove(element)
        frame[-1].append(element)


def _focusable(frame: Element, label: str) -> Element:
    for name, value in (("tabindex", "0"), ("role", "group"), ("aria-label", label)):
        frame.set(name, value)
    return frame


def _mark(rows: Sequence[Sequence[Element]]) -> None:
    for first, *cells in rows:
        first.tag = "th"
        first.set("scope", "row")
        for cell in cells:
            cell.set("class", _MARKS[_text(cell)[0]])


def _column_choice(names: Sequence[str]) -> Element:
    label = Element("label", {"class": "column-choice needs-script"})
    label.text = "Client"
    select = SubElement(label, "select")
    for name in names:
        SubElement(select, "option").text = name
    return label


def _wrap_names(row: Sequence[Element]) -> None:
    for place, cell in enumerate(row):
        for code in cell.iter("code"):
            text = code.text or ""
            path = _PATH.fullmatch(text) if place == 0 else None
            code.text = ""
            if path is None:
                _append(code, text)
            else:
                _append(SubElement(code, "span", {"class": "path"}), path[1])
                SubElement(code, "wbr")
                _append(code, path[2])


def _append(element: Element, text: str) -> None:
    """Add the text after what the element has, with a `wbr` wherever it may wrap."""
    first, *others = _BREAK.split(text)
    if len(element):
        element[-1].tail = first
    else:
        element.text = first
    for part in others:
        SubElement(element, "wbr").tail = part


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
