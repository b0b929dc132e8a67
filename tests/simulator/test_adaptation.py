"""What a request changes about a scenario."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamguide.models import tokens_of
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message
from streamguide.scenarios.script import script
from streamguide.simulator.adaptation import apply_request
from streamguide.simulator.caching import CacheUsage
from streamguide.simulator.request import find_model
from tests.simulator.requests import LIBRARY, assistant, made, user

NAMES = sorted(LIBRARY.scenarios)


def adapted(name: str, **changes: Any) -> Scenario:
    request = made(**{"model": LIBRARY.scenarios[name].model, **changes})
    return apply_request(
        LIBRARY.scenarios[name], request, find_model(request.model, LIBRARY.models)
    )


def message(scenario: Scenario) -> dict[str, Any]:
    return full_message(make_answer(scenario))


def text(scenario: Scenario) -> str:
    return "".join(b.content["text"] for b in scenario.blocks if b.type == "text")


def types(scenario: Scenario) -> list[str]:
    return [event.event["type"] for event in script(make_answer(scenario))]


@pytest.mark.parametrize("name", NAMES)
def test_a_request_that_sets_nothing_changes_nothing(name: str) -> None:
    assert adapted(name) == LIBRARY.scenarios[name]


def test_the_model_is_echoed_and_counts_by_its_own_ratio() -> None:
    changed = adapted("hello", model="claude-haiku-4-5-20251001")
    assert message(changed)["model"] == "claude-haiku-4-5-20251001"
    before = message(LIBRARY.scenarios["hello"])["usage"]["output_tokens"]
    assert message(changed)["usage"]["output_tokens"] < before


# thinking.display


def thinking(scenario: Scenario) -> str:
    return str(message(scenario)["content"][0]["thinking"])


@pytest.mark.parametrize("name", ["tool-note", "tool-note-omitted"])
def test_a_note_between_calls_is_shown_where_the_request_asks_for_it(name: str) -> None:
    words = LIBRARY.scenarios["tool-note"].blocks[0].content["thinking"]
    for thinking_, shown in (
        ({"type": "adaptive", "display": "summarized"}, words),
        ({"type": "adaptive", "display": "updates"}, words),
        ({"type": "adaptive", "display": "omitted"}, ""),
    ):
        assert thinking(adapted(name, thinking=thinking_)) == shown
    between = {"type": "between_tools"}
    assert thinking(adapted(name, model="claude-sonnet-5-5", thinking=between)) == words


def test_updates_show_notes_only() -> None:
    asked = {"type": "adaptive", "display": "updates"}
    assert thinking(adapted("thinking", thinking=asked)) == ""


def test_display_hides_thinking_and_shows_it() -> None:
    assert thinking(adapted("thinking"))
    assert not thinking(adapted("thinking", thinking={"type": "adaptive", "display": "omitted"}))
    assert not thinking(adapted("thinking-omitted"))
    shown = {"type": "adaptive", "display": "summarized"}
    assert thinking(adapted("thinking-omitted", thinking=shown)).startswith("2,147,483,647 is")


# stop_sequences


def test_the_first_stop_sequence_ends_the_answer_before_it() -> None:
    changed = adapted("hello", stop_sequences=["a stream", "before", "never there"])
    assert text(changed) == "Hello! You are reading this "
    made_of_it = message(changed)
    assert made_of_it["stop_reason"] == "stop_sequence"
    assert made_of_it["stop_sequence"] == "before"
    assert types(changed)[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_of_two_at_one_place_the_longer_stops() -> None:
    changed = adapted("hello", stop_sequences=["bef", "before"])
    assert message(changed)["stop_sequence"] == "before"


def test_what_follows_a_stop_is_not_there() -> None:
    changed = adapted("tool-use", stop_sequences=["raincoats"])
    assert [block.type for block in changed.blocks] == ["text"]


# max_tokens


@given(limit=st.integers(0, 300), name=st.sampled_from(NAMES))
def test_no_answer_has_more_tokens_than_the_limit(limit: int, name: str) -> None:
    whole = LIBRARY.scenarios[name]
    changed = adapted(name, max_tokens=limit)
    usage = message(changed)["usage"]
    if changed != whole:
        assert message(changed)["stop_reason"] == "max_tokens"
        assert usage["output_tokens"] == limit
        visible = tokens_of(text(changed), whole.characters_per_token)
        assert visible <= limit or "output_tokens" in whole.end.get("usage", {})
        assert "server_tool_use" not in usage
    elif whole.blocks and not whole.whole_at_start and whole.error is None:
        assert usage["output_tokens"] <= limit
    assert text(whole).startswith(text(changed))


def test_a_tool_of_the_request_says_how_its_input_comes() -> None:
    tool = {"name": "get_forecast", "input_schema": {"type": "object"}}

    def is_eager(**fields: Any) -> bool:
        (call,) = (b for b in adapted("tool-use", tools=[tool | fields]).blocks if b.label)
        return call.eager

    assert is_eager(eager_input_streaming=True)
    assert not is_eager(eager_input_streaming=False)
    assert not is_eager()
    # A scenario's own calls come as its file says.
    assert adapted("max-tokens").blocks[-1].eager


def test_an_open_tool_call_stays_unclosed() -> None:
    changed = adapted("tool-use", max_tokens=60)
    assert types(changed).count("content_block_start") == 2
    assert types(changed).count("content_block_stop") == 1


def test_a_limit_within_the_thinking_leaves_no_text_and_no_signature() -> None:
    changed = adapted("thinking", max_tokens=100)
    assert [block.type for block in changed.blocks] == ["thinking"]
    assert "content_block_stop" not in types(changed)
    usage = message(changed)["usage"]
    assert usage["output_tokens_details"] == {"thinking_tokens": 100}


def test_a_stop_sequence_within_the_limit_counts_first() -> None:
    changed = adapted("hello", stop_sequences=["before"], max_tokens=50)
    assert message(changed)["stop_reason"] == "stop_sequence"
    changed = adapted("hello", stop_sequences=["format"], max_tokens=10)
    assert message(changed)["stop_reason"] == "max_tokens"


# Resuming

CONTINUE = "Your answer was cut off. It began:\n\n{}\n\nGo on from exactly there."


@given(cut=st.integers(24, 300))
def test_a_user_message_that_quotes_the_beginning_gets_the_rest(cut: int) -> None:
    whole = text(LIBRARY.scenarios["hello"])
    quote = whole[:cut]
    messages = [user("Hello"), user(CONTINUE.format(quote))]
    changed = adapted("hello", messages=messages)
    assert quote + text(changed) == whole


@given(cut=st.integers(1, 300))
def test_a_prefilled_beginning_gets_the_rest(cut: int) -> None:
    whole = text(LIBRARY.scenarios["hello"])
    partial = whole[:cut].rstrip()
    changed = adapted(
        "hello", model="claude-haiku-4-5", messages=[user("Hello"), assistant(partial)]
    )
    assert partial + text(changed) == whole


def test_a_beginning_sent_back_block_by_block_gets_the_rest() -> None:
    blocks = [b.content["text"] for b in LIBRARY.scenarios["citations"].blocks]
    partial = [{"type": "text", "text": block} for block in blocks[:3]]
    changed = adapted(
        "citations", model="claude-haiku-4-5", messages=[user("Hello"), assistant(partial)]
    )
    assert "".join(blocks[:3]).rstrip() + text(changed) == "".join(blocks)


def test_another_beginning_gets_the_whole_answer() -> None:
    scenario = LIBRARY.scenarios["hello"]
    assert text(adapted("hello", messages=[user(CONTINUE.format("Goodbye"))])) == text(scenario)


def test_thinking_before_the_join_is_not_repeated_and_a_later_tool_call_comes() -> None:
    for name, kinds in (("thinking", ["text"]), ("tool-use", ["text", "tool_use"])):
        whole = text(LIBRARY.scenarios[name])
        changed = adapted(name, messages=[user(CONTINUE.format(whole[:40]))])
        assert [block.type for block in changed.blocks] == kinds
        assert whole[:40] + text(changed) == whole


def test_the_join_may_lie_in_a_later_block() -> None:
    whole = text(LIBRARY.scenarios["citations"])
    first = LIBRARY.scenarios["citations"].blocks[0].content["text"]
    quote = whole[: len(first) + 30]
    changed = adapted("citations", messages=[user(CONTINUE.format(quote))])
    assert quote + text(changed) == whole


INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def inputs(usage: dict[str, Any]) -> list[int]:
    return [usage[name] for name in INPUT]


@pytest.mark.parametrize("name", [name for name in NAMES if not LIBRARY.scenarios[name].error])
def test_what_is_cached_is_divided_in_every_count_and_changes_no_sum(name: str) -> None:
    scenario = LIBRARY.scenarios[name]
    request, model = made(model=scenario.model), LIBRARY.models.by_id[scenario.model]
    plain = message(apply_request(scenario, request, model))["usage"]
    half = CacheUsage(read=0.5, written_5m=0.5, written_1h=0)
    usage = message(apply_request(scenario, request, model, half))["usage"]
    assert sum(inputs(usage)) == sum(inputs(plain))
    assert min(inputs(usage)) >= 0
    if scenario.usage.get("input_tokens") and not {"fallback", "compaction"} & {
        block.type for block in scenario.blocks
    }:
        assert usage["cache_read_input_tokens"] > 0
    for one, before in zip(usage.get("iterations", []), plain.get("iterations", []), strict=True):
        assert sum(inputs(one)) == sum(inputs(before))


def test_an_advisors_tokens_are_counted_apart_from_those_of_the_model() -> None:
    half = CacheUsage(read=0.5, written_5m=0, written_1h=0)
    scenario = LIBRARY.scenarios["advisor"]
    model = LIBRARY.models.by_id[scenario.model]
    for cached in (None, half):
        usage = message(apply_request(scenario, made(model=scenario.model), model, cached))["usage"]
        first, advisor, last = usage["iterations"]
        assert (first["type"], advisor["type"], last["type"]) == (
            "message",
            "advisor_message",
            "message",
        )
        for name in (*INPUT, "output_tokens"):
            assert usage[name] == first[name] + last[name]
        assert advisor["model"] != scenario.model
