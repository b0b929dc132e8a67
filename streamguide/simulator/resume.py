"""The resume recipe: a request that quotes the beginning of an answer gets its rest."""

from __future__ import annotations

import itertools
from dataclasses import replace

from streamguide.scenarios.load import Scenario, ScenarioBlock
from streamguide.simulator.request import Message

# A shorter quotation could be a coincidence.
_SHORTEST_QUOTE = 24
# The number of characters of a message in which a quotation is searched.
_MOST_SEARCHED = 2_000_000


def rest_of(scenario: Scenario, last: Message) -> Scenario:
    """The rest of the answer if the last message quotes its beginning, or else the whole answer.

    Up to Claude 4.5 the partial answer is the last message, with the assistant's role; since then
    it is quoted in the last user message. Blocks before the rest that are not text are omitted.
    """
    whole = text_of(scenario)
    had = _prefilled(whole, last.text) if last.role == "assistant" else quoted(whole, last.text)
    if not had:
        return scenario
    blocks: list[ScenarioBlock] = []
    for block in scenario.blocks:
        if block.type != "text":
            # Blocks before the rest are not repeated.
            blocks += [block] if had == 0 else []
            continue
        text = block.content["text"]
        rest, had = text[had:], max(0, had - len(text))
        if rest:
            blocks.append(replace(block, content={**block.content, "text": rest}))
    return replace(scenario, blocks=tuple(blocks), thinking_tokens=0)


def text_of(scenario: Scenario) -> str:
    """The text of all text blocks."""
    return "".join(block.content["text"] for block in scenario.blocks if block.type == "text")


def quoted(whole: str, message: str) -> int:
    """The number of characters of the answer's beginning that the message quotes."""
    if len(whole) < _SHORTEST_QUOTE:
        return 0
    place = message.find(whole[:_SHORTEST_QUOTE], 0, _MOST_SEARCHED)
    if place < 0:
        return 0
    pairs = zip(whole, message[place : place + len(whole)], strict=False)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))


def _prefilled(whole: str, partial: str) -> int:
    partial = partial.rstrip()
    return len(partial) if whole.startswith(partial) else 0
