"""What a request gets where the path names no scenario."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamguide.models import Model
from streamguide.protocol.refusal import Refusal
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.simulator.adaptation import apply_request
from streamguide.simulator.request import MessagesRequest, find_model
from streamguide.simulator.selection import directive_of, input_tokens, select_scenario
from tests.simulator.requests import LIBRARY, assistant, made, result, user

FORECAST = {
    "name": "get_forecast",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}
CLOCK = {"name": "clock", "input_schema": {"type": "object"}}


def selected(request: MessagesRequest, model: Model, pinned: str | None = None) -> Scenario:
    scenario = None if pinned is None else LIBRARY.scenarios[pinned]
    return select_scenario(request, model, directive_of(request), LIBRARY.scenarios, scenario)


def chosen(pinned: str | None = None, **changes: Any) -> Scenario:
    request = made(**changes)
    return selected(request, find_model(request.model, LIBRARY.models), pinned)


def calls(scenario: Scenario) -> list[str]:
    return [block.content["name"] for block in scenario.blocks if block.type == "tool_use"]


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
def test_a_note_before_a_call_is_empty_unless_the_request_wants_it(
    thinking: dict[str, Any] | None, shown: str
) -> None:
    request = made(tools=[FORECAST], thinking=thinking)
    model = find_model(request.model, LIBRARY.models)
    answer = make_answer(apply_request(selected(request, model), request, model))
    note = answer.blocks[-2].content
    assert (note["type"], note["thinking"]) == ("thinking", shown)
    assert len(note["signature"]) == 400


def test_tool_choice_decides_which_tool_is_called_if_any() -> None:
    for choice in ({"type": "tool", "name": "clock"}, {"type": "any"}):
        called = chosen(model="claude-opus-5", tools=[CLOCK, FORECAST], tool_choice=choice)
        assert called.blocks[-1].content["name"] == "clock"
    none = chosen(tools=[CLOCK], tool_choice={"type": "none"})
    assert none.end["stop_reason"] == "end_turn"


def test_thinking_comes_first_where_the_request_turns_it_on() -> None:
    thinking = {"type": "adaptive"}
    for request in (made(thinking=thinking), made(thinking=thinking, tools=[FORECAST])):
        scenario = selected(request, find_model(request.model, LIBRARY.models))
        assert scenario.blocks[0].content["thinking"].startswith("A thought comes first.")
    without = chosen(model="claude-opus-5", thinking={"type": "disabled"})
    assert [block.type for block in without.blocks] == ["text"]


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("web_search_20260209", "web-search"),
        ("web_fetch_20260209", "web-fetch"),
        ("code_execution_20260120", "code-execution"),
        ("advisor_20260301", "advisor"),
    ],
)
def test_a_server_tool_is_used_where_it_is_the_only_one(type_: str, name: str) -> None:
    tool = {"type": type_, "name": "server"}
    assert chosen(tools=[tool]) is LIBRARY.scenarios[name]
    assert calls(chosen(tools=[tool, CLOCK])) == ["clock"]
    assert text(chosen(tools=[tool], tool_choice={"type": "none"})).startswith("You said: ")


@pytest.mark.parametrize(
    ("type_", "name", "input_"),
    [
        ("bash_20250124", "bash", {"command": "ls -la"}),
        (
            "text_editor_20250728",
            "str_replace_based_edit_tool",
            {"command": "view", "path": "/example.txt"},
        ),
        ("memory_20250818", "memory", {"command": "view", "path": "/memories"}),
        ("computer_20251124", "computer", {"action": "screenshot"}),
    ],
)
def test_a_tool_whose_schema_the_api_knows_is_called(
    type_: str, name: str, input_: dict[str, Any]
) -> None:
    called = chosen(tools=[{"type": type_, "name": name}]).blocks[-1].content
    assert (called["name"], called["input"]) == (name, input_)


def test_several_tools_are_called_in_one_answer_if_asked_for() -> None:
    question = user("simulate: tools=3")
    assert calls(chosen(messages=[question], tools=[FORECAST, CLOCK])) == [
        *("get_forecast", "clock", "get_forecast"),
    ]
    assert text(chosen(messages=[question])).startswith("You said: simulate: tools=3")


def test_tools_are_called_one_after_the_other_if_asked_for() -> None:
    messages = [user("Weather? simulate: steps=2")]
    assert calls(chosen(messages=messages, tools=[FORECAST, CLOCK])) == ["get_forecast"]
    messages += result(call="a")
    assert calls(chosen(messages=messages, tools=[FORECAST, CLOCK])) == ["clock"]
    messages += result(call="b")
    last = chosen(messages=messages, tools=[FORECAST, CLOCK])
    assert (calls(last), last.end["stop_reason"]) == ([], "end_turn")
    # A new question begins anew.
    messages += [assistant("Fine."), user("And tomorrow?")]
    assert calls(chosen(messages=messages, tools=[FORECAST, CLOCK])) == ["get_forecast"]


@pytest.mark.parametrize("wrong", ["tools=0", "steps=11", "tools=2;loops=2", "speed=2"])
def test_a_number_of_calls_that_cannot_be_had_is_refused(wrong: str) -> None:
    with pytest.raises(Refusal, match="there are tools and steps, each from 1 to 10"):
        chosen(messages=[user(f"simulate: {wrong}")], tools=[CLOCK])


@pytest.mark.parametrize("name", ["tool-use", "two-tools", "tool-search"])
def test_a_scenario_of_the_path_takes_the_result_of_its_call(name: str) -> None:
    assert chosen(name) is LIBRARY.scenarios[name]
    answered = chosen(name, messages=[user("a"), *result()], tools=[FORECAST])
    assert text(answered).startswith("The tool answered: 12 °C\n")
    assert chosen("hello", messages=[user("a"), *result()]) is LIBRARY.scenarios["hello"]


SEARCHED = [
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}},
    {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
]


@pytest.mark.parametrize("pinned", [None, "pause-turn"])
@pytest.mark.parametrize("blocks", [SEARCHED, SEARCHED[:1]])
@pytest.mark.parametrize("model", ["claude-sonnet-5", "claude-haiku-4-5"])
def test_a_paused_turn_goes_on_and_ends(model: str, blocks: Any, pinned: str | None) -> None:
    messages = [user("simulate: pause-turn"), assistant(blocks)]
    scenario = chosen(pinned, model=model, messages=messages)
    assert text(scenario).startswith("The turn goes on where it paused")
    assert scenario.end["stop_reason"] == "end_turn"


PERSON = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
AS_JSON = {"format": {"type": "json_schema", "schema": PERSON}}


def test_structured_output_is_json_that_fits_after_a_tools_result_too() -> None:
    assert json.loads(text(chosen(output_config=AS_JSON))) == {"name": "example name"}
    asked: dict[str, Any] = {"output_config": AS_JSON, "tools": [FORECAST]}
    assert calls(chosen(**asked)) == ["get_forecast"]
    answered = chosen(**asked, messages=[user("a"), *result()])
    assert json.loads(text(answered)) == {"name": "example name"}


def test_a_format_that_is_no_schema_is_refused_with_its_place() -> None:
    wrong = {"format": {"type": "json_schema", "schema": {"type": "x"}}}
    with pytest.raises(Refusal, match=r"output_config\.format\.schema\.type"):
        chosen(output_config=wrong)


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
    scenario = chosen(messages=[user("a"), *result(content)], tools=[FORECAST])
    assert text(scenario).startswith("The tool answered: 12 °C\n")
    assert scenario.end["stop_reason"] == "end_turn"


def test_a_tools_error_is_told_as_one() -> None:
    messages = [user("a"), *result("no net", is_error=True)]
    assert text(chosen(messages=messages)).startswith("The tool failed: no net\n")


def test_a_result_without_words_is_answered_too() -> None:
    messages = [user("a"), *result([{"type": "image"}])]
    assert text(chosen(messages=messages)).startswith("The tool answered: nothing in words.")


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


@pytest.mark.parametrize(
    ("toolset", "scenario"),
    [
        ({"type": "mcp_toolset", "mcp_server_name": "tracker"}, "mcp"),
        ({"type": "computer_toolset_20260801"}, "auto"),
        ({"type": "browser_toolset_20260801"}, "auto"),
    ],
)
def test_a_toolset_has_no_name_and_is_not_called_as_a_tool(
    toolset: dict[str, Any], scenario: str
) -> None:
    answer = chosen(tools=[toolset, {**toolset}])
    assert answer.name == scenario
    assert not answer.calls_client
