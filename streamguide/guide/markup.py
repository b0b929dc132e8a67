"""Markdown as directives write it: fences, tables, and text without markup."""

from __future__ import annotations

from collections.abc import Iterable


def fenced(language: str, text: str) -> str:
    """A code block whose fence is longer than every run of backticks in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def strip_block(path: str) -> str:
    """The wire strip of a scenario and perhaps its faults, for the renderer to draw."""
    return fenced("strip", path)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; its cells are Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped)


def plain(text: str) -> str:
    """Text with the characters escaped that Markdown would read as markup."""
    for character in r"\`*[]<":
        text = text.replace(character, "\\" + character)
    return text
