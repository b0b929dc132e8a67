"""What the home page shows before, or without, JavaScript: the finished stream."""

from __future__ import annotations

from dataclasses import dataclass

from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.script import script


@dataclass(frozen=True, slots=True)
class Sample:
    """A scenario's text, and its frames as the two lines that each one has."""

    text: str
    frames: tuple[tuple[str, str], ...]


def first_screen(scenario: Scenario) -> Sample:
    """The whole answer and every frame of it."""
    answer = make_answer(scenario)
    text = "".join(block.content.get("text", "") for block in answer.blocks)
    lines = [frame.data.decode().split("\n") for frame in to_frames(script(answer))]
    return Sample(text, tuple((line[0], line[1]) for line in lines))
