"""What a broken stream looks like from outside: `content/symptoms.toml`, as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

from streamguide.content_file import STRICT, checked, inside, parse
from streamguide.guide.markup import plain, table
from streamguide.scenarios.load import Scenario
from streamguide.simulator.faults import page_address, read

# The table's rows have ids that begin so.
ANCHOR = "seen-"


@dataclass(frozen=True, slots=True)
class Printed:
    """A text that a client prints, or its beginning; `fault` if it is not the row's."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    by: str
    text: str
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """A row: what is seen, why, what to do, and the fault or the scenario that shows it."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    id: str
    seen: str
    happened: str
    do: str
    printed: tuple[Printed, ...] = ()
    fault: str | None = None
    scenario: str | None = None


@with_config(STRICT)
class _SymptomsFile(TypedDict):
    symptoms: tuple[Symptom, ...]


_FILE = TypeAdapter(_SymptomsFile)


def load_symptoms(path: Path) -> tuple[Symptom, ...]:
    """The symptoms of a file; none without it. Raises ContentError."""
    if not path.exists():
        return ()
    with inside(path.name):
        return checked(_FILE, parse(path.read_text(encoding="utf-8")))["symptoms"]


def symptom_table(
    symptoms: tuple[Symptom, ...], scenarios: Mapping[str, Scenario], *, with_anchors: bool
) -> str:
    """A row for each symptom: what you see, what happened, what to do, and where to meet it."""
    head = ("What you see", "What happened", "Do", "Meet it")
    rows = [
        (_seen(one, with_anchors), one.happened, one.do, _meet(one, scenarios)) for one in symptoms
    ]
    return table(head, rows)


def _seen(symptom: Symptom, with_anchor: bool) -> str:
    anchor = f"{{#{ANCHOR}{symptom.id}}}" if with_anchor else ""
    lines = [f"**{plain(symptom.seen)}**{anchor}"]
    by_client: dict[str, list[str]] = {}
    for printed in symptom.printed:
        by_client.setdefault(printed.by, []).append(_code(printed.text))
    lines += [f"*{client}* {' '.join(texts)}" for client, texts in by_client.items()]
    return " ".join(lines)


def _code(text: str) -> str:
    """The text as code, in a longer fence where it has backticks."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _meet(symptom: Symptom, scenarios: Mapping[str, Scenario]) -> str:
    if symptom.fault is not None:
        (spec,) = read(symptom.fault)
        return f"[{plain(spec.fault.title)}]({page_address(symptom.fault)})"
    if symptom.scenario is not None:
        scenario = scenarios[symptom.scenario]
        return f"[{plain(scenario.title)}](/demo?scenario={scenario.name})"
    return "–"
