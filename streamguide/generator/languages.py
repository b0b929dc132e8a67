"""The languages of programs: templates, literals, and the layout of their formatters."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

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


def _fitting(line: str, width: int, lines: Iterable[str]) -> str:
    """The line if it fits into the width, else the lines."""
    return line if _width(line) <= width else "\n".join(lines)


def _python_constant(name: str, literal: str) -> str:
    line, indented = f"{name} = {literal}", f"    {literal}"
    if _width(indented) > _PYTHON_WIDTH:
        return line
    return _fitting(line, _PYTHON_WIDTH, [f"{name} = (", indented, ")"])


def _python_list(name: str, items: Sequence[str]) -> str:
    lines = [f"{name} = [", *(f"    {item}," for item in items), "]"]
    return _fitting(f"{name} = [{', '.join(items)}]", _PYTHON_WIDTH, lines)


def _python(template: str, file: str = "stream.py", **flags: object) -> Language:
    return Language(
        template, file, "python", literals.python, 2, _python_constant, _python_list, flags
    )


def _javascript_constant(name: str, literal: str) -> str:
    # Formatters break the line even if the text is too long for the next one.
    lines = [f"const {name} =", f"  {literal};"]
    return _fitting(f"const {name} = {literal};", _JAVASCRIPT_WIDTH, lines)


def _javascript_list(name: str, items: Sequence[str]) -> str:
    lines = [f"const {name} = [", *(f"  {item}," for item in items), "];"]
    return _fitting(f"const {name} = [{', '.join(items)}];", _JAVASCRIPT_WIDTH, lines)


def _script_function(
    is_typed: bool, opening: str, parameters: Mapping[str, str], text: str, returns: str = ""
) -> str:
    """The head of a function: `text` says what it does, `parameters` are types by names.

    TypeScript has the types in the head, JavaScript in the comment before it.
    """
    types = [f"{name}: {type_}" for name, type_ in parameters.items()]
    names = types if is_typed else list(parameters)
    end = f"): {returns} {{" if is_typed and returns else ") {"
    broken = [f"{opening}(", *(f"  {name}," for name in names), end]
    head = _fitting(f"{opening}({', '.join(names)}{end}", _JAVASCRIPT_WIDTH, broken)
    tags = [f"@param {{{type_}}} {name}" for name, type_ in parameters.items()]
    tags += [f"@returns {{{returns}}}"] if returns else []
    said = [text] if is_typed else [text, *tags]
    lines = ["/**", *(f" * {line}" for line in said), " */"]
    comment = _fitting(f"/** {' '.join(said)} */", _JAVASCRIPT_WIDTH, lines)
    return f"{comment}\n{head}"


def _javascript(template: str, file: str, syntax: str, *, typed: bool = False) -> Language:
    constant, constant_list = _javascript_constant, _javascript_list
    flags = {"typed": typed, "function": partial(_script_function, typed)}
    return Language(template, file, syntax, literals.javascript, 1, constant, constant_list, flags)


def _bash_constant(name: str, literal: str) -> str:
    return f"{name}={literal}"


def _bash_list(name: str, items: Sequence[str]) -> str:
    lines = [f"{name}=(", *(f"  {item}" for item in items), ")"]
    return _fitting(f"{name}=({' '.join(items)})", _BASH_WIDTH, lines)


LANGUAGES: Mapping[str, Language] = {
    "python": _python("python/stream.py", asynchronous=False),
    "python-async": _python("python/stream.py", asynchronous=True),
    "flask": _python("flask/relay.py", "relay.py"),
    "fastapi": _python("fastapi/relay.py", "relay.py"),
    "express": _javascript("express/relay.mjs", "relay.mjs", "javascript"),
    "web": _javascript("web/handler.ts", "handler.ts", "typescript", typed=True),
    "python-plain": _python("python-plain/stream.py"),
    "javascript": _javascript("javascript/stream.mjs", "stream.mjs", "javascript"),
    "typescript": _javascript("javascript/stream.mjs", "stream.mts", "typescript", typed=True),
    "javascript-fetch": _javascript("javascript-fetch/stream.mjs", "stream.mjs", "javascript"),
    "curl": Language(
        "curl/stream.sh", "stream.sh", "bash", literals.bash, 1, _bash_constant, _bash_list, {}
    ),
}
