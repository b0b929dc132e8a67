"""Texts as string literals: all values of the user enter a program as such."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

# Categories of characters that are invisible or change how others are displayed: controls, format
# characters (such as marks of the reading direction), separators, private and unassigned ones.
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})
# A line, which may be empty, and the newlines after it.
_LINES = re.compile(r"([^\n]*)(\n*)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


class LiteralError(ValueError):
    """The text cannot be written in every language; the message says why."""


def check(text: str) -> None:
    """Raise LiteralError for NUL, which bash cannot pass on, and for half a surrogate pair."""
    if "\0" in text:
        raise LiteralError("it holds a NUL character, which bash cannot pass on")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise LiteralError("it holds half of a surrogate pair, which is no character")


def python(text: str) -> str:
    """A Python string literal, with the quotes that need fewer escapes, as formatters choose them."""
    return _quoted(text, _python_escape)


def javascript(text: str) -> str:
    """The same for JavaScript and TypeScript. Template literals are never used."""
    return _quoted(text, lambda character: f"\\u{{{ord(character):x}}}")


def bash(text: str) -> str:
    """A bash word in single quotes, in which no character is special.

    Invisible characters are escaped as bytes in `$'…'`. Each line of the text is quoted on its own,
    with escaped newlines, so that rules for the lines of a program do not apply to a text.
    """
    check(text)
    lines = [found for found in _LINES.findall(text) if any(found)]
    return "\\\n".join(_bash_line(*line) for line in lines) or "''"


def _quoted(text: str, escape: Callable[[str], str]) -> str:
    check(text)
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_written(character, quote, escape) for character in text) + quote


def _written(character: str, quote: str, escape: Callable[[str], str]) -> str:
    if character == quote:
        return "\\" + character
    if character in _SHORT:
        return _SHORT[character]
    return escape(character) if _is_invisible(character) else character


def _is_invisible(character: str) -> bool:
    return character != " " and unicodedata.category(character) in _INVISIBLE


def _python_escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _bash_line(text: str, breaks: str) -> str:
    ends = "$'" + "\\n" * len(breaks) + "'" if breaks else ""
    if not text:
        return ends
    if not any(map(_is_invisible, text)):
        return "'" + text.replace("'", "'\\''") + "'" + ends
    return "$'" + "".join(map(_bash_escape, text)) + "'" + ends


def _bash_escape(character: str) -> str:
    if character == "'":
        return "\\'"
    if character in _SHORT:
        return _SHORT[character]
    if _is_invisible(character):
        # Always three digits, because the next character may be a digit.
        return "".join(f"\\{byte:03o}" for byte in character.encode())
    return character
