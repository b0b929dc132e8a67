"""The last line of a page: a stream, a fault or a program to try what it says."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from streamguide.content_file import ContentError, inside
from streamguide.generator.options import OptionsError, query_of, read
from streamguide.guide.context import ContentContext, OutputFormat
from streamguide.guide.markup import plain, strip_block
from streamguide.guide.source import Source
from streamguide.simulator import faults
from streamguide.simulator.recorded import named


def try_it(source: Source, context: ContentContext, output: OutputFormat) -> str:
    """The line as Markdown, in HTML below the strip of its stream; "" for a page without one.

    Raises ContentError for an unknown scenario, fault or option.
    """
    asked = source.front.try_it
    if asked is None:
        return ""
    with inside(f"{source.file}: try_it"):
        line = _line(asked.scenario, asked.fault, context)
        if asked.program is not None:
            address = _generator(asked.program, context)
            line += f" [Take a program]({address}) to begin with."
    if output == "markdown":
        return line
    return f"{strip_block(f'{asked.scenario}/{asked.fault}'.rstrip('/'))}\n\n{line}"


def _line(scenario: str, fault: str, context: ContentContext) -> str:
    played = named(scenario, context.recordings) or context.scenarios.get(scenario)
    if played is None:
        raise ContentError(f"there is no scenario {scenario!r}")
    query, title, other = {"scenario": scenario}, played.title, "send it to"
    if fault:
        query["fault"] = fault
        title += f": {_title(fault)}"
        other = "meet it with"
    return (
        f"**Try it:** play [{plain(title)}](/demo?{urlencode(query)}), or "
        f"[{other} a program of yours]({faults.page_address(fault, scenario)})."
    )


def _title(fault: str) -> str:
    try:
        return ", ".join(one.fault.title for one in faults.read(fault))
    except faults.FaultError as error:
        raise ContentError(str(error)) from None


def _generator(query: Mapping[str, str], context: ContentContext) -> str:
    try:
        options = read({name: [value] for name, value in query.items()}, context.models)
    except OptionsError as error:
        raise ContentError(str(error)) from None
    return f"/generator?{urlencode(query_of(options, context.models))}".removesuffix("?")
