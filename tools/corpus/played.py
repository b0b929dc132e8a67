"""The cases that the simulator plays: a scenario of the site, with or without a fault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from streamguide import models
from streamguide.files import CONTENT
from streamguide.protocol import load as protocol
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import load_all
from streamguide.scenarios.message import full_message
from streamguide.simulator.faults import apply_all, read
from streamguide.simulator.plan import Plan, stream_plan
from tools.corpus.case import NOTHING, Case

# By name: a scenario and its fault, the rules, the title, and what is expected otherwise.
_PLAYED: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    "padding": ("hello", "padding split-anywhere", "A whole answer, with its padding", {}),
    "byte-order-mark": ("hello/bom", "byte-order-mark", "A byte order mark first", {}),
    "no-event-lines": ("hello/unnamed", "no-name", "No event lines", {}),
    "done-marker": ("hello/done-marker", "no-object after-stop", "[DONE] at the end", {}),
    "whole-at-start": (
        "programmatic-tool-call",
        "whole-at-start",
        "message_start has the whole message",
        {},
    ),
    "refusal-midway": ("refusal-midway", "no-deltas", "A refusal after some text", {}),
    "json-200": (
        "hello/not-sse",
        "not-a-stream",
        "JSON instead of a stream",
        dict(NOTHING) | {"error": "application/json"},
    ),
}


def cases() -> Iterator[Case]:
    """All of them."""
    # Not all of the content, which has the corpus.
    table = protocol.load(CONTENT / "protocol.toml")
    scenarios = load_all(CONTENT / "scenarios", table, models.load(CONTENT / "models.toml"))
    for name, (path, rules, title, expected) in _PLAYED.items():
        scenario, _, fault = path.partition("/")
        answer = make_answer(scenarios[scenario])
        plan: Plan = stream_plan(answer)
        if fault:
            plan = apply_all(plan, read(fault), answer, table)
        message = full_message(answer)
        blocks = tuple(message["content"])
        case = Case(
            name,
            tuple(rules.split()),
            title,
            plan.frames,
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            blocks=blocks,
            stop_reason=message["stop_reason"],
            usage=message["usage"],
            status=plan.status,
            headers=plan.headers,
        )
        yield replace(case, **expected)
