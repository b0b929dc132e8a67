"""Everything in `content/`: the site's tables, scenarios, measurements and guide.

>>> content = load_content().on(date(2026, 12, 1))
>>> content.scenarios["hello"].title
'Hello'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from streamguide import models, recordings
from streamguide.generator import fault_matrix
from streamguide.generator.fault_matrix import FaultMatrix
from streamguide.guide import clients, search
from streamguide.guide.clients import Clients
from streamguide.guide.context import LOCAL_URL, load_context
from streamguide.guide.pages import Guide, GuidePage, load_guide
from streamguide.protocol import load as protocol
from streamguide.protocol.table import Table
from streamguide.reading import rules
from streamguide.reading.rules import Rule
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.load import Scenario, load_all
from streamguide.simulator import outcomes
from streamguide.simulator.outcomes import Outcomes

CONTENT = Path(__file__).parent.parent / "content"


@dataclass(frozen=True, slots=True)
class Content:
    """The protocol table, the models, the scenarios by name, the rules of reading by id, the
    recordings of the corpus by name, what the SDKs and curl, programs, and other clients were
    measured to do on faults, the guide, and what the search knows beside its pages."""

    table: Table
    models: models.Models
    scenarios: Mapping[str, Scenario]
    rules: Mapping[str, Rule]
    recordings: Mapping[str, CorpusRecording]
    outcomes: Outcomes
    fault_matrix: FaultMatrix
    clients: Clients
    guide: Guide
    search: search.SearchTerms

    @property
    def pages(self) -> Mapping[str, GuidePage]:
        """The guide's pages by slug."""
        return self.guide.pages

    def on(self, day: date) -> Content:
        """The content as of a day, by which some models may have retired."""
        models = self.models.on(day)
        return replace(self, models=models, guide=self.guide.with_models(models))


class Today:
    """Returns the content as of today, computed once a day.

    `clock` returns the date in UTC, by which models retire.
    """

    def __init__(self, content: Content, clock: Callable[[], date]) -> None:
        self._undated = content
        self._clock = clock
        self._day = clock()
        self._content = content.on(self._day)

    def __call__(self) -> Content:
        day = self._clock()
        if day != self._day:
            self._content = self._undated.on(day)
            self._day = day
        return self._content


def load_content(folder: Path = CONTENT, site_url: str = LOCAL_URL) -> Content:
    """Read and check all files, not as of any day. The guide's commands name `site_url`.

    Raises the error of the first file that is wrong.
    """
    table = protocol.load(folder / "protocol.toml")
    known_models = models.load(folder / "models.toml")
    scenarios = load_all(folder / "scenarios", table, known_models)
    reading_rules = rules.load(folder / "reading.toml")
    recorded = recordings.load_all(folder / "corpus", reading_rules)
    measured = outcomes.load(folder / "outcomes.json")
    matrix = fault_matrix.load(folder / "survival.json")
    others = clients.load(folder)
    context = load_context(
        folder,
        table,
        scenarios,
        known_models,
        reading_rules,
        recorded,
        measured,
        site_url,
        others,
    )
    guide = load_guide(folder / "guide", context)
    terms = search.load(folder / "search.toml")
    return Content(
        table,
        known_models,
        scenarios,
        reading_rules,
        recorded,
        measured,
        matrix,
        others,
        guide,
        terms,
    )
