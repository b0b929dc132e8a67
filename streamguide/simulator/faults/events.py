"""Faults of content: events that are wrong, missing, doubled or unheard of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from streamguide.protocol.sse import encode
from streamguide.reading.events import event_of
from streamguide.reading.frames import FrameParser
from streamguide.scenarios.frames import Frame
from streamguide.simulator.faults.parameters import Parameter, at
from streamguide.simulator.faults.stage import FaultContext, Faults, event_frame, with_frames
from streamguide.simulator.plan import Plan

FAULTS = Faults()

_ERROR_TYPES = (
    "overloaded_error",
    "api_error",
    "rate_limit_error",
    "timeout_error",
    "invalid_request_error",
    "authentication_error",
    "billing_error",
    "permission_error",
    "not_found_error",
    "conflict_error",
    "request_too_large",
)
# What public reports have in the middle of streams (2024 to 2026).
_WORDS_INSIDE = {"invalid_request_error": "Output blocked by content filtering policy"}


def _event(frame: Frame) -> dict[str, Any]:
    """The event of a frame; one without a type if its data is no object."""
    found = (one for one in FrameParser().feed(frame.data) if one.data is not None)
    event = next(map(event_of, found), None)
    return {"type": ""} | (event or {})


def _types(plan: Plan) -> list[str]:
    return [str(_event(frame)["type"]) for frame in plan.frames]


def _find(plan: Plan, *types: str) -> int:
    """The index of the first event of one of these types; without one, of the last event."""
    names = _types(plan)
    return next((n for n, name in enumerate(names) if name in types), len(names) - 1)


@FAULTS.add(
    "error-event",
    "An error event",
    "In place of an event comes `event: error`, and the stream ends. The status is 200 already.",
    "An overload in the middle of an answer, often as the very first event; with "
    "`invalid_request_error`, the content filter.",
    at(),
    Parameter("type", "The type of the error.", "overloaded_error", choices=_ERROR_TYPES),
    moment="breaks",
    should="keep the text, and look at the error's type before another try.",
    remedy="/guide/errors#inside",
    in_stream=True,
)
def _error_event(plan: Plan, context: FaultContext) -> Plan:
    place = context.index(plan)
    type_ = context.values["type"]
    message = _WORDS_INSIDE.get(type_, context.table.errors[type_].message)
    error = {"type": type_, "message": message, "details": None}
    event = {"type": "error", "error": error, "request_id": context.answer.request_id}
    return with_frames(plan, [*plan.frames[:place], event_frame(plan.frames[place].at, event)])


@FAULTS.add(
    "end-early",
    "A clean end that comes too early",
    "The body ends in good order before message_stop: no error, nothing but a missing event.",
    "A proxy that turns a broken upstream into a proper end.",
    at("Decided by `how`"),
    Parameter(
        "how",
        "Before which event.",
        "message_stop",
        choices=("message_stop", "message_delta"),
    ),
    moment="breaks",
    should="miss `message_stop`, keep the text, and say that it is incomplete.",
    remedy="/guide/errors#inside",
    in_stream=True,
)
def _end_early(plan: Plan, context: FaultContext) -> Plan:
    if context.values["at"] is not None:
        place = context.index(plan)
    elif context.values["how"] == "message_delta":
        place = _find(plan, "message_delta", "message_stop", "error")
    else:
        place = _find(plan, "message_stop", "error")
    return replace(plan, frames=plan.frames[:place])


@FAULTS.add(
    "unknown",
    "Types that nobody knows",
    "An unknown event, an unknown delta in the first block, and an unknown block at the end.",
    "The API may add types within a version; a client passes over them.",
    moment="harmless",
    should="pass over what it does not know, and show the whole answer.",
    remedy="/guide/stream#ignore",
    in_stream=True,
)
def _unknown(plan: Plan, context: FaultContext) -> Plan:
    """An unknown event second, an unknown delta in the first block, an unknown block last."""
    frames = list(plan.frames)
    end = _find(plan, "message_delta", "message_stop", "error")
    found = (_event(frame).get("index") for frame in frames[:end] if b'"index":' in frame.data)
    indexes = [index for index in found if isinstance(index, int)]
    now, index = frames[end].at, max(indexes, default=-1) + 1
    block = {"type": "future_block", "value": ""}
    delta = {"type": "future_delta", "value": "not known to any SDK"}
    frames[end:end] = [
        event_frame(now, {"type": "content_block_start", "index": index, "content_block": block}),
        event_frame(now, {"type": "content_block_delta", "index": index, "delta": delta}),
        event_frame(now, {"type": "content_block_stop", "index": index}),
    ]
    start = next((n for n, name in enumerate(_types(plan)) if name == "content_block_start"), None)
    if start is not None:
        opened = _event(plan.frames[start]).get("index")
        new = {"type": "content_block_delta", "index": opened, "delta": delta}
        frames.insert(start + 1, event_frame(plan.frames[start].at, new))
    frames.insert(1, event_frame(plan.frames[0].at, {"type": "future_event", "value": 1}))
    return with_frames(plan, frames)


@FAULTS.add(
    "many-pings",
    "A ping after every event",
    "Pings stand between all events.",
    "Their number and place are not promised.",
    moment="harmless",
    should="ignore the pings, and show the whole answer.",
    remedy="/guide/stream#ignore",
    in_stream=True,
)
def _pings(plan: Plan, context: FaultContext) -> Plan:
    ping = encode({"type": "ping"})
    frames = [one for frame in plan.frames for one in (frame, Frame(frame.at, ping))]
    return with_frames(plan, frames[:-1])


@FAULTS.add(
    "duplicate-start",
    "Two message_start events",
    "The first event comes twice.",
    "Recorders and relays that start again; seen in a public recording.",
    moment="order",
    should="show the answer once, or say that the stream is malformed.",
    remedy="/guide/events#order",
    in_stream=True,
)
def _duplicate_start(plan: Plan, context: FaultContext) -> Plan:
    return with_frames(plan, [plan.frames[0], *plan.frames])


@FAULTS.add(
    "no-start",
    "No message_start",
    "The stream begins with its second event.",
    "A reader that joined late; a parser that lost the first event.",
    moment="order",
    should="show the text, or say that the stream is malformed.",
    remedy="/guide/events#order",
    in_stream=True,
)
def _no_start(plan: Plan, context: FaultContext) -> Plan:
    return with_frames(plan, list(plan.frames[1:]))


@FAULTS.add(
    "no-block-start",
    "No content_block_start",
    "Deltas come for blocks that were never opened.",
    "A relay that passes on only what it knows.",
    moment="order",
    should="show the text, or say that the stream is malformed.",
    remedy="/guide/events#order",
    in_stream=True,
)
def _no_block_start(plan: Plan, context: FaultContext) -> Plan:
    frames = [
        frame
        for frame, name in zip(plan.frames, _types(plan), strict=True)
        if name != "content_block_start"
    ]
    return with_frames(plan, frames)


@FAULTS.add(
    "broken-tool-call",
    "A tool call that cannot be run",
    "The first call of a client's tool names a tool that was not offered, brings an input that "
    "fits no schema, or has two inputs in its block. An answer without a call passes.",
    "Models that guess; relays that join two calls.",
    Parameter(
        "how",
        "What is wrong with it.",
        "name",
        choices=("name", "input", "two-inputs"),
    ),
    moment="order",
    should="check name and input before it runs a tool, and answer with `is_error`.",
    remedy="/guide/blocks#tools",
    in_stream=True,
    scenario="tool-use",
)
def _broken_tool_call(plan: Plan, context: FaultContext) -> Plan:
    frames = list(plan.frames)
    start = next((n for n, frame in enumerate(frames) if _calls(_event(frame))), None)
    if start is None:
        return plan
    opening = _event(frames[start])
    if context.values["how"] == "name":
        block = {**opening["content_block"], "name": "tool_that_nobody_offered"}
        frames[start] = event_frame(frames[start].at, {**opening, "content_block": block})
        return with_frames(plan, frames)
    fragments = [
        n
        for n, frame in enumerate(frames)
        if b"input_json_delta" in frame.data and _event(frame).get("index") == opening.get("index")
    ]
    if context.values["how"] == "input":
        delta = {"type": "input_json_delta", "partial_json": '{"not_in_the_schema": null}'}
        other = {"type": "content_block_delta", "index": opening.get("index"), "delta": delta}
        after = max(fragments, default=start)
        frames.insert(after + 1, event_frame(frames[after].at, other))
        frames = [frame for n, frame in enumerate(frames) if n not in fragments]
    elif fragments:
        frames[fragments[-1] + 1 : fragments[-1] + 1] = [
            replace(frames[n], at=frames[fragments[-1]].at) for n in fragments
        ]
    return with_frames(plan, frames)


def _calls(event: dict[str, Any]) -> bool:
    """Whether the event opens a call of a client's tool."""
    block = event.get("content_block")
    return isinstance(block, dict) and block.get("type") == "tool_use"


