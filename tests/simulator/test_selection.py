"""What a request gets where the path names no scenario."""

from __future__ import annotations

from typing import Any

import pytest

from streamguide.models import Model
from streamguide.protocol.refusal import Refusal
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.simulator.adaptation import apply_request
from streamguide.simulator.request import MessagesRequest, find_model
from streamguide.simulator.selection import directive_of, input_tokens, select_scenario
from tests.simulator.requests import LIBRARY, assistant, made, user

FORECAST = {
    "name": "get_forecast",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CLOCK = {"name": "clock", "input_schema": {"type": "object"}}


def selected(request: MessagesRequest, model: Model) -> Scenario:
    return select_scenario(request, model, directive_of(request), LIBRARY.scenarios)


def chosen(**changes: Any) -> Scenario:
    request = made(**changes)
    return selected(request, find_model(request.model, LIBRARY.models))


def text(scenario: Scenario) -> str:
    return "".join(b.content["text"] for b in scenario.blocks if b.type == "text")


def test_a_plain_request_gets_a_plain_answer_that_quotes_it() -> None:
    scenario = chosen(messages=[user("Grüße aus 東京 🌍")])
    assert text(scenario).startswith("You said: Grüße aus 東京 🌍\n")
    assert scenario.end["stop_reason"] == "end_turn"


def test_a_long_prompt_is_quoted_in_part() -> None:
    assert text(chosen(messages=[user("a" * 1000)])).startswith(f"You said: {'a' * 300}…\n")


def test_the_last_user_message_can_name_a_scenario() -> None:
    messages = [user("simulate: hello"), assistant("Hello"), user("Now simulate: citations please")]
    assert chosen(messages=messages, tools=[CLOCK]) is LIBRARY.scenarios["citations"]


def test_a_scenario_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(Refusal, match="'nothing'; there are hello, "):
        chosen(messages=[user("simulate: nothing")])


def test_with_tools_the_first_one_is_called() -> None:
    scenario = chosen(tools=[FORECAST, CLOCK])
    call = scenario.blocks[-1].content
    assert (call["type"], call["name"]) == ("tool_use", "get_forecast")
    assert call["input"] == {"city": "example city"}
    assert scenario.end["stop_reason"] == "tool_use"


WORDS = "I'll call get_forecast for that."


@pytest.mark.parametrize("model", LIBRARY.models.by_id.values(), ids=lambda model: model.id)
def test_what_is_said_before_a_call_comes_in_the_block_that_the_model_uses(model: Model) -> None:
    request = made(model=model.id, tools=[FORECAST])
    before, call = selected(request, model).blocks
    assert (before.type, call.type) == (model.text_between_calls, "tool_use")
    assert before.content[before.type] == WORDS


@pytest.mark.parametrize(
    ("thinking", "shown"),
    [(None, ""), ({"type": "adaptive", "display": "summarized"}, WORDS)],
)
def test_a_note_before_a_call_is_empty_unless_the_request_sets_a_display(
    thinking: dict[str, Any] | None, shown: str
) -> None:
    request = made(tools=[FORECAST], thinking=thinking)
    model = find_model(request.model, LIBRARY.models)
    answer = make_answer(apply_request(selected(request, model), request, model))
    note = answer.blocks[0].content
    assert (note["type"], note["thinking"]) == ("thinking", shown)
    assert len(note["signature"]) == 400


def test_tool_choice_decides_which_tool_is_called_if_any() -> None:
    for choice in ({"type": "tool", "name": "clock"}, {"type": "any"}):
        called = chosen(model="claude-opus-5", tools=[CLOCK, FORECAST], tool_choice=choice)
        assert called.blocks[-1].content["name"] == "clock"
    none = chosen(tools=[CLOCK], tool_choice={"type": "none"})
    assert none.end["stop_reason"] == "end_turn"


def test_server_tools_are_not_called() -> None:
    tools = [{"type": "web_search_20260209", "name": "web_search"}]
    assert chosen(tools=tools).end["stop_reason"] == "end_turn"


def test_what_is_no_schema_is_a_400_that_names_the_tool() -> None:
    tool = {"name": "a", "input_schema": {"type": "object", "properties": {"n": {"type": "x"}}}}
    with pytest.raises(
        Refusal, match=r"a: input_schema\.properties\.n\.type: .x. is not"
    ) as caught:
        chosen(tools=[tool])
    assert caught.value.status == 400
    with pytest.raises(Refusal, match=r"input_schema\.type must be object"):
        chosen(tools=[{"name": "a", "input_schema": {"type": "string"}}])


@pytest.mark.parametrize("content", ["12 °C", [{"type": "text", "text": "12 °C"}]])
def test_a_tools_result_is_answered_with_text(content: Any) -> None:
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": content}
    scenario = chosen(messages=[user("a"), assistant("b"), user([result])], tools=[FORECAST])
    assert text(scenario).startswith("The tool answered: 12 °C\n")
    assert scenario.end["stop_reason"] == "end_turn"


def test_a_tools_error_is_told_as_one() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": "no net", "is_error": True}
    assert text(chosen(messages=[user([result])])).startswith("The tool failed: no net\n")


def test_a_result_without_words_is_answered_too() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image"}]}
    assert text(chosen(messages=[user([result])])).startswith(
        "The tool answered: nothing in words."
    )


def test_the_last_user_message_counts_though_others_follow() -> None:
    prefilled = [user("simulate: hello"), assistant("Hel")]
    assert chosen(model="claude-haiku-4-5", messages=prefilled) is LIBRARY.scenarios["hello"]
    instructed = [user("simulate: hello"), {"role": "system", "content": "Be brief."}]
    assert chosen(messages=instructed) is LIBRARY.scenarios["hello"]


def test_a_plain_answer_that_broke_can_be_resumed() -> None:
    whole = text(chosen(messages=[user("What is a stream?")]))
    asked = [user("What is a stream?"), user(f"You were cut off after:\n{whole[:90]}\nGo on.")]
    assert text(chosen(messages=asked)) == whole
    asked = [user("What is a stream?"), user("And what is an event?")]
    assert text(chosen(messages=asked)).startswith("You said: And what is an event?")


def test_a_named_scenario_that_broke_can_be_resumed() -> None:
    hello = LIBRARY.scenarios["hello"]
    rest = user(f"You were cut off after:\n{text(hello)[:90]}\nGo on.")
    assert chosen(messages=[user("simulate: hello/drop"), rest], tools=[CLOCK]) is hello
    for first, last in (
        ("simulate: hello", user("Hm?")),
        ("simulate: nothing", rest),
        ("Hi", rest),
    ):
        assert chosen(messages=[user(first), last]) not in LIBRARY.scenarios.values()


def test_the_same_request_gets_the_same_answer() -> None:
    assert chosen(messages=[user("a")]) == chosen(messages=[user("a")])
    assert chosen(messages=[user("a")]).seed != chosen(messages=[user("b")]).seed


def test_input_tokens_grow_with_everything_that_is_sent() -> None:
    model = LIBRARY.models.by_id["claude-opus-5-5"]
    counts = [
        input_tokens(request, model)
        for request in (
            made(),
            made(system="Be brief."),
            made(system="Be brief.", tools=[FORECAST]),
            made(system="Be brief.", tools=[FORECAST], messages=[user("Hello " * 100)]),
        )
    ]
    assert counts == sorted(set(counts))
