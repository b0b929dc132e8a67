"""The finished message. That the SDKs make it of the stream, tests/simulator/ asks them."""

from __future__ import annotations

from streamguide.content import load_content
from streamguide.models import tokens_of
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.message import output_tokens

SITE = load_content()


def test_output_tokens_count_thinking_and_what_was_written() -> None:
    answer = make_answer(SITE.scenarios["thinking"])
    text = "".join(block.content.get("text", "") for block in answer.blocks)
    written = tokens_of(text, answer.scenario.characters_per_token)
    assert output_tokens(answer) - answer.scenario.thinking_tokens - written < 1


def test_a_dense_text_takes_more_tokens_than_its_length_lets_expect() -> None:
    answer = make_answer(SITE.scenarios["hello"])
    (block,) = answer.blocks
    estimate = len(block.content["text"]) / answer.scenario.characters_per_token
    assert (round(estimate), output_tokens(answer)) == (115, 127)
