"""The languages of programs: templates, literals, and the layout of their formatters."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from streamguide.generator import literals

# The default line widths of ruff and black, and of prettier and biome.
_PYTHON_WIDTH = 88
_JAVASCRIPT_WIDTH = 80
_BASH_WIDTH = 80
# From there on Python, too, writes a float with an exponent.
_MOST_DIGITS = 1e16
# A property's name that needs no quotes.
_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class Language:
    """A template below `templates/code/`, and the functions with which it writes code.

    `literal` encodes a text. `constant` and `constant_list` assign literals to a name, formatted.
    `value` writes a JSON value behind a text such as `NAME = `. Formatters leave at most
    `blank_lines` between two lines. `flags` are variables of the template in addition to the
    options.
    """

    template: str
    file: str
    syntax: str
    literal: Callable[[str], str]
    blank_lines: int
    constant: Callable[[str, str], str]
    constant_list: Callable[[str, Sequence[str]], str]
    value: Callable[[str, object], str]
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


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a language writes JSON values. `key` encodes the name of a property."""

    literal: Callable[[str], str]
    key: Callable[[str], str]
    constants: Mapping[object, str]
    width: int
    step: str
    # Between the braces and the properties of an object in one line.
    padding: str
    # Whether a text that is too long stands in a line of its own, after its name.
    breaks_before_text: bool = False

    def written(self, before: str, value: object) -> str:
        """`before` and the value, which is broken into lines where it does not fit into one."""
        outer = before[: len(before) - len(before.lstrip())]
        inner = outer + self.step
        # What is far too long for a line need not be tried.
        if not isinstance(value, dict | list) or len(str(value)) <= 2 * self.width:
            line = before + self._line(value)
            # A comma or a semicolon follows.
            if _width(line) < self.width or value in ({}, []):
                return line
            # Unless the name is as short as the indentation.
            has_name = _width(before) > _width(inner) + len(": ")
            if isinstance(value, str) and self.breaks_before_text and has_name:
                return f"{before.rstrip()}\n{inner}{self.literal(value)}"
            if not isinstance(value, dict | list):
                return line
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        if isinstance(value, dict):
            items = [self.written(f"{inner}{self.key(name)}: ", value[name]) for name in value]
        else:
            items = [self.written(inner, item) for item in value]
        return "\n".join([before + opening, *(f"{item}," for item in items), outer + closing])

    def _line(self, value: object) -> str:
        match value:
            case str():
                return self.literal(value)
            case bool() | None:
                return self.constants[value]
            case float() if value.is_integer() and abs(value) < _MOST_DIGITS:
                return repr(int(value))
            case int() | float():
                return repr(value).replace("e+", "e")
            case list():
                return f"[{', '.join(map(self._line, value))}]"
            case dict():
                items = [f"{self.key(name)}: {self._line(item)}" for name, item in value.items()]
                return f"{{{self.padding}{', '.join(items)}{self.padding}}}" if items else "{}"
            case _:
                raise TypeError(f"{type(value).__name__} is no JSON value")


_PYTHON = _Notation(
    literals.python,
    literals.python,
    {True: "True", False: "False", None: "None"},
    _PYTHON_WIDTH,
    " " * 4,
    "",
)


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
        *(template, file, "python", literals.python, 2),
        *(_python_constant, _python_list, _PYTHON.written, flags),
    )


def _javascript_key(name: str) -> str:
    if name == "__proto__":
        # Without brackets it would be the prototype.
        return '["__proto__"]'
    return name if _PLAIN_KEY.fullmatch(name) else literals.javascript(name)


_JAVASCRIPT = _Notation(
    literals.javascript,
    _javascript_key,
    {True: "true", False: "false", None: "null"},
    _JAVASCRIPT_WIDTH,
    " " * 2,
    " ",
    breaks_before_text=True,
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
    flags = {"typed": typed, "function": partial(_script_function, typed)}
    return Language(
        *(template, file, syntax, literals.javascript, 1),
        *(_javascript_constant, _javascript_list, _JAVASCRIPT.written, flags),
    )


def _bash_constant(name: str, literal: str) -> str:
    return f"{name}={literal}"


def _bash_value(before: str, value: object) -> str:
    return before + literals.bash(json.dumps(value, ensure_ascii=False))


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
        *("curl/stream.sh", "stream.sh", "bash", literals.bash, 1),
        *(_bash_constant, _bash_list, _bash_value, {}),
    ),
}
