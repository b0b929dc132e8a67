"""What a request changes about a scenario: its model, its limits, how much thinking it shows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from streamguide.models import Model, tokens_of
from streamguide.scenarios.load import Display, Scenario, ScenarioBlock, ScenarioEnd
from streamguide.scenarios.message import written
from streamguide.simulator.caching import CacheUsage
from streamguide.simulator.request import MessagesRequest
from streamguide.simulator.resume import rest_of

_INPUT = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def apply_request(
    scenario: Scenario,
    request: MessagesRequest,
    model: Model,
    cached: CacheUsage | None = None,
) -> Scenario:
    """The scenario as this request gets it.

    `model` is echoed and counts by its own ratio; a request that follows the resume recipe
    gets the rest; `thinking.display` shows or hides thinking; a tool's `eager_input_streaming`
    says how its input comes; `cached` divides the input into what is read from the cache, written
    into it, and neither; `stop_sequences` and `max_tokens` end the answer early.
    """
    changed = replace(
        scenario, model=request.model, characters_per_token=model.characters_per_token
    )
    changed = replace(
        changed, display=_display(request) or changed.display, blocks=_eager(scenario, request)
    )
    if changed.whole_at_start:
        return changed
    if cached is not None:
        changed = _with_cache(changed, cached)
    changed = rest_of(changed, request.messages[-1])
    changed = _stopped(changed, [stop for stop in request.stop_sequences or [] if stop])
    return _limited(changed, request.max_tokens)


def _with_cache(scenario: Scenario, cached: CacheUsage) -> Scenario:
    """The scenario whose first input is divided, in the usage of the end too."""
    before = scenario.usage.get("input_tokens", 0)
    counts = cached.tokens(sum(scenario.usage.get(name, 0) for name in _INPUT))
    changed = replace(scenario, usage={**scenario.usage, **counts})
    end = dict(scenario.end.get("usage", {}))
    if "iterations" in end:
        first, *others = end["iterations"]
        end["iterations"] = [{**first, **counts}, *others]
        end |= _sum_of(end["iterations"])
    elif "input_tokens" in end:
        end["input_tokens"] += counts["input_tokens"] - before
    return replace(changed, end={**scenario.end, "usage": end}) if end else changed


def _sum_of(iterations: list[dict[str, Any]]) -> dict[str, int]:
    """The input counts of a whole usage: without compactions, advisors, and models that declined."""
    kinds = [one["type"] for one in iterations]
    kind = "fallback_message" if "fallback_message" in kinds else "message"
    return {name: sum(one[name] for one in iterations if one["type"] == kind) for name in _INPUT}


def _display(request: MessagesRequest) -> Display | None:
    """What the request wants to see of thinking, if it says so.

    `between_tools` has no thinking up front, and its notes between calls come in words.
    """
    thinking = request.thinking
    if thinking is None:
        return None
    return "updates" if thinking.type == "between_tools" else thinking.display


def _eager(scenario: Scenario, request: MessagesRequest) -> tuple[ScenarioBlock, ...]:
    """The blocks, with `eager` as the request's tools set it."""
    tools = {tool.name: bool(tool.eager_input_streaming) for tool in request.client_tools}
    return tuple(
        replace(block, eager=tools.get(str(block.content["name"]), block.eager))
        if block.type == "tool_use"
        else block
        for block in scenario.blocks
    )


def _ended(scenario: Scenario, blocks: Iterable[ScenarioBlock], end: ScenarioEnd) -> Scenario:
    """The scenario with these blocks and this end instead of those of its file, usage included."""
    return replace(scenario, blocks=tuple(blocks), end=end, error=None)


def _with_text(block: ScenarioBlock, text: str) -> ScenarioBlock:
    return replace(block, content={**block.content, "text": text})


def _stopped(scenario: Scenario, sequences: list[str]) -> Scenario:
    for number, block in enumerate(scenario.blocks):
        if block.type != "text" or block.cut is not None:
            continue
        text = block.content["text"]
        found = [(text.find(stop), stop) for stop in sequences if stop in text]
        if found:
            place, stop = min(found, key=lambda one: (one[0], -len(one[1])))
            kept = (*scenario.blocks[:number], _with_text(block, text[:place]))
            return _ended(scenario, kept, {"stop_reason": "stop_sequence", "stop_sequence": stop})
    return scenario


def _limited(scenario: Scenario, max_tokens: int) -> Scenario:
    """Cut where the tokens run out. An open tool call stays unclosed, as in life."""
    if not scenario.blocks:
        # A refusal without text has nothing to cut.
        return scenario
    costs = [_cost(block, scenario.own_ratio) for block in scenario.blocks]
    visible = sum(costs)
    stated = scenario.end.get("usage", {}).get("output_tokens")
    total = scenario.thinking_tokens + math.ceil(visible)
    if max(total, stated or 0) <= max_tokens:
        return scenario
    # If a file states more tokens than the formula gives, each token stands for less text.
    scale = (stated - scenario.thinking_tokens) / visible if stated and visible else 1.0
    scale = max(scale, 1e-9)
    left = float(max_tokens - scenario.thinking_tokens)
    limit: ScenarioEnd = {"stop_reason": "max_tokens", "usage": {"output_tokens": max_tokens}}
    if left <= 0:
        share = max_tokens / scenario.thinking_tokens if scenario.thinking_tokens else 0
        thinking = _cut_thinking(scenario.blocks, share)
        return replace(_ended(scenario, thinking, limit), thinking_tokens=max_tokens)
    kept: list[ScenarioBlock] = []
    for block, cost in zip(scenario.blocks, costs, strict=True):
        cost *= scale
        if cost > left:
            kept.append(_cut(block, left / scale, scenario.own_ratio))
            break
        kept.append(block)
        left -= cost
    return _ended(scenario, kept, limit)


def _cost(block: ScenarioBlock, ratio: float) -> float:
    return tokens_of(written(block), ratio)


def _cut(block: ScenarioBlock, tokens: float, ratio: float) -> ScenarioBlock:
    """The block with as many characters as the tokens pay for."""
    text = written(block)
    costs = itertools.accumulate(tokens_of(character, ratio) for character in text)
    length = sum(1 for _ in itertools.takewhile(lambda cost: cost <= tokens, costs))
    return _with_text(block, text[:length]) if block.type == "text" else replace(block, cut=length)


def _cut_thinking(blocks: tuple[ScenarioBlock, ...], share: float) -> tuple[ScenarioBlock, ...]:
    """That share of the first thinking block, without its signature."""
    for block in blocks:
        if block.type == "thinking":
            return (replace(block, cut=int(share * len(block.content["thinking"]))),)
    return ()
