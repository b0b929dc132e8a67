"""The entries of the protocol table as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from streamguide.guide.examples import Example, Place, Streams, shorten
from streamguide.guide.programs import Program
from streamguide.models import Models
from streamguide.protocol.table import (
    Block,
    Delta,
    Entry,
    ErrorType,
    Event,
    Field,
    StopReason,
    Table,
)
from streamguide.scenarios.load import Scenario
from streamguide.simulator.outcomes import Outcomes

Target = Literal["html", "markdown"]

_OUTCOMES = {
    "complete": "complete",
    "continue": "to be continued by another request",
    "early": "cut early",
}


@dataclass(frozen=True, slots=True)
class Material:
    """What directives draw from."""

    table: Table
    scenarios: Mapping[str, Scenario]
    streams: Streams
    examples: Mapping[str, Example]
    figures: Mapping[str, str]
    programs: Mapping[str, Program]
    models: Models
    outcomes: Outcomes


def section(entry: Entry, material: Material, target: Target) -> str:
    """One entry under a heading of level 3."""
    parts = [_heading(entry, target), *_terms(entry, material.table)]
    example = material.examples.get(entry.anchor)
    if example is not None:
        parts.append(show(example))
    if len(entry.fields) > 1:  # `type` alone says no more than the heading
        parts.append(_fields(entry.fields))
    return "\n\n".join(parts)


def show(example: Example) -> str:
    """An example as a code block, under a line that says where it is from."""
    language = "http" if example.text.startswith("HTTP/") else "sse"
    return f"{_origin(example.place)}\n\n{fenced(language, shorten(example.text))}"


def _origin(place: Place | None) -> str:
    if place is None:
        return "Not from a scenario; the message is an example:"
    is_one = place.first == place.last
    events = f"Event {place.first}" if is_one else f"Events {place.first} to {place.last}"
    return f"{events} of [{plain(place.scenario.title)}]({place.url}):"


def fenced(language: str, text: str) -> str:
    """A fence that is longer than every run of backticks in the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def error_summary(errors: Iterable[ErrorType]) -> str:
    """The errors as one table that links to their sections."""
    rows = [
        (
            link(error),
            str(error.status),
            "likely" if error.in_stream else "unlikely",
            "yes" if error.retry else "no",
            _classes(error),
        )
        for error in errors
    ]
    return table(("Type", "HTTP", "In a stream", "Retry", "SDK class"), rows)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def link(entry: Entry) -> str:
    """The entry's name, as a link to its section."""
    return f"[`{entry.name}`](#{entry.anchor})"


def plain(text: str) -> str:
    """Plain text, so that Markdown takes none of it for markup."""
    for character in r"\`*[]<":
        text = text.replace(character, "\\" + character)
    return text


def family(entry: Entry) -> str:
    """The event family that gives the entry its colour."""
    if isinstance(entry, Event):
        return entry.family
    return "message" if entry.kind == "stop" else entry.kind


def _heading(entry: Entry, target: Target) -> str:
    beta = " (beta)" if entry.stage == "beta" else ""
    classes = f" .entry .family-{family(entry)}" if target == "html" else ""
    return f"### `{entry.name}`{beta} {{#{entry.anchor}{classes}}}"


def _terms(entry: Entry, known: Table) -> Iterator[str]:
    yield _term("When", entry.when)
    yield _term("Means", entry.meaning)
    yield _term("Do", entry.client)
    yield from (_term(name, text) for name, text in _particulars(entry, known))
    if entry.oddities:
        items = "\n".join(f"    - {oddity}" for oddity in entry.oddities)
        yield f"Oddities\n\n:{items[1:]}"


def _particulars(entry: Entry, known: Table) -> Iterator[tuple[str, str]]:
    """What only this kind of entry has."""
    match entry:
        case Event(next=names) if names:
            yield "Next", _links(known.events, names)
        case Delta():
            yield "Blocks", _links(known.blocks, entry.blocks)
        case Block():
            yield "Deltas", _links(known.deltas, entry.deltas) or "None: it arrives whole."
        case StopReason():
            yield "Answer", f"{_OUTCOMES[entry.outcome].capitalize()}."


def _term(name: str, text: str) -> str:
    return f"{name}\n:   {' '.join(text.split())}"


def _links(section: Mapping[str, Entry], names: Iterable[str]) -> str:
    return ", ".join(link(section[name]) for name in names)


def _fields(fields: Iterable[Field]) -> str:
    rows = [(f"`{field.name}` *{_kind(field)}*", field.meaning) for field in fields]
    return table(("Field", "Meaning"), rows)


def _kind(field: Field) -> str:
    marks = [("optional", field.optional), ("beta", field.beta)]
    return ", ".join([field.type, *(word for word, holds in marks if holds)])


def _classes(error: ErrorType) -> str:
    if error.python == error.javascript:
        return f"`{error.python}`"
    return f"`{error.python}` (Python), `{error.javascript}` (JavaScript)"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
