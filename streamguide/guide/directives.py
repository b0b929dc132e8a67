"""Directives: lines `::: name arguments` that are replaced by Markdown.

`::: example scenario=hello event=1`, for instance, becomes a code block with the event's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree import ElementTree

from streamguide.content_file import ContentError
from streamguide.generator.options import OptionsError, query_of, read
from streamguide.generator.render import Program, render
from streamguide.guide.clients import client_matrix, client_sections
from streamguide.guide.context import LOCAL_URL, ContentContext, OutputFormat
from streamguide.guide.corpus import conformance_table, recording_sections, rule_sections
from streamguide.guide.event_reference import error_summary, section, show
from streamguide.guide.examples import Example, SourceReference
from streamguide.guide.faults import fault_sections, outcome_table
from streamguide.guide.markup import fenced, plain
from streamguide.guide.source import Source
from streamguide.guide.symptoms import symptom_table
from streamguide.guide.tables import model_table, price_table, settings_table
from streamguide.settings import LiveSettings, Settings

_MARK = ":::"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_EVENTS = re.compile(r"(\d+)(?:-(\d+))?")
# A function at the top level, with the comment above it.
_FUNCTION = re.compile(
    r"(?:^// .*\n)*^(?:async )?function\*? (?P<name>\w+)\((?:.|\n)*?^\}$", re.MULTILINE
)
_FILTER_LABEL = "Paste your error, or say what you saw"
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class Call:
    """A directive's name, its words, and its `key=value` options."""

    name: str
    words: tuple[str, ...]
    options: Mapping[str, str]

    def word(self, known: Mapping[str, object]) -> str:
        """The only argument, which must be a known name. Raises ContentError."""
        if len(self.words) != 1 or self.options:
            raise ContentError(f"{self.name} takes one of {', '.join(known)}")
        return choose(self.name, self.words[0], known)


def expand(source: Source, context: ContentContext, output: OutputFormat) -> str:
    """The page's Markdown with its directives replaced, and with the site's own simulator in its
    commands.

    For "html" it may contain what only the renderer can show, such as figures; for "markdown" they
    are described in words. Raises ContentError with the file and the line.
    """
    lines, fence = [], None
    for number, line in enumerate(source.body.split("\n"), start=source.first_line):
        fence = _fence_after(line, fence)
        if fence is None and line.startswith(_MARK):
            try:
                line = _run(line, context, output)
            except ContentError as error:
                raise ContentError(f"{source.file}:{number}: {error}") from None
        lines.append(line)
    text = "\n".join(lines)
    return text.replace(f"{LOCAL_URL}/simulator", f"{context.site_url}/simulator")


def choose(what: str, name: str, known: Mapping[str, object]) -> str:
    """The name, if it is a known one. Raises ContentError."""
    if name not in known:
        raise ContentError(f"{what} does not know {name!r}; there are {', '.join(known)}")
    return name


def _fence_after(line: str, fence: str | None) -> str | None:
    """The fence of the code block to which the line belongs, or which it opens; else None."""
    match = _FENCE.fullmatch(line)
    if match is None:
        return fence
    if fence is None:
        return match[1]
    closes = match[1].startswith(fence) and not match[2].strip()
    return None if closes else fence


def _run(line: str, context: ContentContext, output: OutputFormat) -> str:
    name, *arguments = line.removeprefix(_MARK).split() or [""]
    choose(_MARK, name, _DIRECTIVES)
    words = tuple(argument for argument in arguments if "=" not in argument)
    options = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    return _DIRECTIVES[name](Call(name, words, options), context, output)


def _example(call: Call, context: ContentContext, output: OutputFormat) -> str:
    match dict(call.options):
        case {"scenario": name, "event": numbers, **rest} if not rest and not call.words:
            return show(_events(name, numbers, context))
        case {"find": anchor, **rest} if not rest and not call.words:
            return show(context.examples[choose("find", anchor, context.examples)])
    raise ContentError("example takes scenario=<name> event=<number or range>, or find=<anchor>")


def _events(name: str, numbers: str, context: ContentContext) -> Example:
    stream = context.streams[choose("scenario", name, context.streams)]
    match = _EVENTS.fullmatch(numbers)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= len(stream):
        raise ContentError(f"event takes a number from 1 to {len(stream)}, or a range such as 2-4")
    text = "".join(wire_event.text for wire_event in stream[first - 1 : last])
    return Example(text, SourceReference(context.scenarios[name], first, last))


def _entries(call: Call, context: ContentContext, output: OutputFormat) -> str:
    sections = context.table.sections
    name = call.word(sections)
    parts = [section(entry, context, output) for entry in sections[name].values()]
    if name == "errors":
        parts.insert(0, error_summary(context.table.errors.values()))
    return "\n\n".join(parts)


