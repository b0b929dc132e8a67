"""The finished message: what the official SDK makes of the stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from streamguide.library import load_library
from streamguide.models import tokens_of
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.load import Scenario
from streamguide.scenarios.message import full_message, output_tokens

LIBRARY = load_library()
FINISHED = [s for s in LIBRARY.scenarios.values() if s.error is None]


@pytest.fixture(scope="module")
def client(unpaced: str) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="any", base_url=unpaced, max_retries=0) as made:
        yield made


def received(client: anthropic.Anthropic, scenario: Scenario) -> dict[str, Any]:
    """The message that the SDK assembles from the scenario's stream, as plain JSON."""
    url = str(client.base_url).rstrip("/")
    there = client.with_options(base_url=f"{url}/simulator/{scenario.name}")
    messages: Any = there.beta.messages if scenario.beta else there.messages
    user: Any = {"role": "user", "content": scenario.prompt}
    with messages.stream(model=scenario.model, max_tokens=20_000, messages=[user]) as stream:
        message: dict[str, Any] = stream.get_final_message().to_dict(mode="json")
    return message


def without_nulls(value: Any) -> Any:
    """The value without its null members, and without what the SDK adds to a message."""
    if isinstance(value, dict):
        kept = {k: without_nulls(v) for k, v in value.items() if v is not None}
        return {k: v for k, v in kept.items() if k not in ("parsed_output",)}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


@pytest.mark.parametrize("scenario", FINISHED, ids=lambda scenario: scenario.name)
def test_the_sdk_assembles_exactly_the_finished_message(
    client: anthropic.Anthropic, scenario: Scenario
) -> None:
    expected = full_message(make_answer(scenario))
    assert without_nulls(received(client, scenario)) == without_nulls(expected)


def test_the_sdk_raises_what_a_stream_ends_in(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.APIStatusError) as caught:
        received(client, LIBRARY.scenarios["overloaded"])
    assert caught.value.status_code == 200
    assert caught.value.type == "overloaded_error"


def test_output_tokens_count_thinking_and_what_was_written() -> None:
    answer = make_answer(LIBRARY.scenarios["thinking"])
    text = "".join(block.content.get("text", "") for block in answer.blocks)
    written = tokens_of(text, answer.scenario.characters_per_token)
    assert output_tokens(answer) - answer.scenario.thinking_tokens - written < 1
