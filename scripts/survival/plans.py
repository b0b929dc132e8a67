"""What the simulator sends for a request, known without sending it: the truth to judge by."""

from __future__ import annotations

import json
from dataclasses import dataclass

from streamguide.library import Library
from streamguide.scenarios.plan import Frame
from streamguide.simulator.endpoint import Endpoint, counted_seeds
from streamguide.simulator.plan import Plan

_HEADERS = {"anthropic-version": "2026-10-21", "content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A response: its status and headers, and the text in those of its events that can be read."""

    status: int
    headers: dict[str, str]
    text: str


class Plans:
    """The simulator's endpoint in this process."""

    def __init__(self, library: Library) -> None:
        self._endpoint = Endpoint(
            library.table, library.models, library.scenarios, counted_seeds(1)
        )

    def sent(self, path: str, body: str) -> Sent:
        """The response to the first request with this body to `<scenario>/<fault>`."""
        target = self._endpoint.target("POST", f"{path}/v1/messages")
        plan, _ = self._endpoint.answer(target, _HEADERS, body.encode(), lambda: 1)
        return Sent(plan.status, dict(plan.headers), _text(plan))


def _text(plan: Plan) -> str:
    if plan.status != 200:
        return ""
    if not plan.streamed:
        return _json_text(_joined(plan.frames))
    text = ""
    body = _joined(plan.frames).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    for event in body.split("\n\n")[:-1]:
        data = "".join(line[5:] for line in event.split("\n") if line.startswith("data:"))
        try:
            delta = json.loads(data).get("delta", {})
        except ValueError:
            return text
        if delta.get("type") == "text_delta":
            text += delta["text"]
    return text


def _json_text(body: str) -> str:
    try:
        blocks = json.loads(body)["content"]
    except ValueError:
        return ""
    return "".join(block["text"] for block in blocks if block["type"] == "text")


def _joined(frames: tuple[Frame, ...]) -> str:
    return b"".join(frame.data for frame in frames).decode(errors="replace")