def _figure(call: Call, context: ContentContext, output: OutputFormat) -> str:
    name = call.word(context.figures)
    if output == "html":
        return fenced("figure", name)
    svg = ElementTree.fromstring(context.figures[name])
    title, text = (" ".join(svg.findtext(_SVG + tag, "").split()) for tag in ("title", "desc"))
    return f"**Figure: {title}.** {text}"


def _program(call: Call, context: ContentContext, output: OutputFormat) -> str:
    region = call.options.get("region")
    if len(call.words) != 1 or call.options.keys() - {"region"}:
        raise ContentError("program takes a file of content/programs, and perhaps region=<name>")
    program = context.programs[choose("program", call.words[0], context.programs)]
    return fenced(program.language, program.part(region))


def _generated(call: Call, context: ContentContext, output: OutputFormat) -> str:
    """A generated program with these options, and a link to the generator.

    `part=<title>` shows only that part; the title is in lower case with hyphens. `function=<name>`
    shows only that function of a relay's page.
    """
    extracts = {name: text for name, text in call.options.items() if name in _EXTRACTS}
    if call.words or len(extracts) > 1:
        raise ContentError(
            "generated takes options of the generator, such as language=python, "
            "and perhaps part=<title> or function=<name>"
        )
    query = {name: [text] for name, text in call.options.items() if name not in _EXTRACTS}
    try:
        options = read(query, context.models)
    except OptionsError as error:
        raise ContentError(f"generated: {error}") from None
    program = render(options, context.models, context.table)
    for name, text in extracts.items():
        return _EXTRACTS[name](program, text)
    address = f"/generator?{urlencode(query_of(options, context.models))}".removesuffix("?")
    return (
        f"{fenced(program.syntax, program.text)}\n\n"
        f"[Change it in the generator]({address}), or see what it survives."
    )


def _part(program: Program, title: str) -> str:
    parts = {part.title.lower().replace(" ", "-"): part.code for part in program.parts}
    return fenced(program.syntax, parts[choose("part", title, parts)].strip("\n"))


def _function(program: Program, name: str) -> str:
    functions = {match["name"]: match[0] for match in _FUNCTION.finditer(program.text)}
    return fenced("javascript", functions[choose("function", name, functions)])


_EXTRACTS: Mapping[str, Callable[[Program, str], str]] = {"part": _part, "function": _function}


def _settings(call: Call, context: ContentContext, output: OutputFormat) -> str:
    known = {"site": Settings, "live": LiveSettings}
    return settings_table(known[call.word(known)])


def _clients(call: Call, context: ContentContext, output: OutputFormat) -> str:
    known = {"matrix": client_matrix, "sections": client_sections}
    return known[call.word(known)](context.clients)


def _symptoms(context: ContentContext, output: OutputFormat) -> str:
    is_page = output == "html"
    rows = symptom_table(context.symptoms, context.scenarios, with_anchors=is_page)
    return f"{fenced('filter', _FILTER_LABEL)}\n\n{rows}" if is_page else rows


def _scenarios(context: ContentContext, output: OutputFormat) -> str:
    return "\n".join(
        f"- [{plain(scenario.title)}](/demo?scenario={scenario.name})"
        f"{' (beta)' if scenario.beta else ''}: {plain(scenario.summary)}"
        for scenario in context.scenarios.values()
    )


_Directive = Callable[[Call, ContentContext, OutputFormat], str]


def _without_arguments(make: Callable[[ContentContext, OutputFormat], str]) -> _Directive:
    def run(call: Call, context: ContentContext, output: OutputFormat) -> str:
        if call.words or call.options:
            raise ContentError(f"{call.name} takes no arguments")
        return make(context, output)

    return run


_DIRECTIVES: Mapping[str, _Directive] = {
    "clients": _clients,
    "conformance": _without_arguments(lambda context, _: conformance_table(context.conformance)),
    "entries": _entries,
    "example": _example,
    "faults": _without_arguments(lambda context, output: fault_sections(context.outcomes, output)),
    "figure": _figure,
    "generated": _generated,
    "models": _without_arguments(lambda context, _: model_table(context.models)),
    "outcomes": _without_arguments(lambda context, _: outcome_table(context.outcomes)),
    "prices": _without_arguments(lambda context, _: price_table(context.models)),
    "program": _program,
    "recordings": _without_arguments(
        lambda context, output: recording_sections(context.rules, context.recordings, output)
    ),
    "rules": _without_arguments(
        lambda context, _: rule_sections(context.rules, context.recordings)
    ),
    "scenarios": _without_arguments(_scenarios),
    "settings": _settings,
    "symptoms": _without_arguments(_symptoms),
}
