"""The languages of programs: templates, literals, and the layout of their formatters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from streamguide.generator import literals

# The default line widths of ruff and black, and of prettier and biome.
_PYTHON_WIDTH = 88
_JAVASCRIPT_WIDTH = 80
_BASH_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Language:
    """A template below `templates/code/`, and the functions with which it writes code.

    `literal` encodes a text. `constant` and `constant_list` assign literals to a name, formatted.
    Formatters leave at most `blank_lines` between two lines. `flags` are variables of the template
    in addition to the options.
    """

    template: str
    file: str
    syntax: str
    literal: Callable[[str], str]
    blank_lines: int
    constant: Callable[[str, str], str]
    constant_list: Callable[[str, Sequence[str]], str]
    flags: Mapping[str, object]


def _width(line: str) -> int:
    """The columns of a line: two for East Asian characters and emoji, none for combining accents."""
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in line
    )


def _python_constant(name: str, literal: str) -> str:
    line, indented = f"{name} = {literal}", f"    {literal}"
    if _width(line) <= _PYTHON_WIDTH or _width(indented) > _PYTHON_WIDTH:
        return line
    return f"{name} = (\n{indented}\n)"


def _python_list(name: str, items: Sequence[str]) -> str:
    line = f"{name} = [{', '.join(items)}]"
    if _width(line) <= _PYTHON_WIDTH:
        return line
    return "\n".join([f"{name} = [", *(f"    {item}," for item in items), "]"])


def _python(template: str, file: str = "stream.py", **flags: object) -> Language:
    return Language(
        template,
        file,
        "python",
        literals.python,
        2,
        _python_constant,
        _python_list,
        flags,
    )


def _javascript_constant(name: str, literal: str) -> str:
    line = f"const {name} = {literal};"
    if _width(line) <= _JAVASCRIPT_WIDTH:
        return line
    # Formatters break the line even if the text is too long for the next one.
    return f"const {name} =\n  {literal};"


def _javascript_list(name: str, items: Sequence[str]) -> str:
    line = f"const {name} = [{', '.join(items)}];"
    if _width(line) <= _JAVASCRIPT_WIDTH:
        return line
    return "\n".join([f"const {name} = [", *(f"  {item}," for item in items), "];"])


def _javascript(template: str, file: str, syntax: str, **flags: object) -> Language:
    return Language(
        template,
        file,
        syntax,
        literals.javascript,
        1,
        _javascript_constant,
        _javascript_list,
        flags,
    )


def _bash_constant(name: str, literal: str) -> str:
    return f"{name}={literal}"


def _bash_list(name: str, items: Sequence[str]) -> str:
    line = f"{name}=({' '.join(items)})"
    if _width(line) <= _BASH_WIDTH:
        return line
    return "\n".join([f"{name}=(", *(f"  {item}" for item in items), ")"])


_CURL = Language(
    "curl/stream.sh",
    "stream.sh",
    "bash",
    literals.bash,
    1,
    _bash_constant,
    _bash_list,
    {},
)


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "python": _python("python/stream.py", asynchronous=False),
        "python-async": _python("python/stream.py", asynchronous=True),
        "flask": _python("flask/relay.py", "relay.py"),
        "fastapi": _python("fastapi/relay.py", "relay.py"),
        "express": _javascript("express/relay.mjs", "relay.mjs", "javascript", typed=False),
        "python-plain": _python("python-plain/stream.py"),
        "javascript": _javascript("javascript/stream.mjs", "stream.mjs", "javascript", typed=False),
        "typescript": _javascript("javascript/stream.mjs", "stream.mts", "typescript", typed=True),
        "javascript-fetch": _javascript(
            "javascript-fetch/stream.mjs", "stream.mjs", "javascript", typed=False
        ),
        "curl": _CURL,
    }
)
