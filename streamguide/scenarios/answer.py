"""An answer of a scenario: the same seed gives the same ids and opaque strings."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from streamguide.scenarios.load import Display, Scenario, ScenarioBlock

_ALPHANUMERIC = string.digits + string.ascii_letters
_BASE64 = string.ascii_letters + string.digits + "+/"
_OPAQUE = re.compile(r"opaque\((\d+)\)")
# The types of block that call a tool, and the prefixes of their ids.
_ID_PREFIX = {
    "tool_use": "toolu_01",
    "server_tool_use": "srvtoolu_01",
    "mcp_tool_use": "mcptoolu_01",
}
# Blocks that say who called, by the public recordings of models from 4.5 on. Of server tools these
# do; calls of web search, of the advisor, and of bash and the editor in a container do not.
_CALLED = ("tool_use", "web_search_tool_result")
_CALLED_SERVER_TOOLS = ("code_execution", "tool_search_tool_regex", "tool_search_tool_bm25")
# Fields of objects inside of blocks that the API sends as null, which TOML cannot write.
_NULLS = {
    "char_location": ("file_id",),
    "page_location": ("file_id",),
    "content_block_location": ("file_id",),
    "web_search_result": ("page_age",),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A scenario with its ids drawn: `blocks` have the content of the finished message."""

    scenario: Scenario
    seed: int
    message_id: str
    request_id: str
    blocks: tuple[ScenarioBlock, ...]


def make_answer(scenario: Scenario, seed: int | None = None) -> Answer:
    """Draw ids and opaque strings from the seed, which is the scenario's own by default."""
    seed = scenario.seed if seed is None else seed
    random = Random(seed)
    message_id = "msg_01" + draw(random, _ALPHANUMERIC, 22)
    request_id = make_request_id(random)
    labels: dict[str, str] = {}
    shown = (_shown(block, scenario.display) for block in scenario.blocks)
    blocks = tuple(_concrete(block, random, labels) for block in shown)
    return Answer(scenario, seed, message_id, request_id, blocks)


def make_request_id(random: Random) -> str:
    """A request id in the API's format."""
    return "req_011" + draw(random, _ALPHANUMERIC, 21)


def _shown(block: ScenarioBlock, display: Display) -> ScenarioBlock:
    if block.type != "thinking" or display == "summarized":
        return block
    if display == "updates" and block.note:
        return block
    return replace(block, content={**block.content, "thinking": ""})


def draw(random: Random, alphabet: str, length: int) -> str:
    """`length` random characters of the alphabet.

    Golden files depend on them, so only `random()` is called: it is the one method of Random whose
    sequence Python promises not to change.
    """
    return "".join(alphabet[int(random.random() * len(alphabet))] for _ in range(length))


def _concrete(block: ScenarioBlock, random: Random, labels: dict[str, str]) -> ScenarioBlock:
    content = {key: _fill(value, random) for key, value in block.content.items()}
    prefix = _ID_PREFIX.get(block.type)
    if prefix is not None:
        new = prefix + draw(random, _ALPHANUMERIC, 22)
        content = {"type": content.pop("type"), "id": new, **content}
        if block.label is not None:
            labels[block.label] = new
    if "tool_use_id" in content:
        content["tool_use_id"] = labels[content["tool_use_id"]]
    if block.type in _CALLED or (
        block.type == "server_tool_use" and content["name"] in _CALLED_SERVER_TOOLS
    ):
        content.setdefault("caller", {"type": "direct"})
    return replace(block, content=content)


def _fill(value: Any, random: Random) -> Any:
    """The value with each string `opaque(n)` replaced by n characters that look encrypted."""
    if isinstance(value, str):
        match = _OPAQUE.fullmatch(value)
        return draw(random, _BASE64, int(match[1])) if match else value
    if isinstance(value, list):
        return [_fill(item, random) for item in value]
    if isinstance(value, dict):
        nulls = _NULLS.get(value.get("type", ""), ())
        return {key: _fill(item, random) for key, item in value.items()} | {
            key: None for key in nulls if key not in value
        }
    return value
