"""Everything that the site knows, read from `content/` once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from streamguide import models
from streamguide.generator import survival
from streamguide.generator.survival import Survival
from streamguide.guide.pages import Guide, GuidePage, load_guide
from streamguide.protocol import load as protocol
from streamguide.protocol.table import Table
from streamguide.scenarios.load import Scenario, load_all
from streamguide.simulator import outcomes
from streamguide.simulator.outcomes import Outcomes

CONTENT = Path(__file__).parent.parent / "content"


@dataclass(frozen=True, slots=True)
class Library:
    """The tables, the scenarios by name, what clients do on faults, what programs survive, and the
    guide."""

    table: Table
    models: models.Models
    scenarios: Mapping[str, Scenario]
    outcomes: Outcomes
    survival: Survival
    guide: Guide

    @property
    def pages(self) -> Mapping[str, GuidePage]:
        """The guide's pages by slug."""
        return self.guide.pages

    def on(self, day: date) -> Library:
        """The library as it stands on a day: some models are retired by then."""
        models = self.models.on(day)
        return replace(self, models=models, guide=self.guide.with_models(models))


class Today:
    """Gives the library as it stands today: on the first use, and anew once a day has passed.

    `today` is the clock; a model's life ends by the day in UTC.
    """

    def __init__(self, library: Library, today: Callable[[], date]) -> None:
        self._as_written = library
        self._today = today
        self._day = today()
        self._library = library.on(self._day)

    def __call__(self) -> Library:
        day = self._today()
        if day != self._day:
            self._library = self._as_written.on(day)
            self._day = day
        return self._library


def load_library(content: Path = CONTENT) -> Library:
    """Read and check all of `content/`, as it is written: on no day in particular.

    Raises the error of the first file that is wrong.
    """
    table = protocol.load(content / "protocol.toml")
    known_models = models.load(content / "models.toml")
    all_scenarios = load_all(content / "scenarios", table, known_models)
    measured = outcomes.load(content / "outcomes.json")
    survived = survival.load(content / "survival.json")
    guide = load_guide(content, table, all_scenarios, known_models, measured)
    return Library(table, known_models, all_scenarios, measured, survived, guide)
