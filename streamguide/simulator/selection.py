"""The scenario for a request whose path names none."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from streamguide.models import Model, tokens_of
from streamguide.protocol.refusal import invalid
from streamguide.scenarios.load import Scenario, ScenarioBlock
from streamguide.simulator.directive import AUTO, NOTHING, Directive, read_directive
from streamguide.simulator.request import Message, MessagesRequest, Tool
from streamguide.simulator.resume import quoted, text_of
from streamguide.simulator.schema import SchemaError, example
from streamguide.turns import Pause, no_pause

_MOST_ECHOED = 100
_QUOTED_CHARACTERS = 300
# The number of characters of JSON whose tokens are counted; the rest is estimated from them.
_MOST_COUNTED = 200_000

_PLAIN = """You said: {quote}

This answer comes from a simulator: it speaks Claude's wire, but there is no model behind it, and \
the same request always gets the same text. To see another kind of stream, write the name of a \
scenario into your message, as in "simulate: citations", or put it into the base URL."""
_AFTER_TOOL = """The tool answered: {quote}

With that the loop is complete: the request offered a tool, the answer called it, your program \
ran it, and its result came back in a user message."""
_AFTER_ERROR = """The tool failed: {quote}

A model would now try another way, or say what it could not find out."""
_AFTER_PAUSE = """The turn goes on where it paused, and ends here.

Your program sent the paused content back as it was, as the last message. With a model behind it, \
more calls of the server's tools could follow, and another pause."""
_BEFORE_CALL = "I'll call {names} for that."
_THOUGHTS = "A thought comes first."
# Server tools by the beginning of their type, and the scenario that uses each.
_SERVER_TOOLS = {
    "web_search_": "web-search",
    "web_fetch_": "web-fetch",
    "code_execution_": "code-execution",
    "advisor_": "advisor",
    "mcp_toolset": "mcp",
}
# Tools whose type stands for a schema that the API knows, and what each is asked for.
_INPUTS: Mapping[str, Mapping[str, Any]] = {
    "bash_": {"command": "ls -la"},
    "text_editor_": {"command": "view", "path": "/example.txt"},
    "memory_": {"command": "view", "path": "/memories"},
    "computer_": {"action": "screenshot"},
}
# As scenario files write 400 characters that look encrypted.
_SIGNATURE = "opaque(400)"


def directive_of(request: MessagesRequest) -> Directive:
    """What the last user message asks of the simulator."""
    users = _users(request)
    return read_directive(users[-1].text) if users else NOTHING


def _users(request: MessagesRequest) -> list[Message]:
    return [message for message in request.messages if message.role == "user"]


def select_scenario(
    request: MessagesRequest,
    model: Model,
    directive: Directive,
    scenarios: Mapping[str, Scenario],
    pinned: Scenario | None = None,
    pause: Pause = no_pause,
) -> Scenario:
    """The scenario that the path has `pinned` or the request asks for, or one made for it.

    In this order: the rest of a paused turn; the answer to a tool's result, unless more calls were
    asked for; the scenario of the path or of the `directive`; the rest of the answer to the
    previous message; calls of the request's tools; a plain answer, or JSON where the request asks
    for it. Raises Refusal.
    """
    if directive.scenario is not None and pinned is None:
        pinned = _named(directive.scenario, scenarios)
    if request.messages[-1].is_paused:
        return _made(request, model, [_text(_AFTER_PAUSE)], "end_turn", pause)
    users = _users(request)
    last = users[-1] if users else request.messages[-1]
    if pinned is not None and not (pinned.calls_client and last.results):
        return pinned
    broken = _broken_off(request, model, users, scenarios, pause)
    if broken is not None:
        return broken
    asked, called = _loop(request)
    tools = _tools_to_call(request, asked.tools, called)
    if tools and pinned is None and called < asked.steps:
        calls = [_call(tool, number, pause) for number, tool in enumerate(tools)]
        return _made(request, model, [_before_calls(tools, model), *calls], "tool_use", pause)
    if not last.results and (by_server := _by_server_tool(request, scenarios)) is not None:
        return by_server
    return _final(request, model, last, pause)


def _loop(request: MessagesRequest) -> tuple[Directive, int]:
    """What the last question asks of the loop over tools, and how often they were called since."""
    called = 0
    for message in reversed(request.messages):
        if message.role == "assistant":
            called += any(block.type == "tool_use" for block in message.blocks)
        elif not message.results:
            return read_directive(message.text), called
    return NOTHING, called


def _final(request: MessagesRequest, model: Model, user: Message, pause: Pause) -> Scenario:
    """The answer that ends a turn: JSON, if the request has a schema for it, or text."""
    if request.output_schema is not None:
        return _made(
            request, model, [_text(_json_for(request.output_schema, pause))], "end_turn", pause
        )
    if not user.results:
        return _plain_answer(request, model, user, pause)
    template = _AFTER_ERROR if user.results[-1].extra("is_error") else _AFTER_TOOL
    text = template.format(quote=_quote(_result_text(user.results[-1].extra("content"))))
    return _made(request, model, [_text(text)], "end_turn", pause)


def _json_for(schema: Mapping[str, Any], pause: Pause) -> str:
    try:
        return json.dumps(example(schema, pause, described=True), ensure_ascii=False)
    except SchemaError as error:
        place = str(error).removeprefix("input_")
        raise invalid(f"output_config.format.{place}") from error


def _by_server_tool(request: MessagesRequest, scenarios: Mapping[str, Scenario]) -> Scenario | None:
    """The scenario that uses the first server tool of the request, if there is one."""
    if request.tool_choice is not None and request.tool_choice.type == "none":
        return None
    for tool in request.tools or []:
        for prefix, name in _SERVER_TOOLS.items():
            if str(tool.type).startswith(prefix):
                return scenarios.get(name)
    return None