@FAULTS.add(
    "done-marker",
    "[DONE] at the end",
    "After message_stop comes `data: [DONE]`, as in other vendors' streams.",
    "Gateways that serve several vendors.",
    moment="order",
    should="be done at `message_stop`, whatever follows.",
    remedy="/guide/stream#ignore",
    in_stream=True,
)
def _done_marker(plan: Plan, context: FaultContext) -> Plan:
    last = plan.frames[-1].at if plan.frames else 0
    return replace(
        plan, frames=(*plan.frames, Frame(last, b"data: [DONE]\n\n", len(plan.frames) + 1))
    )


# After those that look into events: it leaves one that cannot be read.
@FAULTS.add(
    "garble",
    "Broken JSON",
    "The data line of one event holds half of its JSON.",
    "A relay that shortens long lines, or joins what it should not.",
    at(),
    moment="order",
    should="stop and keep the text: skipping the line leaves a hole in the answer.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _garble(plan: Plan, context: FaultContext) -> Plan:
    place = context.index(plan)
    frame = plan.frames[place]
    # Half of the line's JSON: what is left of an event that something shortened.
    found = re.search(b"data: ?", frame.data)
    if found is None:
        return plan
    head, tail = frame.data[: found.end()], frame.data[found.end() :]
    broken = head + tail[: max(1, len(tail) // 2)].rstrip(b"\n") + b"\n\n"
    frames = [*plan.frames[:place], replace(frame, data=broken), *plan.frames[place + 1 :]]
    return replace(plan, frames=tuple(frames))
