"""What a visitor may ask, and what it can cost at worst."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr

from streamguide.content import load_content
from streamguide.live.request import LiveRequest, parse, worst_case
from streamguide.protocol.refusal import Refusal
from streamguide.settings import LiveSettings

MODELS = load_content().models
SETTINGS = LiveSettings(key=SecretStr("key"), max_tokens=1000, prompt_characters=100)
HELLO = {
    "model": "claude-haiku-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hello"}],
}


def parsed(**fields: Any) -> LiveRequest:
    return parse(json.dumps({**HELLO, **fields}).encode(), SETTINGS, MODELS)[0]


def refused(**fields: Any) -> Refusal:
    with pytest.raises(Refusal) as raised:
        parsed(**fields)
    return raised.value


def test_what_goes_to_claude_is_what_was_asked_and_a_stream() -> None:
    fields = {
        "system": "Be brief.",
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "low"},
        "stop_sequences": ["END"],
    }
    assert parsed(**fields).body() == {**HELLO, **fields, "stream": True}
    assert parsed(stream=True).body() == {**HELLO, "stream": True}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"tools": []}, "tools"),
        ({"temperature": 1}, "temperature"),
        ({"metadata": {}}, "metadata"),
        ({"mcp_servers": []}, "mcp_servers"),
        ({"stream": False}, "stream"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "9"}, "max_tokens"),
        ({"max_tokens": 1001}, "max_tokens"),
        ({"model": "claude-fable-5-2"}, "model"),
        ({"model": ["claude-haiku-5-5"]}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "messages.0.content.0"),
        (
            {"system": [{"type": "text", "text": "x", "cache_control": {}}]},
            "system.0.cache_control",
        ),
        ({"thinking": {"type": "adaptive", "x": 1}}, "thinking.x"),
    ],
)
def test_anything_else_is_refused_by_its_name(fields: dict[str, Any], place: str) -> None:
    refusal = refused(**fields)
    assert refusal.status == 400
    assert refusal.message.startswith(f"{place}")


@pytest.mark.parametrize("body", [b"", b"[", b"3", b"null", b'{"model": NaN}', b"\xff"])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal) as raised:
        parse(body, SETTINGS, MODELS)
    assert raised.value.status == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"system": "x" * 96},
        {"messages": [{"role": "user", "content": "x" * 101}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x" * 101}]}]},
        {"stop_sequences": ["x" * 96]},
        {"output_config": {"format": {"type": "json_schema", "schema": {"x": "x" * 100}}}},
    ],
)
def test_too_much_text_is_refused_wherever_it_stands(fields: dict[str, Any]) -> None:
    assert refused(**fields).status == 413


def test_the_worst_case_takes_every_byte_for_a_token_and_all_of_max_tokens() -> None:
    request, model = parse(json.dumps(HELLO).encode(), SETTINGS, MODELS)
    spend = worst_case(request, b"x" * 9000, model)
    assert spend.tokens == 1000
    assert spend.microdollars == 10_000 * 0.1 + 1000 * 0.5


def test_the_worst_case_knows_that_a_long_prompt_is_dearer() -> None:
    request, model = parse(json.dumps(HELLO).encode(), SETTINGS, MODELS)
    spend = worst_case(request, b"x" * 199_000, model)
    assert spend.microdollars == 5 * (200_000 * 0.1 + 1000 * 0.5)
