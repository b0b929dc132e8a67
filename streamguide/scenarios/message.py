"""The parts of an answer that are not deltas: messages, the end, and usage."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from streamguide.models import tokens_of
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.load import Block

JsonObject = dict[str, Any]

# What message_start counts as output before anything was written.
_START_OUTPUT_TOKENS = 1
_STREAMED_TEXT = {"text": "text", "thinking": "thinking"}


def full_message(answer: Answer) -> JsonObject:
    """The finished message: what a request without streaming gets, and what deltas add up to.

    For a scenario that ends in an error it is what had been written until then.
    """
    message = start_message(answer)
    message["content"] = [_final_content(block) for block in answer.blocks]
    message |= {**end_delta(answer), **answer.scenario.end.get("extra", {})}
    message["model"] = _answering_model(answer)
    message["usage"] |= {} if answer.scenario.whole_at_start else end_usage(answer)
    return message


def _answering_model(answer: Answer) -> str:
    """The model that wrote the answer: the last fallback's, where there was one."""
    targets = [block.content["to"] for block in answer.blocks if block.type == "fallback"]
    return str(targets[-1]["model"]) if targets else answer.scenario.model


def start_message(answer: Answer) -> JsonObject:
    """The message of message_start: no content, no stop reason, the usage so far."""
    usage = {
        "input_tokens": 0,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
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


def end_delta(answer: Answer) -> JsonObject:
    """What message_delta sets on the message."""
    end = answer.scenario.end
    delta = {
        "stop_reason": end.get("stop_reason"),
        "stop_sequence": end.get("stop_sequence"),
        "stop_details": end.get("stop_details"),
    }
    if "container" in end:
        delta["container"] = end["container"]
    return delta


def end_usage(answer: Answer) -> JsonObject:
    """The usage of message_delta: cumulative, so it repeats and may raise the input counts."""
    scenario = answer.scenario
    usage: JsonObject = {
        key: value for key, value in scenario.usage.items() if key.endswith("input_tokens")
    }
    usage["output_tokens"] = output_tokens(answer)
    if scenario.thinking_tokens:
        usage["output_tokens_details"] = {"thinking_tokens": scenario.thinking_tokens}
    return usage | dict(scenario.end.get("usage", {}))


def output_tokens(answer: Answer) -> int:
    """Thinking tokens plus those of what was written, as `tokens_of` counts them."""
    ratio = answer.scenario.characters_per_token
    visible = sum(tokens_of(written(block), ratio) for block in answer.blocks)
    return answer.scenario.thinking_tokens + math.ceil(visible)


def written(block: Block) -> str:
    """What counts as output in a block: its text, or its input as JSON, up to the cut."""
    if "input" in block.content:
        text = json.dumps(block.content["input"], ensure_ascii=False)
    else:
        text = str(block.content.get("text", ""))
    return text[: block.cut]


def _final_content(block: Block) -> Mapping[str, Any]:
    if block.cut is None:
        return block.content
    if "input" in block.content:
        return {**block.content, "input": _arrived(block.content["input"], block.cut)}
    name = _STREAMED_TEXT[block.type]
    # Cut thinking never came to its signature.
    unsigned = {"signature": ""} if block.type == "thinking" else {}
    return {**block.content, name: block.content[name][: block.cut], **unsigned}


def _arrived(tool_input: Mapping[str, Any], cut: int) -> JsonObject:
    """The members of a tool's input that are complete within the first `cut` characters."""
    arrived: JsonObject = {}
    for name, value in tool_input.items():
        longer = arrived | {name: value}
        if len(json.dumps(longer, ensure_ascii=False)) - 1 > cut:
            break
        arrived = longer
    return arrived
