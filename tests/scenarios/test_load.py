"""Scenario files: what is read from them, and what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from streamguide.content import Content
from streamguide.content_file import ContentError
from streamguide.scenarios.load import Scenario, Timing, load

SMALL = """
title = "T"
summary = "S."
prompt = "P"
model = "claude-opus-5-5"
order = 1
seed = 2

[usage]
input_tokens = 3

[timing]
delta_characters = 9

[[blocks]]
type = "tool_use"
label = "call"
name = "n"
input = { a = 1 }

[[blocks]]
type = "bash_code_execution_tool_result"
tool_use_id = "call"
content = {}

[[blocks]]
type = "text"
text = "Hi"
pause_before_ms = 7

[end]
stop_reason = "end_turn"
"""


def load_text(folder: Path, text: str, content: Content) -> Scenario:
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, content.table, content.models)


def test_a_scenario_has_what_its_file_says(tmp_path: Path, content: Content) -> None:
    scenario = load_text(tmp_path, SMALL, content)
    assert (scenario.name, scenario.title, scenario.order) == ("small", "T", 1)
    assert scenario.timing == Timing(delta_characters=9)
    assert scenario.characters_per_token == 3.3
    assert [block.type for block in scenario.blocks] == [
        "tool_use",
        "bash_code_execution_tool_result",
        "text",
    ]
    assert scenario.blocks[0].label == "call"
    assert scenario.blocks[2].content == {"type": "text", "text": "Hi"}
    assert scenario.blocks[2].pause_before_ms == 7
    assert not scenario.beta


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('title = "T"\n', "", "title: is missing"),
        ("order = 1", "order = 1\ncolour = 2", "colour: is not known"),
        ("opus-5-5", "opus-9", "unknown model 'claude-opus-9'; known: claude-fable-5-2"),
        ("delta_characters", "speed", "timing.speed: is not known"),
        ('type = "text"', 'type = "txt"', "blocks.2: type 'txt' is not in the protocol table"),
        ('text = "Hi"', 'words = "Hi"', "blocks.2 (text) does not know words; it takes"),
        ('"end_turn"', '"bored"', "end.stop_reason must be one of end_turn,"),
        ('"end_turn"', '"end_turn"\nmood = 1', "end.mood: is not known"),
        ('_id = "call"', '_id = "x"', "tool_use_id 'x' is not the label of a block before it"),
        ('label = "call"', 'label = "call"\nid = "t"', "blocks.0: ids are drawn, not written"),
        ("pause_before_ms = 7", 'label = "call"', "label 'call' must belong to one tool call"),
        ('name = "n"', 'name = "n"\ncut = 3', "cut is for the last block"),
        ("[end]", '[error]\ntype = "x"\nmessage = ""\n[end]', "error and end exclude"),
        (
            '[end]\nstop_reason = "end_turn"',
            '[error]\ntype = "x"\nmessage = ""',
            "error.type must be one of invalid_request_error",
        ),
        (
            '[end]\nstop_reason = "end_turn"',
            '[error]\ntype = "api_error"\ncode = 1',
            "error.message: is missing",
        ),
        ("seed = 2", "seed 2", "Expected '='"),
        ("order = 1", "order = 1\nbeta = true", "beta: follows from the rest of the file"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_what_is_allowed(
    tmp_path: Path, content: Content, old: str, new: str, message: str
) -> None:
    assert old in SMALL
    with pytest.raises(ContentError, match=re.escape(message)) as caught:
        load_text(tmp_path, SMALL.replace(old, new, 1), content)
    assert str(caught.value).startswith("small.toml: ")


def test_blocks_that_are_no_tables_are_refused(tmp_path: Path, content: Content) -> None:
    text = SMALL.partition("[[blocks]]")[0].replace("[usage]", 'blocks = ["x"]\n[usage]')
    with pytest.raises(ContentError, match=r"blocks\.0"):
        load_text(tmp_path, text, content)


def test_a_beta_block_makes_the_scenario_beta(content: Content) -> None:
    beta = {name for name, scenario in content.scenarios.items() if scenario.beta}
    assert beta == {"compaction", "fallback", "mcp", "advisor"}


def test_scenarios_come_in_the_order_that_they_state(content: Content) -> None:
    orders = [scenario.order for scenario in content.scenarios.values()]
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)


def test_every_scenario_that_the_site_promises_is_there(content: Content) -> None:
    promised = (
        "hello long-prose markdown thinking thinking-omitted tool-use two-tools citations "
        "web-search refusal refusal-midway max-tokens stop-sequence pause-turn languages markup"
    )
    assert set(promised.split()) <= content.scenarios.keys()


def test_seeds_are_different_so_that_no_two_scenarios_share_ids(content: Content) -> None:
    seeds = [scenario.seed for scenario in content.scenarios.values()]
    assert len(set(seeds)) == len(seeds)
