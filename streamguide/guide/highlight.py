"""Syntax highlighting as HTML with classes: without inline styles, with all text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from html import escape

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.lexers.data import JsonLexer
from pygments.token import STANDARD_TYPES, Punctuation

_LEXER = JsonLexer(stripnl=False, ensurenl=False)
_FORMATTER = HtmlFormatter(nowrap=True)


def code(text: str, language: str) -> str:
    """A program's highlighted text, for a `code` element."""
    highlighted: str = highlight(text, _lexer(language), _FORMATTER)
    return highlighted


@cache
def _lexer(language: str) -> Lexer:
    # Blank lines at the start and the end belong to a part of a program.
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


def wire(text: str, families: Mapping[str, str]) -> str:
    """Frames, or an HTTP response with a JSON body.

    `families` maps each event's name to the family whose colour it has.
    """
    # Each line is an element, so that a wrapped line can be indented; the newlines between them
    # are part of a copied text.
    lines = "\n".join(
        f'<span class="line">{"".join(_line(line, families))}</span>' for line in text.split("\n")
    )
    return f'<div class="highlight wire"><pre><code>{lines}</code></pre></div>'


def _line(line: str, families: Mapping[str, str]) -> Iterator[str]:
    if line.startswith("{"):
        yield from _json(line)
        return
    name, colon, value = line.partition(": ")
    if not colon:
        yield _span("nf family-error" if line.startswith("HTTP/") else "", line)
        return
    yield _span("na", name + colon)
    if name == "event":
        yield _span(f"nf family-{families.get(value, 'ping')}", value)
    elif name == "data":
        yield from _json(value)
    else:
        yield _span("", value)


def _json(text: str) -> Iterator[str]:
    for token, value in _LEXER.get_tokens(text):
        yield _span("" if token is Punctuation else STANDARD_TYPES[token], value)


def _span(classes: str, text: str) -> str:
    return f'<span class="{classes}">{escape(text)}</span>' if classes else escape(text)
