"""Plans that are kept between requests: the frames are those that would be made anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamguide.scenarios import plan as scenario_plan
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.script import script
from streamguide.simulator.choose import AUTO
from streamguide.simulator.plan import is_kept, stream_plan
from tests.simulator.requests import LIBRARY


@pytest.mark.parametrize("scenario", LIBRARY.scenarios.values(), ids=lambda one: one.name)
def test_kept_frames_are_those_of_a_new_plan(scenario: object) -> None:
    for seed in (1, 2, 1, 3):
        answer = make_answer(scenario, seed)  # type: ignore[arg-type]
        assert stream_plan(answer).frames == tuple(scenario_plan.plan(script(answer)))


def test_an_answer_made_for_a_request_is_not_kept() -> None:
    answer = make_answer(LIBRARY.scenarios["hello"])
    made = replace(answer, scenario=replace(answer.scenario, name=AUTO))
    frames = stream_plan(answer).frames
    assert is_kept(answer, frames)
    assert not is_kept(made, frames)
