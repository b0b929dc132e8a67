"""The rules of reading, the recordings of the corpus that show each, and what clients do with them,
as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from streamguide.conform import Complaint
from streamguide.guide.conformance import Conformance
from streamguide.guide.context import OutputFormat
from streamguide.guide.faults import SHORT, runtime_in_words
from streamguide.guide.markup import plain, strip_block, table
from streamguide.reading.rules import Area, Rule, Source
from streamguide.recordings import CORPUS, CorpusRecording, Readable

_AREAS: Mapping[Area, str] = {
    "frames": "Bytes and frames",
    "order": "Order and shape",
    "ends": "Ends",
    "errors": "Errors",
    "usage": "Usage",
    "transport": "Around the stream",
}
_SOURCES: Mapping[Source, str] = {
    "standard": "Standard",
    "documentation": "Documentation",
    "sdk": "SDKs",
    "recording": "Recorded",
    "measured": "Measured",
    "report": "Reports",
    "choice": "Our choice",
}
_READ: Mapping[Readable, str] = {
    "text": "the text",
    "blocks": "the blocks",
    "stop_reason": "the stop reason",
    "usage": "the counts",
    "complete": "whether it is complete",
    "error": "the words of the error",
}

# How the table shows each kind; the renderer gives each mark its colour.
_MARKS = {
    "claim": "**✕ called complete**",
    "error": "▲ called broken",
    "text": "**✕ other text**",
    "time": "**… waits on**",
    "requests": "▲ asks again",
    "unasked": "▲ does not ask",
}
_WHOLE = "●"
_PACKAGES = {"python": "anthropic", "javascript": "@anthropic-ai/sdk", "curl": "curl"}


def rule_sections(
    rules: Mapping[str, Rule], recordings: Mapping[str, CorpusRecording], output: OutputFormat
) -> str:
    """The rules by area, each with its evidence and its recordings.

    A recording stands at the first of its rules, and is linked from the others. In HTML it has its
    strip.
    """
    parts = []
    for area, found in groupby(rules.values(), key=lambda rule: rule.area):
        parts.append(f"## {_AREAS[area]} {{#area-{area}}}")
        for rule in found:
            parts += _rule(rule, recordings.values(), output)
    return "\n\n".join(parts)


def _rule(rule: Rule, recordings: Iterable[CorpusRecording], output: OutputFormat) -> list[str]:
    shown = [one for one in recordings if rule.id in one.expected.rules]
    evidence = (f"{_SOURCES[one.source]}\n:   {one.text}" for one in rule.evidence)
    parts = [
        f"### {rule.number}. `{rule.id}` {{#rule-{rule.id}}}",
        f"**{rule.rule}**",
        f"A client\n:   {rule.client}",
        *evidence,
    ]
    own = [one for one in shown if one.expected.rules[0] == rule.id]
    for recording in own:
        parts += _recording(recording, output)
    others = ", ".join(f"[`{one.name}`](#{_anchor(one)})" for one in shown if one not in own)
    return (
        [*parts, f"Shown by {others} too." if own else f"Shown by {others}."] if others else parts
    )


def _recording(recording: CorpusRecording, output: OutputFormat) -> list[str]:
    name, expected = recording.name, recording.expected
    is_complete = "**complete**" if expected.complete else "**incomplete**"
    told = f"; a client tells “{plain(expected.error)}”" if expected.error else ""
    differs = " and ".join(_READ[field] for field in expected.may_differ)
    free = f" Another good client may read {differs} otherwise." if differs else ""
    files = f"[bytes](/corpus/{name}.sse), [what to read](/corpus/{name}.json)"
    path = f"{CORPUS}{name}"
    play = f"[Play](/demo?scenario={path}), [meet it](/simulator?scenario={path}), {files}"
    return [
        *([strip_block(path)] if output == "html" else []),
        f"**`{name}`** {plain(recording.title)}: {is_complete}{told}.{free} {play}"
        f"\n{{: #{_anchor(recording)} .recording}}",
    ]


def _anchor(recording: CorpusRecording) -> str:
    return f"corpus-{recording.name}"


def conformance_table(conformance: Conformance) -> str:
    """A row for each recording that a client fails, and a column for each client.

    Above it stand the versions, the days of the measurement, and how many each client passed.
    """
    measured = conformance.clients
    names = sorted({name for one in measured for name, told in one.complaints.items() if told})
    rows = [
        (
            f"[`{name}`](#corpus-{name})",
            *(_cell(one.complaints.get(name, ())) for one in measured),
        )
        for name in names
    ]
    days = " and ".join(sorted({one.measured for one in measured}))
    versions = dict.fromkeys(
        f"{_PACKAGES[one.client.partition('-')[0]]} {one.version} {runtime_in_words(one.runtime)}"
        for one in measured
    )
    passed = (
        f"{SHORT[one.client]} {sum(not told for told in one.complaints.values())} "
        f"of {len(one.complaints)}"
        for one in measured
    )
    return f"Measured on {days}: {', '.join(versions)}. Passed: {', '.join(passed)}.\n\n" + table(
        ("Recording", *(SHORT[one.client] for one in measured)), rows
    )


def _cell(told: tuple[Complaint, ...]) -> str:
    return _MARKS[told[0].kind] if told else _WHOLE
