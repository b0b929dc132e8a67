"""Checking requests as the API does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from anthropic.types import message_create_params
from hypothesis import given
from hypothesis import strategies as st

from streamguide.protocol.refusal import Refusal
from streamguide.simulator.request import (
    MOST_MESSAGES,
    MessagesRequest,
    check_headers,
    parse,
    parse_count,
)
from tests.simulator.requests import (
    LIBRARY,
    OLD_VERSION,
    VERSION,
    assistant,
    body,
    made,
    result,
    user,
)


def refused(headers: dict[str, str] | None = None, **changes: Any) -> str:
    """The message of the 400 that such a request gets."""
    with pytest.raises(Refusal) as caught:
        made(headers, **changes)
    assert (caught.value.status, caught.value.type) == (400, "invalid_request_error")
    return caught.value.message


def test_a_right_request_passes() -> None:
    request = made(stream=True, system="Be brief.", stop_sequences=["END"])
    assert (request.model, request.stream, request.messages[0].text) == (
        "claude-opus-5-5",
        True,
        "Hello",
    )


def test_the_fields_are_those_of_the_pinned_sdk() -> None:
    known = set(message_create_params.MessageCreateParamsBase.__annotations__)
    headers = {"user_profile_id", "workspace_id"}
    gone = {"temperature", "top_p", "top_k"}
    assert set(MessagesRequest.model_fields) - gone == (known - headers) | {"stream"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"model": None}, "model: Field required"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": []}, "messages: List should have at least 1 item"),
        ({"max_tokens": "9"}, "max_tokens: Input should be a valid integer"),
        ({"max_tokens": -1}, "max_tokens: Input should be greater than or equal to 0"),
        ({"max_tokens": 128_001}, "max_tokens: 128001 > 128000"),
        ({"messages": [{"role": "robot", "content": ""}]}, "messages.0.role: Input should be"),
        ({"messages": [{"role": "user"}]}, "messages.0.content: Field required"),
        ({"messages": [user([{"text": "a"}])]}, "messages.0.content.0.type: Field required"),
        ({"messages": [user([{"type": "text"}])]}, "messages.0.content.0.text: Field required"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"stop_sequences": "END"}, "stop_sequences: Input should be a valid list"),
        ({"speed": "slow"}, "speed: Input should be 'standard' or 'fast'"),
    ],
)
def test_a_wrong_field_is_named(changes: dict[str, Any], message: str) -> None:
    assert refused(**changes).startswith(message)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"a":NaN}', b'{"a":"\\ud800"}']
)
def test_what_is_no_json_object_is_a_400(text: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        parse(text, VERSION, LIBRARY.models)
    assert caught.value.status == 400


def test_more_messages_than_the_limit_are_refused() -> None:
    message = refused(messages=[user("a")] * (MOST_MESSAGES + 1))
    assert message.startswith("messages: List should have at most 100000 items")


def test_an_unknown_model_is_a_404() -> None:
    with pytest.raises(Refusal) as caught:
        made(model="claude-opus-9")
    assert (caught.value.status, caught.value.type) == (404, "not_found_error")


def test_an_alias_is_a_model() -> None:
    assert made(model="claude-haiku-4-5-20251001").model == "claude-haiku-4-5-20251001"


def test_a_beta_header_lets_unknown_fields_pass() -> None:
    headers = {**VERSION, "anthropic-beta": "compact-2026-01-12"}
    assert made(headers, context_management={"edits": []}).model_extra


# What depends on the version and the model


@pytest.mark.parametrize("name", ["temperature", "top_p", "top_k"])
def test_sampling_is_gone_from_the_newest_version(name: str) -> None:
    changes: dict[str, Any] = {name: 1}
    assert refused(**changes) == f"{name}: Extra inputs are not permitted"


def test_the_old_version_lets_earlier_models_have_a_temperature() -> None:
    assert made(OLD_VERSION, model="claude-sonnet-4-6", temperature=0.2).temperature == 0.2
    assert made(OLD_VERSION, temperature=1).temperature == 1
    assert "no other value" in refused(OLD_VERSION, temperature=0.2)


def test_prefill_is_for_models_up_to_4_5() -> None:
    conversation = [user("Hello"), assistant("Hel")]
    assert made(model="claude-haiku-4-5", messages=conversation).messages[-1].role == "assistant"
    for model in ("claude-opus-4-6", "claude-opus-5-5"):
        assert "prefill" in refused(model=model, messages=conversation)


def test_a_paused_turn_is_no_prefill() -> None:
    called = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}
    assert made(messages=[user("a"), assistant([called])]).messages[-1].is_paused
    said = {"type": "text", "text": "I looked it up."}
    assert "prefill" in refused(messages=[user("a"), assistant([called, said])])


def test_histories_that_an_interrupted_stream_leaves_are_refused() -> None:
    call, answer = result()
    for messages, message in (
        (
            [user("a"), call, user("b")],
            "messages.2: `tool_use` ids were found without `tool_result` blocks immediately after: "
            "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the "
            "next message.",
        ),
        (
            [user("a"), answer],
            "messages.1: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. Each "
            "`tool_result` block must have a corresponding `tool_use` block in the previous message.",
        ),
        (
            [user("a"), assistant([{"type": "text", "text": ""}]), user("b")],
            "messages.1.content.0: text content blocks must be non-empty",
        ),
        (
            [user("a"), assistant([{"type": "thinking", "thinking": "Hm."}]), user("b")],
            "messages.1.content.0.thinking.signature: Field required",
        ),
        (
            [user("a"), assistant([{"type": "tool_use", "id": "b", "input": ""}]), user("c")],
            "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
        ),
        (
            [user("a"), assistant([{"type": "text_delta", "text": "b"}]), user("c")],
            "messages.1.content.0: Input tag 'text_delta' found using 'type' does not match any of "
            "the expected tags",
        ),
    ):
        assert refused(messages=messages) == message
    assert made(messages=[user("a"), call, answer]).messages[-1].results


def test_a_beta_that_nobody_knows_is_refused_and_a_misspelt_field_with_any() -> None:
    for beta in ("anything", "compact-2026-01-12, web-search-2020-01-01"):
        with pytest.raises(Refusal, match=r"Unexpected value\(s\) `"):
            check_headers({**VERSION, "anthropic-beta": beta})
    known = {**VERSION, "anthropic-beta": "compact-2026-01-12,claude-code-20250219"}
    check_headers(known)
    assert made(known, context_management={"edits": []}).model_extra
    assert refused(known, max_tokenz=3) == "max_tokenz: Extra inputs are not permitted"
    assert refused(mcp_servers=[]) == "mcp_servers: Extra inputs are not permitted"


def test_a_thread_is_refused_so_that_the_sdk_goes_on_without_one() -> None:
    beta = {**VERSION, "anthropic-beta": "message-threads-2026-08-12"}
    with pytest.raises(Refusal, match="keeps no threads") as caught:
        made(beta, thread={"type": "create"})
    assert caught.value.details == {"error_code": "thread_unsupported_request"}
    assert refused(thread={"type": "create"}) == "thread: Extra inputs are not permitted"


def test_documents_stand_in_user_messages_and_citations_in_the_assistants() -> None:
    document = {"type": "document", "source": {"type": "text", "data": "a"}}
    cited = {"type": "text", "text": "a", "citations": [{"type": "char_location"}]}
    conversation = [user("a"), assistant([document]), user("b")]
    assert "document" in refused(messages=conversation)
    assert "citations" in refused(messages=[user([cited])])
    assert len(made(OLD_VERSION, messages=conversation).messages) == 3
    assert len(made(messages=[user([document]), assistant([cited]), user("b")]).messages) == 3


@pytest.mark.parametrize("model", LIBRARY.models.by_id.values(), ids=lambda model: model.id)
def test_every_model_takes_its_own_types_of_thinking(model: Any) -> None:
    for type_ in ("adaptive", "between_tools", "disabled", "enabled"):
        thinking = {"type": type_} | ({"budget_tokens": 2000} if type_ == "enabled" else {})
        if type_ in model.thinking_types:
            assert made(model=model.id, thinking=thinking).thinking is not None
        else:
            assert refused(model=model.id, thinking=thinking).startswith("thinking.type: ")


@pytest.mark.parametrize(
    ("model", "type_"), [("claude-sonnet-5-5", "between_tools"), ("claude-opus-5", "disabled")]
)
def test_some_types_of_thinking_are_not_taken_at_the_highest_efforts(
    model: str, type_: str
) -> None:
    thinking = {"type": type_}
    for effort in ("low", "medium", "high"):
        assert made(model=model, thinking=thinking, output_config={"effort": effort}).thinking
    for effort in ("xhigh", "max"):
        message = refused(model=model, thinking=thinking, output_config={"effort": effort})
        assert message == (
            f'thinking.type: "{type_}" is supported by {model} with effort low, medium, high only'
        )


@pytest.mark.parametrize(
    ("thinking", "message"),
    [
        ({"type": "enabled"}, "thinking.enabled.budget_tokens: Field required"),
        ({"type": "enabled", "budget_tokens": 1023}, "thinking.enabled.budget_tokens: at least"),
        ({"type": "enabled", "budget_tokens": 20_000}, "max_tokens: must be greater"),
        ({"type": "disabled", "budget_tokens": 2000}, "thinking.disabled.budget_tokens: Extra"),
    ],
)
def test_a_budget_has_its_bounds(thinking: dict[str, Any], message: str) -> None:
    assert refused(model="claude-haiku-4-5", thinking=thinking).startswith(message)


TOOL = {"name": "look_up", "input_schema": {"type": "object"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tools": [TOOL, TOOL]}, "tools: Tool names must be unique"),
        ({"tools": [{"name": "a"}]}, "tools.0.input_schema: Field required"),
        ({"tools": [{"type": "bash_20250124"}]}, "tools.0.name: Field required"),
        ({"messages": ["a"]}, "messages.0: Input should be a valid dictionary"),
        ({"tools": [{}]}, "tools.0.name: Field required"),
        (
            {
                "model": "claude-opus-5",
                "tools": [TOOL],
                "tool_choice": {"type": "tool", "name": "x"},
            },
            "tool_choice.name: no tool is called 'x'",
        ),
        ({"tool_choice": {"type": "any"}}, "tool_choice: may only be given with tools"),
        (
            {"model": "claude-opus-5", "tools": [TOOL], "tool_choice": {"type": "tool"}},
            "tool_choice.name: Field required",
        ),
        (
            {"tools": [TOOL], "tool_choice": {"type": "any"}},
            'tool_choice.type: "any" is not supported by claude-opus-5-5; it takes auto, none',
        ),
    ],
)
def test_tools_are_checked(changes: dict[str, Any], message: str) -> None:
    assert refused(**changes) == message


def test_server_tools_need_no_schema() -> None:
    tools = [{"type": "web_search_20260209", "name": "web_search"}, TOOL]
    assert [tool.name for tool in made(tools=tools).client_tools] == ["look_up"]


# Counting tokens

SERVER_TOOL = {"type": "web_search_20260209", "name": "web_search"}
IMAGE = {"type": "image", "source": {"type": "url", "url": "https://a.example/a.png"}}
DOCUMENT = {"type": "document", "source": {"type": "file", "file_id": "file_1"}}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tools": [SERVER_TOOL]}, "tools.0: tokens of server tools cannot be counted"),
        ({"messages": [user([IMAGE])]}, "messages.0: tokens of an image or document by url or"),
        ({"messages": [user([DOCUMENT])]}, "messages.0: tokens of an image or document by url or"),
    ],
)
def test_some_things_cannot_be_counted(changes: dict[str, Any], message: str) -> None:
    assert made(**changes).messages
    with pytest.raises(Refusal) as caught:
        parse_count(body(max_tokens=None, **changes), VERSION, LIBRARY.models)
    assert caught.value.message.startswith(message)


def test_an_advisor_is_counted() -> None:
    advisor = {"type": "advisor_20260301", "name": "advisor", "model": "claude-opus-5-5"}
    changes: dict[str, Any] = {"max_tokens": None, "tools": [advisor]}
    assert parse_count(body(**changes), VERSION, LIBRARY.models).tools


# Anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(sorted(MessagesRequest.model_fields))


@given(changes=st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_stands_in_a_field_it_passes_or_is_refused(changes: dict[str, Any]) -> None:
    try:
        parse(body(**changes), VERSION, LIBRARY.models)
    except Refusal as refusal:
        assert refusal.status in (400, 404)
        assert re.match(r"[a-z_.0-9]*: |model|The request body", refusal.message)


@given(text=st.binary(max_size=200))
def test_whatever_bytes_come_they_are_refused(text: bytes) -> None:
    with pytest.raises(Refusal):
        parse(text, VERSION, LIBRARY.models)
