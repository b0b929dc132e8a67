"""The rules of reading, the recordings of the corpus that show each, and what clients do with them,
as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby

from streamguide.conform import Complaint
from streamguide.generator.options import LANGUAGES
from streamguide.guide.conformance import GENERATOR, Conformance, JudgedClient
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
# The page of the recordings.
_PAGE = "/guide/corpus"
_OTHERS = {"ai-sdk": "AI SDK", "langchain-python": "LangChain", "pydantic-ai": "Pydantic AI"}
_PACKAGES = {"python": "anthropic", "javascript": "@anthropic-ai/sdk", "curl": "curl"}


def rule_sections(rules: Mapping[str, Rule], recordings: Mapping[str, CorpusRecording]) -> str:
    """The rules by area, each with its evidence and links to the recordings that show it."""
    parts = []
    for area, found in groupby(rules.values(), key=lambda rule: rule.area):
        parts.append(f"## {_AREAS[area]} {{#area-{area}}}")
        for rule in found:
            parts += _rule(rule, recordings.values())
    return "\n\n".join(parts)


def _rule(rule: Rule, recordings: Iterable[CorpusRecording]) -> list[str]:
    evidence = (f"{_SOURCES[one.source]}\n:   {one.text}" for one in rule.evidence)
    shown = ", ".join(
        f"[`{one.name}`]({_PAGE}#{_anchor(one.name)})"
        for one in recordings
        if rule.id in one.expected.rules
    )
    return [
        f"### {rule.number}. `{rule.id}` {{#rule-{rule.id}}}",
        f"**{rule.rule}**",
        f"A client\n:   {rule.client}",
        *evidence,
        *([f"Shown in\n:   {shown}"] if shown else []),
    ]


def recording_sections(
    rules: Mapping[str, Rule], recordings: Mapping[str, CorpusRecording], output: OutputFormat
) -> str:
    """The recordings by the area of their first rule. In HTML each has its strip."""
    parts = []
    for area in _AREAS:
        found = [one for one in recordings.values() if rules[one.expected.rules[0]].area == area]
        if found:
            parts.append(f"### {_AREAS[area]} {{#recordings-{area}}}")
        for recording in found:
            parts += _recording(recording, rules, output)
    return "\n\n".join(parts)


def _recording(
    recording: CorpusRecording, rules: Mapping[str, Rule], output: OutputFormat
) -> list[str]:
    name, expected = recording.name, recording.expected
    is_complete = "**complete**" if expected.complete else "**incomplete**"
    told = f"; a client reports “{plain(expected.error)}”" if expected.error else ""
    differs = " and ".join(_READ[field] for field in expected.may_differ)
    free = f" Another good client may read {differs} differently." if differs else ""
    shows = ", ".join(f"[{rules[id_].number}](/guide/rules#rule-{id_})" for id_ in expected.rules)
    rule = "Rule" if len(expected.rules) == 1 else "Rules"
    files = f"[bytes](/corpus/{name}.sse), [what to read](/corpus/{name}.json)"
    path = f"{CORPUS}{name}"
    play = f"[Play](/demo?scenario={path}), [meet it](/simulator?scenario={path}), {files}"
    return [
        *([strip_block(path)] if output == "html" else []),
        f"**`{name}`** {plain(recording.title)}: {is_complete}{told}.{free} {rule} {shows}. {play}"
        f"\n{{: #{_anchor(name)} .recording}}",
    ]


def _anchor(name: str) -> str:
    return f"corpus-{name}"


def conformance_table(conformance: Conformance) -> str:
    """A row for each recording that a client fails, and a column for each client.

    Above it stand the versions, the days of the measurement, and how many each client passed; and
    what the generator's programs failed, which have no columns.
    """
    clients = conformance.clients
    generated = [one for one in clients if one.client.startswith(GENERATOR)]
    measured = [one for one in clients if one not in generated]
    names = sorted({name for one in measured for name in one.failed})
    rows = [
        (_link(name), *(_cell(one.complaints.get(name, ())) for one in measured)) for name in names
    ]
    days = " and ".join(sorted({one.measured for one in clients}))
    versions = dict.fromkeys(
        f"{_versions(one)} {runtime_in_words(one.runtime)}" for one in measured
    )
    passed = (f"{_title(one.client)} {_passed(one)} of {len(one.complaints)}" for one in measured)
    head = f"Measured on {days}: {', '.join(versions)}. Passed: {', '.join(passed)}."
    found = table(("Recording", *(_title(one.client) for one in measured)), rows)
    return "\n\n".join([head, *_generated(generated), found])


def _generated(measured: Iterable[JudgedClient]) -> list[str]:
    """What programs of the generator passed and failed, in a sentence."""
    told = []
    for one in measured:
        failed = ", ".join(_link(name) for name in one.failed)
        counts = f"{_title(one.client)} {_passed(one)} of {len(one.complaints)}"
        told.append(f"{counts} (not {failed})" if failed else counts)
    return [f"Programs of the [generator](/generator) passed: {'; '.join(told)}."] if told else []


def _title(client: str) -> str:
    if client.startswith(GENERATOR):
        return LANGUAGES[client.removeprefix(GENERATOR)]
    return SHORT.get(client) or _OTHERS[client]


def _versions(one: JudgedClient) -> str:
    """The packages, for other people's clients a part of what was measured."""
    package = _PACKAGES.get(one.client.partition("-")[0])
    return f"{package} {one.version}" if package else one.version


def _passed(one: JudgedClient) -> int:
    return len(one.complaints) - len(one.failed)


def _link(name: str) -> str:
    return f"[`{name}`](#{_anchor(name)})"


def _cell(told: tuple[Complaint, ...]) -> str:
    return _MARKS[told[0].kind] if told else _WHOLE
