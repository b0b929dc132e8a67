"""Streams longer than any on the site, made by the site's own code: same events, same bytes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from streamguide.content import Content
from streamguide.scenarios.load import Scenario, ScenarioBlock
from streamguide.web.data import plan_as_json

# The scenario whose plan is replaced: the one that the demo shows first.
REPLACED = "hello"
_PROSE = "long-prose"


@dataclass(frozen=True, slots=True)
class Stream:
    """A scenario's plan as the site would send it, and the text that it adds up to."""

    text: str
    plan: dict[str, Any]

    @property
    def frames(self) -> list[str]:
        """The text of each event, in order."""
        return [frame for _, frame in self.plan["frames"]]

    @property
    def body(self) -> str:
        """The plan as JSON."""
        return json.dumps(self.plan, ensure_ascii=False, separators=(",", ":"))


def long_text(library: Content) -> Stream:
    """A text of 100,000 characters in about 2,500 deltas."""
    return _stream(library, characters=100_000, delta_characters=38)


def many_events(library: Content) -> Stream:
    """About 10,000 events: a text of 135,000 characters in small deltas."""
    return _stream(library, characters=135_000, delta_characters=12)


def _stream(library: Content, *, characters: int, delta_characters: int) -> Stream:
    scenario = _scenario(library, characters, delta_characters)
    return Stream(text=scenario.blocks[0].content["text"], plan=plan_as_json(scenario))


def _scenario(library: Content, characters: int, delta_characters: int) -> Scenario:
    """The replaced scenario with a text of its own, cut into deltas of about the given size."""
    prose = library.scenarios[_PROSE].blocks[0].content["text"] + "\n\n"
    text = (prose * (characters // len(prose) + 1))[:characters]
    model = library.scenarios[REPLACED]
    return replace(
        model,
        blocks=(ScenarioBlock(content={"type": "text", "text": text}),),
        timing=replace(model.timing, delta_characters=delta_characters),
    )
