"""Directives: whole lines `::: name arguments` that become Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree import ElementTree

from streamguide.content_file import ContentError
from streamguide.generator.options import OptionsError, query_of, read
from streamguide.generator.render import Program as Generated
from streamguide.generator.render import render
from streamguide.guide import sections
from streamguide.guide.examples import Example, Place
from streamguide.guide.faults import fault_sections, outcome_table
from streamguide.guide.sections import Material, Target
from streamguide.guide.source import Source
from streamguide.guide.tables import model_table, price_table, settings_table
from streamguide.protocol.table import Entry
from streamguide.scenarios.load import Scenario
from streamguide.settings import LiveSettings, Settings

_MARK = ":::"
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_EVENTS = re.compile(r"(\d+)(?:-(\d+))?")
# A function at the margin, with the comment above it.
_FUNCTION = re.compile(
    r"(?:^// .*\n)*^(?:async )?function\*? (?P<name>\w+)\((?:.|\n)*?^\}$", re.MULTILINE
)
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class Call:
    """A directive as it is written: its name, its words and its `key=value` options."""

    name: str
    words: tuple[str, ...]
    options: Mapping[str, str]

    def word(self, known: Mapping[str, object]) -> str:
        """The only argument, one of the known ones. Raises ContentError."""
        if len(self.words) != 1 or self.options:
            raise ContentError(f"{self.name} takes one of {', '.join(known)}")
        return choose(self.name, self.words[0], known)


def expand(source: Source, material: Material, target: Target) -> str:
    """The page's Markdown with each directive replaced by what it stands for.

    For the target "html" it still has what only the renderer can show, such as figures; for
    "markdown" that is replaced by words. Raises ContentError with the file and the line.
    """
    lines, fence = [], None
    for number, line in enumerate(source.body.split("\n"), start=source.first_line):
        fence = _fence_after(line, fence)
        if fence is None and line.startswith(_MARK):
            try:
                line = _run(line, material, target)
            except ContentError as error:
                raise ContentError(f"{source.file}:{number}: {error}") from None
        lines.append(line)
    return "\n".join(lines)


def choose(what: str, name: str, known: Mapping[str, object]) -> str:
    """The name, if it is a known one. Raises ContentError."""
    if name not in known:
        raise ContentError(f"{what} does not know {name!r}; there are {', '.join(known)}")
    return name


def _fence_after(line: str, fence: str | None) -> str | None:
    """The fence of the code block that this line is in or begins, None outside of one."""
    match = _FENCE.fullmatch(line)
    if match is None:
        return fence
    if fence is None:
        return match[1]
    closes = match[1].startswith(fence) and not match[2].strip()
    return None if closes else fence


def _run(line: str, material: Material, target: Target) -> str:
    name, *arguments = line.removeprefix(_MARK).split() or [""]
    choose(_MARK, name, _DIRECTIVES)
    words = tuple(argument for argument in arguments if "=" not in argument)
    options = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
    return _DIRECTIVES[name](Call(name, words, options), material, target)


def _example(call: Call, material: Material, target: Target) -> str:
    match dict(call.options):
        case {"scenario": name, "event": numbers, **rest} if not rest and not call.words:
            return sections.show(_events(name, numbers, material))
        case {"find": anchor, **rest} if not rest and not call.words:
            return sections.show(material.examples[choose("find", anchor, material.examples)])
    raise ContentError("example takes scenario=<name> event=<number or range>, or find=<anchor>")


def _events(name: str, numbers: str, material: Material) -> Example:
    stream = material.streams[choose("scenario", name, material.streams)]
    match = _EVENTS.fullmatch(numbers)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1 <= first <= last <= len(stream):
        raise ContentError(f"event takes a number from 1 to {len(stream)}, or a range such as 2-4")
    text = "".join(sent.text for sent in stream[first - 1 : last])
    return Example(text, Place(material.scenarios[name], first, last))


def _entries(call: Call, material: Material, target: Target) -> str:
    table = material.table
    known: dict[str, Mapping[str, Entry]] = {
        "events": table.events,
        "deltas": table.deltas,
        "blocks": table.blocks,
        "stop_reasons": table.stop_reasons,
        "errors": table.errors,
    }
    name = call.word(known)
    parts = [sections.section(entry, material, target) for entry in known[name].values()]
    if name == "errors":
        parts.insert(0, sections.error_summary(table.errors.values()))
    return "\n\n".join(parts)


def _figure(call: Call, material: Material, target: Target) -> str:
    name = call.word(material.figures)
    if target == "html":
        return sections.fenced("figure", name)
    svg = ElementTree.fromstring(material.figures[name])
    title, text = (" ".join(svg.findtext(_SVG + tag, "").split()) for tag in ("title", "desc"))
    return f"**Figure: {title}.** {text}"


def _program(call: Call, material: Material, target: Target) -> str:
    region = call.options.get("region")
    if len(call.words) != 1 or call.options.keys() - {"region"}:
        raise ContentError("program takes a file of content/programs, and perhaps region=<name>")
    program = material.programs[choose("program", call.words[0], material.programs)]
    return sections.fenced(program.language, program.part(region))


def _generated(call: Call, material: Material, target: Target) -> str:
    """A program of the generator, with the way to change it; the options are the generator's.

    `part=<title>` gives only the part under this title, in small letters and with hyphens, and
    `function=<name>` only this function of the page that comes with a relay.
    """
    extracts = {name: text for name, text in call.options.items() if name in _EXTRACTS}
    if call.words or len(extracts) > 1:
        raise ContentError(
            "generated takes options of the generator, such as language=python, "
            "and perhaps part=<title> or function=<name>"
        )
    query = {name: [text] for name, text in call.options.items() if name not in _EXTRACTS}
    try:
        options = read(query, material.models)
    except OptionsError as error:
        raise ContentError(f"generated: {error}") from None
    program = render(options, material.models, material.table)
    for name, text in extracts.items():
        return _EXTRACTS[name](program, text)
    address = f"/generator?{urlencode(query_of(options, material.models))}".removesuffix("?")
    return (
        f"{sections.fenced(program.syntax, program.text)}\n\n"
        f"[Change it in the generator]({address}), or see what it survives."
    )


def _part(program: Generated, title: str) -> str:
    parts = {part.title.lower().replace(" ", "-"): part.code for part in program.parts}
    return sections.fenced(program.syntax, parts[choose("part", title, parts)].strip("\n"))


def _function(program: Generated, name: str) -> str:
    functions = {match["name"]: match[0] for match in _FUNCTION.finditer(program.text)}
    return sections.fenced("javascript", functions[choose("function", name, functions)])


_EXTRACTS: Mapping[str, Callable[[Generated, str], str]] = {"part": _part, "function": _function}


def _models(call: Call, material: Material, target: Target) -> str:
    _refuse_arguments(call)
    return model_table(material.models)


def _prices(call: Call, material: Material, target: Target) -> str:
    _refuse_arguments(call)
    return price_table(material.models)


def _settings(call: Call, material: Material, target: Target) -> str:
    known = {"site": Settings, "live": LiveSettings}
    return settings_table(known[call.word(known)])


def _scenarios(call: Call, material: Material, target: Target) -> str:
    _refuse_arguments(call)
    return "\n".join(_scenario(scenario) for scenario in material.scenarios.values())


def _faults(call: Call, material: Material, target: Target) -> str:
    _refuse_arguments(call)
    return fault_sections(material.outcomes)


def _outcomes(call: Call, material: Material, target: Target) -> str:
    _refuse_arguments(call)
    return outcome_table(material.outcomes)


def _refuse_arguments(call: Call) -> None:
    if call.words or call.options:
        raise ContentError(f"{call.name} takes no arguments")


def _scenario(scenario: Scenario) -> str:
    link = f"[{sections.plain(scenario.title)}](/demo?scenario={scenario.name})"
    beta = " (beta)" if scenario.beta else ""
    return f"- {link}{beta}: {sections.plain(scenario.summary)}"


_DIRECTIVES: Mapping[str, Callable[[Call, Material, Target], str]] = {
    "entries": _entries,
    "example": _example,
    "faults": _faults,
    "figure": _figure,
    "generated": _generated,
    "models": _models,
    "outcomes": _outcomes,
    "prices": _prices,
    "program": _program,
    "scenarios": _scenarios,
    "settings": _settings,
}
