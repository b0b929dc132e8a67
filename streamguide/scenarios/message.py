"""The message objects of an answer, and what message_delta sets on them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from streamguide.models import tokens_of
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.load import ScenarioBlock

# The API counts one output token in message_start.
_START_OUTPUT_TOKENS = 1
_STREAMED_TEXT = {"text": "text", "thinking": "thinking"}


def full_message(answer: Answer) -> dict[str, Any]:
    """The finished message: the response without streaming, and the sum of all deltas.

    For a scenario that ends with an error, it is the message up to the error.
    """
    message = start_message(answer)
    message["content"] = [_final_content(block) for block in answer.blocks]
    message |= {**end_delta(answer), **answer.scenario.end.get("extra", {})}
    message["model"] = _answering_model(answer)
    message["usage"] |= {} if answer.scenario.whole_at_start else end_usage(answer)
    return message


def _answering_model(answer: Answer) -> str:
    """The model that wrote the end of the answer: that of the last fallback, if there is one."""
    targets = [block.content["to"] for block in answer.blocks if block.type == "fallback"]
    return str(targets[-1]["model"]) if targets else answer.scenario.model


def start_message(answer: Answer) -> dict[str, Any]:
    """The message of message_start: without content or stop reason, with the first usage."""
    usage = {
        "input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 0 if answer.scenario.whole_at_start else _START_OUTPUT_TOKENS,
        "service_tier": "standard",
        "inference_geo": "global",
    }
    return {
        "id": answer.message_id,
        "type": "message",
        "role": "assistant",
        "model": answer.scenario.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": usage | dict(answer.scenario.usage),
    }


def end_delta(answer: Answer) -> dict[str, Any]:
    """The `delta` of message_delta."""
    end = answer.scenario.end
    delta = {
        "stop_reason": end.get("stop_reason"),
        "stop_sequence": end.get("stop_sequence"),
        "stop_details": end.get("stop_details"),
    }
    if "container" in end:
        delta["container"] = end["container"]
    return delta


def end_usage(answer: Answer) -> dict[str, Any]:
    """The `usage` of message_delta. It is cumulative: input counts are repeated, or larger."""
    scenario = answer.scenario
    usage: dict[str, Any] = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    usage |= {key: value for key, value in scenario.usage.items() if key.endswith("input_tokens")}
    usage["output_tokens"] = output_tokens(answer)
    if scenario.thinking_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": scenario.thinking_tokens}
    return usage | dict(scenario.end.get("usage", {}))


def output_tokens(answer: Answer) -> int:
    """Thinking tokens, and the estimated tokens of text and tool input."""
    ratio = answer.scenario.own_ratio
    visible = sum(tokens_of(written(block), ratio) for block in answer.blocks)
    return answer.scenario.thinking_tokens + math.ceil(visible)


def written(block: ScenarioBlock) -> str:
    """A block's text, or its input as JSON, up to the cut."""
    if "input" in block.content:
        text = json.dumps(block.content["input"], ensure_ascii=False)
    else:
        text = str(block.content.get("text", ""))
    return text[: block.cut]


def _final_content(block: ScenarioBlock) -> Mapping[str, Any]:
    if block.cut is None:
        return block.content
    if "input" in block.content:
        return {**block.content, "input": _complete_members(block.content["input"], block.cut)}
    name = _STREAMED_TEXT[block.type]
    # The signature is sent after the thinking.
    unsigned = {"signature": ""} if block.type == "thinking" else {}
    return {**block.content, name: block.content[name][: block.cut], **unsigned}


def _complete_members(tool_input: Mapping[str, Any], cut: int) -> dict[str, Any]:
    """The members of a tool's input that end within the first `cut` characters of its JSON."""
    complete: dict[str, Any] = {}
    for name, value in tool_input.items():
        longer = complete | {name: value}
        if len(json.dumps(longer, ensure_ascii=False)) - 1 > cut:
            break
        complete = longer
    return complete
