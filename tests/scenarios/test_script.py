"""The streams of the scenarios: legal, complete, deterministic, and shaped like real ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.content import load_content
from streamguide.protocol.table import Table
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import to_frames
from streamguide.scenarios.load import Scenario, ScenarioBlock, Timing
from streamguide.scenarios.script import TimedEvent, script
from tools.goldens import FOLDER, goldens

SITE = load_content()
each_scenario = pytest.mark.parametrize(
    "scenario", SITE.scenarios.values(), ids=SITE.scenarios.keys()
)


def timed(scenario: Scenario) -> list[TimedEvent]:
    return script(make_answer(scenario))


def events(scenario: Scenario) -> list[Mapping[str, Any]]:
    return [one.event for one in timed(scenario)]


def order_problem(names: list[str], table: Table) -> str:
    """Where the names leave the order that the protocol table allows; "" if they do not."""
    chain = [name for name in names if not table.events[name].anywhere]
    if chain[0] != "message_start":
        return f"begins with {chain[0]}"
    for name, following in pairwise(chain):
        if following not in table.events[name].next:
            return f"{following} after {name}"
    return ""


@each_scenario
def test_the_stream_is_the_golden_one_byte_for_byte(scenario: Scenario) -> None:
    for name, content in goldens(scenario):
        path = FOLDER / name
        assert path.exists(), f"{name} is missing: run make goldens, and read what it wrote"
        assert path.read_bytes() == content, f"{name} differs: run make goldens, read git diff"


def test_no_golden_file_is_left_of_a_scenario_that_is_gone() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == SITE.scenarios.keys()


@each_scenario
def test_events_keep_the_legal_order(scenario: Scenario) -> None:
    names = [event["type"] for event in events(scenario)]
    assert order_problem(names, SITE.table) == ""
    assert names[-1] == ("error" if scenario.error else "message_stop")


def test_an_illegal_order_would_be_noticed() -> None:
    assert order_problem(["ping", "content_block_stop"], SITE.table)
    assert order_problem(["message_start", "content_block_stop"], SITE.table)


@each_scenario
def test_times_never_go_back_and_the_first_event_is_not_at_once(scenario: Scenario) -> None:
    times = [one.at for one in timed(scenario)]
    assert times == sorted(times)
    assert times[0] >= 300


@each_scenario
def test_block_indexes_count_up_and_each_block_is_closed_once(scenario: Scenario) -> None:
    started = [e["index"] for e in events(scenario) if e["type"] == "content_block_start"]
    stopped = [e["index"] for e in events(scenario) if e["type"] == "content_block_stop"]
    assert started == list(range(len(started)))
    is_cut = bool(scenario.error) or (scenario.blocks and scenario.blocks[-1].cut is not None)
    assert stopped == (started[:-1] if is_cut else started)


@each_scenario
def test_one_early_ping_comes_as_in_most_recordings(scenario: Scenario) -> None:
    names = [event["type"] for event in events(scenario)]
    expected = 0 if scenario.whole_at_start else 1
    assert names.count("ping") == expected
    if expected:
        assert names.index("ping") <= 2


@each_scenario
def test_padding_stands_before_the_last_brace_and_nowhere_else(scenario: Scenario) -> None:
    for one, frame in zip(timed(scenario), to_frames(timed(scenario)), strict=True):
        line = frame.data.decode().split("\n")[1]
        if one.event["type"] != "ping":
            plain = json.dumps(one.event, ensure_ascii=False, separators=(",", ":"))
            assert line == f"data: {plain[:-1]}{' ' * one.padding}}}"


@each_scenario
def test_citations_come_before_the_text_of_their_block(scenario: Scenario) -> None:
    with_text = set()
    for event in events(scenario):
        kind = event.get("delta", {}).get("type")
        if kind == "text_delta":
            with_text.add(event["index"])
        if kind == "citations_delta":
            assert event["index"] not in with_text


@each_scenario
def test_another_seed_gives_other_ids_and_the_same_text(scenario: Scenario) -> None:
    first, second = make_answer(scenario), make_answer(scenario, seed=scenario.seed + 1000)
    assert first.message_id != second.message_id
    assert first.request_id != second.request_id
    for one, other in zip(first.blocks, second.blocks, strict=True):
        assert one.content.get("text") == other.content.get("text")
        if "id" in one.content:
            assert one.content["id"] != other.content["id"]


@each_scenario
def test_results_name_the_call_that_they_answer(scenario: Scenario) -> None:
    seen: set[str] = set()
    for block in make_answer(scenario).blocks:
        if "tool_use_id" in block.content:
            assert block.content["tool_use_id"] in seen
        if "id" in block.content:
            seen.add(block.content["id"])


def only(name: str, matches: Callable[[Mapping[str, Any]], bool]) -> list[Mapping[str, Any]]:
    return [event for event in events(SITE.scenarios[name]) if matches(event)]


def test_long_prose_has_ten_thousand_characters_in_uneven_deltas() -> None:
    deltas = only("long-prose", lambda e: e["type"] == "content_block_delta")
    sizes = [len(e["delta"]["text"]) for e in deltas]
    assert 9_500 <= sum(sizes) <= 10_500
    assert max(sizes) <= 208
    assert len(set(sizes)) > 20


def test_thinking_omitted_is_silent_and_then_brings_only_a_signature() -> None:
    thinking = only("thinking-omitted", lambda e: e.get("index") == 0)
    kinds = [e.get("delta", {}).get("type", e["type"]) for e in thinking]
    assert kinds == ["content_block_start", "signature_delta", "content_block_stop"]
    silences = gaps("thinking-omitted")
    assert max(silences) >= 5_000


def gaps(name: str) -> list[int]:
    times = [one.at for one in timed(SITE.scenarios[name])]
    return [later - earlier for earlier, later in pairwise(times)]


def test_web_search_brings_a_large_result_and_input_tokens_that_grow() -> None:
    frames = to_frames(timed(SITE.scenarios["web-search"]))
    assert max(len(frame.data) for frame in frames) > 100_000
    start, end = only("web-search", lambda e: "usage" in e or "message" in e)
    assert start["message"]["usage"]["input_tokens"] == 2039
    assert end["usage"]["input_tokens"] == 10423


def test_a_refusal_before_output_has_no_block() -> None:
    names = [event["type"] for event in events(SITE.scenarios["refusal"])]
    assert names == ["message_start", "ping", "message_delta", "message_stop"]


def test_programmatic_tool_calls_come_whole_in_message_start() -> None:
    start, stop = events(SITE.scenarios["programmatic-tool-call"])
    assert start["message"]["stop_reason"] == "tool_use"
    assert start["message"]["content"][0]["type"] == "tool_use"
    assert start["message"]["usage"]["output_tokens"] == 0
    assert stop == {"type": "message_stop"}


def texts() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=600)


@given(text=texts(), seed=st.integers(0, 2**32), size=st.integers(1, 400))
def test_any_text_arrives_whole_in_pieces_of_at_most_208(text: str, seed: int, size: int) -> None:
    scenario = replace(
        SITE.scenarios["hello"],
        blocks=(ScenarioBlock({"type": "text", "text": text}),),
        timing=Timing(delta_characters=size),
    )
    made = [one.event for one in script(make_answer(scenario, seed))]
    pieces = [e["delta"]["text"] for e in made if e["type"] == "content_block_delta"]
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= 208 for piece in pieces)


CALL = next(one for one in SITE.scenarios["tool-use"].blocks if one.type == "tool_use")


def events_of_call(block: ScenarioBlock) -> list[Mapping[str, Any]]:
    return events(replace(SITE.scenarios["tool-use"], blocks=(block,)))


def input_pieces(made: list[Mapping[str, Any]]) -> list[str]:
    return [e["delta"]["partial_json"] for e in made if e["type"] == "content_block_delta"]


def test_by_default_each_piece_of_a_tools_input_ends_with_a_whole_value() -> None:
    pieces = input_pieces(events_of_call(CALL))
    assert pieces[0] == ""
    assert "".join(pieces) == json.dumps(CALL.content["input"])
    for number in range(2, len(pieces)):
        so_far = json.loads("".join(pieces[:number]) + "}")
        assert so_far == dict(list(CALL.content["input"].items())[: number - 1])


def test_an_eager_tool_call_sends_its_values_in_fragments() -> None:
    by_default = input_pieces(events_of_call(CALL))
    eager = input_pieces(events_of_call(replace(CALL, eager=True)))
    assert "".join(eager) == "".join(by_default)
    assert not set(eager[1:]) & set(by_default[1:-1])


@given(cut=st.integers(0, 120))
def test_a_cut_tool_call_stays_open_and_brings_whole_values_only(cut: int) -> None:
    made = events_of_call(replace(CALL, cut=cut))
    arrived = "".join(input_pieces(made))
    text = json.dumps(CALL.content["input"])
    assert text.startswith(arrived)
    assert len(arrived) <= cut
    assert arrived in ("", text) or json.loads(arrived + "}")
    assert "content_block_stop" not in [e["type"] for e in made]


@given(cut=st.integers(0, 120))
def test_a_cut_eager_call_brings_that_many_characters(cut: int) -> None:
    made = events_of_call(replace(CALL, cut=cut, eager=True))
    assert "".join(input_pieces(made)) == json.dumps(CALL.content["input"])[:cut]
    assert "content_block_stop" not in [e["type"] for e in made]
