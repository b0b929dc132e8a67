"""Models that end soon, that have ended, and the files that name those; old measurements."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from streamguide.models import Models

SOON = timedelta(days=60)
# Clients have a release a week, or several.
OLD = timedelta(days=90)

# What readers see or take away, in content/.
FOLDERS = ("guide", "programs", "commands", "scenarios")


def ended_unnoticed(models: Models, today: date) -> list[str]:
    """The models whose end of life has passed, though their status is not yet retired."""
    return [
        id_
        for id_, model in models.by_id.items()
        if model.retires and model.retires < today and model.status != "retired"
    ]


def ending_soon(models: Models, today: date) -> Iterator[str]:
    """A line for each model that ends within 60 days."""
    for id_, model in models.by_id.items():
        if model.retires and today <= model.retires <= today + SOON:
            yield f"{id_} ends in {(model.retires - today).days} days, on {model.retires}"


def named_though_ended(models: Models, today: date, content: Path) -> Iterator[str]:
    """A line for each file that names a model whose end of life has passed."""
    ends = {id_: model.retires for model in models.by_id.values() for id_ in model.ids}
    ended = {id_: end for id_, end in (ends | {**models.retired}).items() if end and end < today}
    for path in sorted(path for folder in FOLDERS for path in (content / folder).rglob("*.*")):
        named = set(re.findall(r"\bclaude-[\w-]+", path.read_text(encoding="utf-8")))
        for id_ in sorted(named & ended.keys()):
            yield f"content/{path.relative_to(content)} names {id_}, which ended on {ended[id_]}"


def age(models: Models, today: date) -> str:
    """How old the table is."""
    days = (today - models.as_of).days
    return f"content/models.toml was checked {days} days ago: as_of = {models.as_of}"


def measured_long_ago(path: Path, today: date) -> Iterator[str]:
    """A line if the measurement of this file is older than 90 days."""
    measured = date.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["measured"])
    if today - measured > OLD:
        yield f"content/{path.name} was measured {(today - measured).days} days ago: make clients"
