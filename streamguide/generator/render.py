"""Renders a program: the template of its language, with every value as a literal.

A template is a program with Jinja in it: `{{ … }}` for values, and lines that begin with `%%` for
statements. Folders whose names begin with `_` contain code that several programs share. A line
`¶ Title | Note` begins a part, which the page shows with the note; the line is not in the program.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import jinja2

from streamguide.files import ROOT
from streamguide.generator.languages import LANGUAGES, Language
from streamguide.generator.options import Options, display_of
from streamguide.models import Models
from streamguide.protocol.table import Table

# The text that a program shows while its circuit breaker is open.
FALLBACK = "Claude cannot be reached right now. Please try again in a minute."

TEMPLATES = ROOT / "templates" / "code"

_PART = re.compile(r"^¶ (?P<title>[^|\n]+) \| (?P<note>[^\n]+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ProgramPart:
    """Lines of a program under a title, including the blank lines at their end."""

    title: str
    note: str
    code: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its file name, the language for highlighting, and its parts."""

    file: str
    syntax: str
    parts: tuple[ProgramPart, ...]

    @property
    def text(self) -> str:
        """The whole program."""
        return "".join(part.code for part in self.parts)


def render(options: Options, models: Models, table: Table) -> Program:
    """Render the program for these options."""
    language = LANGUAGES[options.language]
    template, context = prepared(options, models, table)
    most = "\n" * (language.blank_lines + 1)
    tidy = re.sub(f"{most}\n+", most, template.render(context)).rstrip("\n") + "\n"
    return Program(language.file, language.syntax, tuple(_parts(tidy)))


def prepared(
    options: Options, models: Models, table: Table
) -> tuple[jinja2.Template, dict[str, Any]]:
    """The template for these options, and its variables."""
    language = LANGUAGES[options.language]
    template = _ENVIRONMENT.get_template(language.template)
    return template, _context(options, models, table, language)


def _parts(text: str) -> list[ProgramPart]:
    _, *pieces = _PART.split(text)
    return [
        ProgramPart(title, note, code)
        for title, note, code in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    ]


# Jinja's own line statements would also remove the blank lines around them.
_STATEMENT = re.compile(r"^[ ]*%% (.*)$", re.MULTILINE)


def _source(name: str) -> str:
    text = (TEMPLATES / name).read_text(encoding="utf-8")
    return _STATEMENT.sub(r"⟦% \1 %⟧", text)


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FunctionLoader(_source),
    # The output is code; pages escape it.
    autoescape=False,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    # Delimiters that occur in none of the languages.
    block_start_string="⟦%",
    block_end_string="%⟧",
    comment_start_string="⟦#",
    comment_end_string="#⟧",
    keep_trailing_newline=True,
)


def _context(options: Options, models: Models, table: Table, language: Language) -> dict[str, Any]:
    """The variables of a template: flags, numbers, and texts as literals."""
    model = models.by_id[options.model]
    literal = language.literal
    display = display_of(options, model)
    guards = options.retries or options.has_breaker
    tool_schema = json.loads(options.tool_schema)
    return {
        **language.flags,
        "model": literal(options.model),
        "ends": model.retires,
        "prefill": model.prefill,
        "prices_of": models.as_of.isoformat(),
        "price": {
            "input": f"{model.price.input:g}",
            "output": f"{model.price.output:g}",
            "write_5m": f"{model.price.cache_write_5m:g}",
            "write_1h": f"{model.price.cache_write_1h:g}",
            "read": f"{model.price.cache_read:g}",
        },
        "max_tokens": options.max_tokens,
        "system": literal(options.system) if options.system else None,
        "prompt": literal(options.prompt),
        "stop_sequences": [literal(stop) for stop in options.stop_sequences],
        "display": literal(display) if display else None,
        "notes": options.tool and display == "summarized",
        "effort": literal(options.effort) if options.effort != "default" else None,
        "schema": json.loads(options.schema) if options.schema else None,
        "fallback": literal(FALLBACK),
        "tool": options.tool,
        "own_tool": options.has_own_tool,
        "tool_name": literal(options.tool_name),
        "tool_description": options.tool_description,
        "tool_schema": tool_schema,
        "tool_required": [literal(name) for name in dict.fromkeys(tool_schema.get("required", []))],
        "chat": options.chat,
        "stream": options.stream,
        "all_events": options.events == "all",
        "retry": options.retries,
        "keep": options.keeps_partial,
        "resume": options.resumes,
        "stop": options.stop,
        "breaker": options.has_breaker,
        "temporary": guards,
        "never_retried": [literal(code) for code in table.never_retried],
        "asking": "ask_again" if options.retries else "ask_guarded" if guards else "ask",
        "usage": options.usage,
        "count": options.count,
        "request_id": options.request_id,
        "save": options.save and options.stream,
        "connect_timeout": options.connect_timeout,
        "silence_timeout": options.silence_timeout,
        "connect_ms": f"{1000 * options.connect_timeout:_}",
        "silence_ms": f"{1000 * options.silence_timeout:_}",
        "constant": language.constant,
        "constant_list": language.constant_list,
        "value": language.value,
    }
