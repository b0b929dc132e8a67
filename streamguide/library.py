"""Everything that the site knows, read from `content/` once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamguide import models
from streamguide.generator import survival
from streamguide.generator.survival import Survival
from streamguide.guide.pages import GuidePage, load_pages
from streamguide.protocol import load as protocol
from streamguide.protocol.table import Table
from streamguide.scenarios.load import Scenario, load_all
from streamguide.simulator import outcomes
from streamguide.simulator.outcomes import Outcomes

CONTENT = Path(__file__).parent.parent / "content"


@dataclass(frozen=True, slots=True)
class Library:
    """The tables, the scenarios by name, what clients do on faults, what programs survive, and the
    guide's pages by slug."""

    table: Table
    models: models.Models
    scenarios: Mapping[str, Scenario]
    outcomes: Outcomes
    survival: Survival
    pages: Mapping[str, GuidePage]


def load_library(content: Path = CONTENT) -> Library:
    """Read and check all of `content/`. Raises the error of the first file that is wrong."""
    table = protocol.load(content / "protocol.toml")
    known_models = models.load(content / "models.toml")
    all_scenarios = load_all(content / "scenarios", table, known_models)
    measured = outcomes.load(content / "outcomes.json")
    survived = survival.load(content / "survival.json")
    pages = load_pages(content, table, all_scenarios, known_models, measured)
    return Library(table, known_models, all_scenarios, measured, survived, pages)
