"""The part of `content/` that the simulator needs, without the guide.

>>> load_library().scenarios["hello"].title
'Hello'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Generic, Protocol, Self, TypeVar

from streamguide import models, recordings
from streamguide.files import CONTENT
from streamguide.protocol import load as protocol
from streamguide.protocol.table import Table
from streamguide.reading import rules
from streamguide.reading.rules import Rule
from streamguide.recordings import CorpusRecording
from streamguide.scenarios.load import Scenario, load_all
from streamguide.simulator import outcomes
from streamguide.simulator.outcomes import Outcomes


@dataclass(frozen=True, slots=True)
class Library:
    """The protocol table, the models, the scenarios by name, the rules of reading by id, the
    recordings of the corpus by name, and what the SDKs and curl were measured to do on faults."""

    table: Table
    models: models.Models
    scenarios: Mapping[str, Scenario]
    rules: Mapping[str, Rule]
    recordings: Mapping[str, CorpusRecording]
    outcomes: Outcomes

    def on(self, day: date) -> Self:
        """The library as of a day, by which some models may have retired."""
        return replace(self, models=self.models.on(day))


class _Dated(Protocol):
    def on(self, day: date) -> Self: ...


D = TypeVar("D", bound=_Dated, covariant=True)


class Daily(Generic[D]):
    """Returns a library as of today, computed once a day.

    `clock` returns the date in UTC, by which models retire.
    """

    def __init__(self, undated: D, clock: Callable[[], date]) -> None:
        self._undated = undated
        self._clock = clock
        self._day = clock()
        self._dated = undated.on(self._day)

    def __call__(self) -> D:
        day = self._clock()
        if day != self._day:
            self._dated = self._undated.on(day)
            self._day = day
        return self._dated


def load_library(folder: Path = CONTENT) -> Library:
    """Read and check its files, not as of any day. Raises the error of the first one that is wrong."""
    table = protocol.load(folder / "protocol.toml")
    known_models = models.load(folder / "models.toml")
    reading_rules = rules.load(folder / "reading.toml")
    return Library(
        table,
        known_models,
        load_all(folder / "scenarios", table, known_models),
        reading_rules,
        recordings.load_all(folder / "corpus", reading_rules),
        outcomes.load(folder / "outcomes.json"),
    )
