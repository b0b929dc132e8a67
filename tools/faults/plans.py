"""The simulator's response to a request, computed without sending it, to judge runs by."""

from __future__ import annotations

import json
from dataclasses import dataclass

from streamguide.content import Content
from streamguide.simulator.endpoint import Endpoint, counted_seeds
from streamguide.simulator.plan import Plan

_HEADERS = {"anthropic-version": "2026-10-21", "content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A response: its status and headers, and what can be read of it.

    `text` is all of the answer's, and `whole` says whether the response is: of a stream, whether
    it has its message_stop.
    """

    status: int
    headers: dict[str, str]
    text: str
    whole: bool


class Plans:
    """The simulator's endpoint in this process."""

    def __init__(self, library: Content) -> None:
        self._endpoint = Endpoint(
            library.table,
            lambda: library.models,
            library.scenarios,
            library.recordings,
            counted_seeds(1),
        )

    def sent(self, path: str, body: str, number: int = 1) -> Sent:
        """The response to a request with this body to `<scenario>/<fault>`, numbered from 1."""
        target = self._endpoint.target("POST", f"{path}/v1/messages")
        plan, _ = self._endpoint.answer(target, _HEADERS, body.encode(), lambda _: number)
        return Sent(plan.status, dict(plan.headers), *_read(plan))


def _read(plan: Plan) -> tuple[str, bool]:
    if plan.status != 200:
        return "", False
    body = b"".join(frame.data for frame in plan.frames).decode(errors="replace")
    return _read_stream(body) if plan.streamed else _read_json(body)


def _read_stream(body: str) -> tuple[str, bool]:
    text = ""
    lines = body.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # Most clients drop an event whose blank line is missing; some do not.
    for event in lines.split("\n\n"):
        data = "".join(line[5:] for line in event.split("\n") if line.startswith("data:"))
        if not data:
            continue
        try:
            read = json.loads(data)
        except ValueError:
            return text, False
        if read["type"] == "message_stop":
            return text, True
        if read.get("delta", {}).get("type") == "text_delta":
            text += read["delta"]["text"]
    return text, False


def _read_json(body: str) -> tuple[str, bool]:
    try:
        blocks = json.loads(body)["content"]
    except ValueError:
        return "", False
    return "".join(block["text"] for block in blocks if block["type"] == "text"), True
