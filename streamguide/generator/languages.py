"""The languages of programs: their templates, their literals, and how their formatters lay out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from streamguide.generator import literals

# Where formatters break lines unless told otherwise: ruff and black, and prettier and biome.
_PYTHON_WIDTH = 88
_JAVASCRIPT_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Language:
    """How programs of a language come to be.

    `template` is below `templates/code/`, `literal` writes a text, and `blank_lines` is the most
    that formatters leave between two lines. `constant` and `constant_list` give a literal or some
    a name, as a formatter would write it. `flags` are values that the template knows beside those
    of the options.
    """

    template: str
    file: str
    syntax: str
    literal: Callable[[str], str]
    blank_lines: int
    constant: Callable[[str, str], str]
    constant_list: Callable[[str, Sequence[str]], str]
    flags: Mapping[str, object]


def _python_constant(name: str, literal: str) -> str:
    line, indented = f"{name} = {literal}", f"    {literal}"
    if len(line) <= _PYTHON_WIDTH or len(indented) > _PYTHON_WIDTH:
        return line
    return f"{name} = (\n{indented}\n)"


def _python_list(name: str, items: Sequence[str]) -> str:
    line = f"{name} = [{', '.join(items)}]"
    if len(line) <= _PYTHON_WIDTH:
        return line
    return "\n".join([f"{name} = [", *(f"    {item}," for item in items), "]"])


def _python(template: str, **flags: object) -> Language:
    return Language(
        template,
        "stream.py",
        "python",
        literals.python,
        2,
        _python_constant,
        _python_list,
        flags,
    )


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "python": _python("python/stream.py", asynchronous=False),
        "python-async": _python("python/stream.py", asynchronous=True),
    }
)
