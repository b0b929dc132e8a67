"""The entries of the protocol table as sections of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streamguide.guide.context import ContentContext, OutputFormat
from streamguide.guide.examples import Example, shorten
from streamguide.guide.markup import fenced, plain, table
from streamguide.protocol.table import (
    BlockType,
    DeltaType,
    ErrorType,
    EventType,
    ProtocolEntry,
    StopReason,
    Table,
)
from streamguide.simulator.faults import page_address

_OUTCOMES = {
    "complete": "Complete.",
    "continue": "To be continued by another request.",
    "early": "Cut early.",
}
# Which types come inside a stream is not documented. These two have evidence: the first is the
# documentation's example, and public reports quote the second.
_SEEN_IN_STREAMS = ("overloaded_error", "invalid_request_error")
_BEFORE = "[What to do before the stream](/guide/errors#retries)"
_INSIDE = "[what to do inside it](/guide/errors#inside)"


def section(entry: ProtocolEntry, context: ContentContext, output: OutputFormat) -> str:
    """One entry under a heading of level 3."""
    beta = " (beta)" if entry.stage == "beta" else ""
    classes = f" .entry .family-{family(entry)}" if output == "html" else ""
    heading = f"### `{entry.name}`{beta} {{#{entry.anchor}{classes}}}"
    parts = [heading, *_definitions(entry, context.table)]
    example = context.examples.get(entry.anchor)
    if example is not None:
        parts.append(show(example))
    # The heading says as much as the field `type`.
    if len(entry.fields) > 1:
        parts.append(_fields(entry))
    return "\n\n".join(parts)


def show(example: Example) -> str:
    """An example as a code block, with its source above it."""
    language = "http" if example.text.startswith("HTTP/") else "sse"
    origin = "Not from a scenario; the message is an example:"
    if source := example.source:
        is_one = source.first == source.last
        events = f"Event {source.first}" if is_one else f"Events {source.first} to {source.last}"
        origin = f"{events} of [{plain(source.scenario.title)}]({source.url}):"
    return f"{origin}\n\n{fenced(language, shorten(example.text))}"


def error_summary(errors: Iterable[ErrorType]) -> str:
    """The errors as one table with links to their sections."""
    rows = [
        (
            _link(error),
            str(error.status),
            _in_stream(error),
            "yes" if error.retry else "no",
            f"`{error.python}`"
            if error.python == error.javascript
            else f"`{error.python}` (Python), `{error.javascript}` (JavaScript)",
        )
        for error in errors
    ]
    return table(("Type", "HTTP", "In a stream", "Retry", "SDK class"), rows)


def _in_stream(error: ErrorType) -> str:
    if error.name in _SEEN_IN_STREAMS:
        return "yes"
    return "likely" if error.in_stream else "unlikely"


def family(entry: ProtocolEntry) -> str:
    """The event family whose colour the entry has."""
    if isinstance(entry, EventType):
        return entry.family
    return "message" if entry.kind == "stop" else entry.kind


def _link(entry: ProtocolEntry) -> str:
    return f"[`{entry.name}`](#{entry.anchor})"


def _definitions(entry: ProtocolEntry, known: Table) -> Iterator[str]:
    terms = [
        ("When", entry.when),
        ("Means", entry.meaning),
        ("Do", entry.client),
        *_particulars(entry, known),
    ]
    for name, text in terms:
        yield f"{name}\n:   {' '.join(text.split())}"
    if entry.oddities:
        items = "\n".join(f"    - {oddity}" for oddity in entry.oddities)
        yield f"Oddities\n\n:{items[1:]}"


def _particulars(entry: ProtocolEntry, known: Table) -> Iterator[tuple[str, str]]:
    """The definitions that only entries of one kind have."""
    match entry:
        case EventType(next=names) if names:
            yield "Next", _links(known.events, names)
        case DeltaType():
            yield "Blocks", _links(known.blocks, entry.blocks)
        case BlockType():
            yield "Deltas", _links(known.deltas, entry.deltas) or "None: it arrives whole."
        case StopReason():
            yield "Answer", _OUTCOMES[entry.outcome]
        case ErrorType():
            status = page_address(f"status;code={entry.status}")
            remedies, faults = [_BEFORE], [f"[as a status]({status})"]
            if entry.in_stream:
                event = page_address(f"error-event;type={entry.name}")
                remedies.append(_INSIDE)
                faults.append(f"[as an event]({event})")
            yield "More", ", ".join(remedies)
            yield "Meet it", ", ".join(faults)


def _links(entries: Mapping[str, ProtocolEntry], names: Iterable[str]) -> str:
    return ", ".join(_link(entries[name]) for name in names)


def _fields(entry: ProtocolEntry) -> str:
    rows = []
    for field in entry.fields:
        marks = [("optional", field.optional), ("beta", field.beta)]
        kind = ", ".join([field.type, *(word for word, is_marked in marks if is_marked)])
        rows.append((f"`{field.name}` *{kind}*", field.meaning))
    return table(("Field", "Meaning"), rows)
