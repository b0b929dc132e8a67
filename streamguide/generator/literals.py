"""A text as a literal of each language: the only way by which a value enters a program."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

# What cannot be seen, or changes how what follows is seen: controls, format characters (with the
# marks that turn the reading direction), odd line ends and spaces, private and unassigned ones.
_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"})
# A line, which may be empty, and the line ends after it.
_LINES = re.compile(r"([^\n]*)(\n*)")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


class LiteralError(ValueError):
    """A text that no program can hold: says what is wrong with it."""


def check(text: str) -> None:
    """Raise LiteralError for NUL, which bash cannot hold, and for half a surrogate pair."""
    if "\0" in text:
        raise LiteralError("it holds a NUL character, which bash cannot pass on")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise LiteralError("it holds half of a surrogate pair, which is no character")


def python(text: str) -> str:
    """A Python string literal, with the quotes that need fewer escapes, as formatters have it."""
    return _quoted(text, _python_escape)


def javascript(text: str) -> str:
    """The same for JavaScript and TypeScript. Template literals are never used."""
    return _quoted(text, lambda character: f"\\u{{{ord(character):x}}}")


def bash(text: str) -> str:
    """A word for bash: in single quotes, in which nothing means anything but itself.

    With characters that cannot be seen it is `$'…'`, whose escapes stand for bytes. Each line of
    the text has one of its own, but no line end as such: what lays out a program must not change
    a text, and a line of it is no line of the program's.
    """
    check(text)
    lines = [found for found in _LINES.findall(text) if any(found)]
    return "\\\n".join(_bash_line(*line) for line in lines) or "''"


LITERALS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"python": python, "javascript": javascript, "bash": bash}
)


def _quoted(text: str, escape: Callable[[str], str]) -> str:
    check(text)
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_written(character, quote, escape) for character in text) + quote


def _written(character: str, quote: str, escape: Callable[[str], str]) -> str:
    if character == quote:
        return "\\" + character
    if character in _SHORT:
        return _SHORT[character]
    return escape(character) if _is_unseen(character) else character


def _is_unseen(character: str) -> bool:
    return character != " " and unicodedata.category(character) in _UNSEEN


def _python_escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _bash_line(text: str, breaks: str) -> str:
    ends = "$'" + "\\n" * len(breaks) + "'" if breaks else ""
    if not text:
        return ends
    if not any(map(_is_unseen, text)):
        return "'" + text.replace("'", "'\\''") + "'" + ends
    return "$'" + "".join(map(_bash_escape, text)) + "'" + ends


def _bash_escape(character: str) -> str:
    if character == "'":
        return "\\'"
    if character in _SHORT:
        return _SHORT[character]
    if _is_unseen(character):
        # Always three digits: what follows may be a digit of its own.
        return "".join(f"\\{byte:03o}" for byte in character.encode())
    return character
