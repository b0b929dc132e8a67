"""Requests and headers for the tests of the simulator."""

from __future__ import annotations

import json
from typing import Any

from streamguide.content import load_content
from streamguide.simulator.request import MessagesRequest, parse

LIBRARY = load_content()
VERSION = {"anthropic-version": "2026-10-21"}
OLD_VERSION = {"anthropic-version": "2023-06-01"}


def body(**changes: Any) -> bytes:
    """A body that is right, with changes; None leaves a field out."""
    whole = {
        "model": "claude-opus-5-5",
        "max_tokens": 20_000,
        "messages": [{"role": "user", "content": "Hello"}],
        **changes,
    }
    return json.dumps({name: value for name, value in whole.items() if value is not None}).encode()


def made(headers: dict[str, str] | None = None, **changes: Any) -> MessagesRequest:
    """The checked request of such a body. Raises Refusal."""
    return parse(body(**changes), headers or VERSION, LIBRARY.models)


def user(content: Any) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    """An assistant message."""
    return {"role": "assistant", "content": content}


def result(content: Any = "12 °C", call: str = "toolu_1", **fields: Any) -> list[dict[str, Any]]:
    """The messages of a tool's call and its result."""
    called = {"type": "tool_use", "id": call, "name": "get_forecast", "input": {}}
    answered = {"type": "tool_result", "tool_use_id": call, "content": content, **fields}
    return [assistant([called]), user([answered])]
