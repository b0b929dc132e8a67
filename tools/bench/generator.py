"""The cost of rendering and highlighting a program, compared with the libraries alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from pygments import highlight as pygments
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from streamguide.content import load_content
from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import Options, read
from streamguide.generator.render import Program, prepared, render
from streamguide.guide import highlight
from tools.bench.report import Table, row

_ROUNDS = 41
_ALL = {
    "recovery": ["resume"],
    **{name: ["1"] for name in ("tool", "breaker", "stop", "usage", "count", "request_id", "save")},
    "events": ["all"],
}
_HEADINGS = (
    *("", "render, ms", "Jinja alone, ms", "render ÷ Jinja"),
    *("highlight, ms", "Pygments alone, ms", "highlight ÷ Pygments"),
)
_LIBRARY = load_content()
_MODELS, _TABLE = _LIBRARY.models, _LIBRARY.table


def measure() -> tuple[list[Table], str]:
    """The smallest and the largest program of each language; nothing that was made is kept."""
    rows = [
        _row(f"{name}, {size}", read({"language": [name], **chosen}, _MODELS))
        for name in LANGUAGES
        for size, chosen in (("smallest", {}), ("all options", _ALL))
    ]
    title = f"Programs (medians of {_ROUNDS}, each made anew)"
    return [Table(title, _HEADINGS, tuple(rows))], "Jinja2 and Pygments as pinned"


def _row(name: str, options: Options) -> tuple[str, ...]:
    program = render(options, _MODELS, _TABLE)
    template, context = prepared(options, _MODELS, _TABLE)
    made = _milliseconds(lambda: render(options, _MODELS, _TABLE))
    jinja = _milliseconds(lambda: template.render(context))
    coloured = _milliseconds(lambda: _coloured(program))
    alone = _milliseconds(lambda: _whole(program))
    what = f"{name}, {program.text.count(chr(10))} lines"
    return row(what, [made, jinja]) + row(what, [coloured, alone])[1:]


def _coloured(program: Program) -> list[str]:
    return [highlight.code(part.code, program.syntax) for part in program.parts]


def _whole(program: Program) -> object:
    return pygments(program.text, get_lexer_by_name(program.syntax), HtmlFormatter(nowrap=True))


def _milliseconds(make: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        make()
        return 1000 * (time.perf_counter() - started)

    return median(once() for _ in range(_ROUNDS))
