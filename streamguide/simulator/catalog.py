"""What the endpoint lists: its models, its scenarios, its faults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamguide.models import Model, Models
from streamguide.recordings import Recording
from streamguide.scenarios.load import Scenario
from streamguide.simulator.directive import AUTO
from streamguide.simulator.faults import FAULTS

# By the SDK's documentation an epoch value stands for a date that is not known.
_UNKNOWN_DATE = "1970-01-01T00:00:00Z"


def model_info(model: Model, id_: str | None = None) -> dict[str, Any]:
    """A model as `GET /v1/models/<id>` gives it, without capabilities, which nobody measured."""
    return {
        "type": "model",
        "id": id_ or model.id,
        "display_name": model.title,
        "created_at": f"{model.released}T00:00:00Z" if model.released else _UNKNOWN_DATE,
        "lifecycle": "deprecated" if model.status == "deprecated" else "active",
        "deprecated_at": None,
        "retires_at": f"{model.retires}T00:00:00Z" if model.retires else None,
        "line": model.id.split("-")[1],
        "max_input_tokens": model.context,
        "max_tokens": model.max_output,
        "capabilities": None,
    }


def model_page(models: Models, after: str | None, before: str | None, limit: int) -> dict[str, Any]:
    """A page of `GET /v1/models`: at most `limit` models after or before one of them.

    The cursors are ids of available models.
    """
    available = models.available
    ids = list(available)
    ids = ids[ids.index(after) + 1 :] if after is not None else ids
    ids = ids[: ids.index(before)] if before in ids else ids
    # Towards the cursor: the page before one ends at it.
    shown = ids[-limit:] if before is not None else ids[:limit]
    page = [model_info(available[id_]) for id_ in shown]
    return {
        "data": page,
        "has_more": len(ids) > len(page),
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
    }


def index(scenarios: Mapping[str, Scenario], recordings: Mapping[str, Recording]) -> dict[str, Any]:
    """What can stand in the base URL: `{"base_url", "scenarios", "recordings", "faults"}`.

    `recordings` are those of the folder SCENARIOS.
    """
    return {
        "base_url": "/simulator[/<scenario>[/<fault>]]",
        "fault": "<name>[;<parameter>=<value>…][+<another fault>…]",
        "corpus": "corpus:<name> instead of a scenario plays a stream of the corpus, which "
        "/corpus/index.json lists",
        "auto": f"{AUTO} instead of a scenario lets the request decide, as without one",
        "message": "simulate: <scenario>[/<fault>] or simulate: tools=2;steps=2[/<fault>] in the last "
        "user message, where the path has none",
        "scenarios": [
            {
                "name": scenario.name,
                "title": scenario.title,
                "help": scenario.summary,
                "prompt": scenario.prompt,
                "model": scenario.model,
                "beta": scenario.beta,
            }
            for scenario in scenarios.values()
        ],
        "recordings": [{"name": one.name, "title": one.title} for one in recordings.values()],
        "faults": [fault.as_json() for fault in FAULTS.values()],
    }