def _broken_off(
    request: MessagesRequest,
    model: Model,
    users: list[Message],
    scenarios: Mapping[str, Scenario],
    pause: Pause,
) -> Scenario | None:
    """The answer to the previous message, if the last one quotes its beginning to get the rest."""
    if len(users) < 2:
        return None
    before, last = users[-2:]
    if named := read_directive(before.text).scenario:
        scenario = scenarios.get(named)
        return scenario if scenario and quoted(text_of(scenario), last.text) else None
    # Only the text is needed: making an answer costs more.
    is_quoted = quoted(_plain_text(before), last.text)
    return _plain_answer(request, model, before, pause) if is_quoted else None


def _plain_answer(request: MessagesRequest, model: Model, user: Message, pause: Pause) -> Scenario:
    return _made(request, model, [_text(_plain_text(user))], "end_turn", pause)


def _plain_text(user: Message) -> str:
    return _PLAIN.format(quote=_quote(user.text))


def input_tokens(request: MessagesRequest, model: Model, pause: Pause = no_pause) -> int:
    """An invented but plausible count of everything that the request says."""
    tokens, looked_at = 0.0, 0
    for part in _said(request):
        pause()
        tokens += tokens_of(part, model.characters_per_token)
        looked_at += len(part)
        if looked_at > _MOST_COUNTED:
            tokens *= max(1, request.bytes / looked_at)
            break
    return max(1, math.ceil(tokens))


def _said(request: MessagesRequest) -> Iterator[str]:
    """Everything that the request says, as JSON."""
    if request.system is not None:
        yield request.model_dump_json(include={"system"})
    for tool in request.tools or []:
        yield tool.model_dump_json(exclude_none=True)
    yield from _said_in(request.messages)


def _said_in(messages: list[Message]) -> Iterator[str]:
    for message in messages:
        content = message.content
        if isinstance(content, str) and len(content) > _MOST_COUNTED:
            # Only the counted part is needed.
            message = Message.model_construct(role=message.role, content=content[:_MOST_COUNTED])
        yield message.model_dump_json()


def _seed(request: MessagesRequest, pause: Pause) -> int:
    """The same seed for messages with the same beginning."""
    hashed, looked_at = hashlib.sha256(), 0
    for said in _said_in(request.messages):
        pause()
        hashed.update(said.encode())
        looked_at += len(said)
        if looked_at > _MOST_COUNTED:
            break
    return int.from_bytes(hashed.digest()[:4], "big")


def _named(name: str, scenarios: Mapping[str, Scenario]) -> Scenario:
    if name not in scenarios:
        known = ", ".join(scenarios)
        raise invalid(f"simulate: no scenario is called {name[:_MOST_ECHOED]!r}; there are {known}")
    return scenarios[name]


def _tools_to_call(request: MessagesRequest, number: int, called: int) -> list[Tool]:
    """So many of the caller's tools, in turn from one call to the next."""
    tools = request.client_tools
    choice = request.tool_choice
    if choice is not None and choice.type not in ("auto", "any"):
        tools = [tool for tool in tools if tool.name == choice.name]
    first = called * number
    return [tools[(first + place) % len(tools)] for place in range(number)] if tools else []


def _before_calls(tools: list[Tool], model: Model) -> ScenarioBlock:
    """What is said before calls: in text, or in a thinking block as a note of the model's."""
    words = _BEFORE_CALL.format(names=" and ".join(dict.fromkeys(tool.name for tool in tools)))
    if model.text_between_calls == "text":
        return _text(words)
    content = {"type": "thinking", "thinking": words, "signature": _SIGNATURE}
    return ScenarioBlock(content, note=True)


def _call(tool: Tool, number: int, pause: Pause) -> ScenarioBlock:
    made = next(
        (dict(i) for prefix, i in _INPUTS.items() if str(tool.type).startswith(prefix)), None
    )
    if made is None:
        try:
            made = example(tool.input_schema or {}, pause)
        except SchemaError as error:
            raise invalid(f"tools: {tool.name}: {error}") from error
    if not isinstance(made, dict):
        raise invalid(f"tools: {tool.name}: input_schema.type must be object")
    content = {"type": "tool_use", "name": tool.name, "input": made}
    return ScenarioBlock(content, label=f"call_{number}")


def _text(text: str) -> ScenarioBlock:
    return ScenarioBlock({"type": "text", "text": text})


def _quote(text: str) -> str:
    text = text.strip()
    if not text:
        return "nothing in words."
    shortened = text[:_QUOTED_CHARACTERS].rstrip()
    return shortened + ("…" if len(shortened) < len(text) else "")


def _result_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(_texts(content)) if isinstance(content, list) else ""


def _texts(content: list[Any]) -> Iterator[str]:
    for block in content:
        if isinstance(block, dict) and isinstance(block.get("text"), str):
            yield block["text"]


def _made(
    request: MessagesRequest,
    model: Model,
    blocks: list[ScenarioBlock],
    stop_reason: str,
    pause: Pause,
) -> Scenario:
    pause()
    if request.thinking is not None and request.thinking.type in ("adaptive", "enabled"):
        thoughts = {"type": "thinking", "thinking": _THOUGHTS, "signature": _SIGNATURE}
        blocks = [ScenarioBlock(thoughts), *blocks]
    seed = _seed(request, pause)
    return Scenario(
        name=AUTO,
        title="What the request asks for",
        summary="",
        prompt="",
        model=model.id,
        characters_per_token=model.characters_per_token,
        order=0,
        seed=seed,
        blocks=tuple(blocks),
        usage={"input_tokens": input_tokens(request, model, pause)},
        end={"stop_reason": stop_reason},
        # The default of the models that think between calls.
        display="omitted",
    )
