"""The content that the guide's directives show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from streamguide.guide import clients, conformance
from streamguide.guide.clients import Clients
from streamguide.guide.conformance import Conformance
from streamguide.guide.examples import Example, Streams, find_examples, wire_events
from streamguide.guide.programs import GuideProgram, load_programs
from streamguide.guide.symptoms import Symptom, load_symptoms
from streamguide.models import Models
from streamguide.protocol.table import Table
from streamguide.reading.rules import Rule
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.load import Scenario
from streamguide.simulator.outcomes import NOTHING, Outcomes

OutputFormat = Literal["html", "markdown"]

# The site in the files of `content/`.
LOCAL_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True)
class ContentContext:
    """`streams` are the events of the scenarios by name, `examples` those of the table's entries by
    anchor, `figures` SVG by name, and `programs` those of `content/programs` by file name.
    `site_url` is the address that commands name."""

    table: Table
    scenarios: Mapping[str, Scenario]
    streams: Streams
    examples: Mapping[str, Example]
    figures: Mapping[str, str]
    programs: Mapping[str, GuideProgram]
    models: Models
    rules: Mapping[str, Rule]
    recordings: Mapping[str, CorpusRecording]
    outcomes: Outcomes
    clients: Clients
    conformance: Conformance
    symptoms: tuple[Symptom, ...]
    site_url: str


def load_context(
    content: Path,
    table: Table,
    scenarios: Mapping[str, Scenario],
    models: Models,
    rules: Mapping[str, Rule],
    recordings: Mapping[str, CorpusRecording],
    outcomes: Outcomes = NOTHING,
    site_url: str = LOCAL_URL,
    measured_clients: Clients = clients.NOTHING,
) -> ContentContext:
    """Read figures, programs, symptoms and conformance from the folder `content`, and find examples
    in the scenarios."""
    streams = {name: wire_events(scenario) for name, scenario in scenarios.items()}
    paths = sorted((content / "guide" / "figures").glob("*.svg"))
    return ContentContext(
        table,
        scenarios,
        streams,
        find_examples(table, scenarios, streams),
        {path.stem: path.read_text("utf-8") for path in paths},
        load_programs(content / "programs"),
        models,
        rules,
        recordings,
        outcomes,
        measured_clients,
        conformance.load(content / "conformance.json"),
        load_symptoms(content / "symptoms.toml"),
        site_url,
    )
