"""Faults of time: everything comes, but not when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random

from streamguide.models import tokens_of
from streamguide.scenarios.answer import Answer
from streamguide.scenarios.frames import Frame
from streamguide.simulator.faults.parameters import Parameter, at, seconds
from streamguide.simulator.faults.stage import FaultContext, Faults, event_frame, later, with_frames
from streamguide.simulator.plan import Plan

# First what sets all times, then what moves some of them.
FAULTS = Faults()

_PING = {"type": "ping"}
_PING_SECONDS = 1
# A recording does not tell its model's ratio.
_CHARACTERS_PER_TOKEN = 4.0
# What a delta writes, as it stands in its JSON.
_WRITTEN = re.compile(
    rb'"delta":\{"type":"[a-z_]+","(?:text|thinking|partial_json)":"((?:[^"\\]|\\.)*)"'
)


@FAULTS.add(
    "slow",
    "Another pace",
    "All times are multiplied: 4 is four times as slow, 0 sends everything at once.",
    "Busy hours; with 0, the fastest test.",
    Parameter("factor", "What the times are multiplied by.", 4, low=0, high=100, whole=False),
    moment="pace",
    should="show each piece as it comes, at any pace.",
    remedy="/guide/streaming#pieces",
)
def _slow(plan: Plan, context: FaultContext) -> Plan:
    factor = context.values["factor"]
    return _retimed(plan, (frame.at * factor for frame in plan.frames))


@FAULTS.add(
    "pace",
    "An even pace",
    "The first event comes at once, every other so long after the one before it, or as long as its "
    "tokens take.",
    "Tests with a model's own speed; measurements, where the time of every event must be known.",
    seconds(0.1),
    Parameter("ttft", "Seconds until the first delta.", low=0, high=3600, whole=False),
    Parameter(
        "tps",
        "Tokens per second, instead of `seconds`: a delta takes as long as its tokens.",
        low=0.1,
        high=100_000,
        whole=False,
    ),
    Parameter(
        "jitter",
        "By which share a gap is longer or shorter, at random; the same `seed` draws the same.",
        low=0,
        high=1,
        whole=False,
    ),
    moment="pace",
    should="show each piece as it comes.",
    remedy="/guide/streaming#measure",
    in_stream=True,
)
def _pace(plan: Plan, context: FaultContext) -> Plan:
    return _retimed(plan, _paced(plan, context))


def _paced(plan: Plan, context: FaultContext) -> Iterator[float]:
    """The time of each frame, in milliseconds."""
    values = context.values
    ratio = _CHARACTERS_PER_TOKEN
    if isinstance(context.answer, Answer):
        ratio = context.answer.scenario.own_ratio
    drawn = Random(f"{values['seed']} jitter")
    first: float | None = values["ttft"]
    at = 0.0
    for number, frame in enumerate(plan.frames):
        if first is not None and b'"content_block_delta"' in frame.data:
            at = max(at, 1000 * first)
            first = None
        elif number:
            gap: float = values["seconds"]
            if values["tps"] is not None:
                text = b"".join(_WRITTEN.findall(frame.data)).decode("utf-8", "replace")
                gap = tokens_of(text, ratio) / values["tps"]
            at += 1000 * gap * (1 + (values["jitter"] or 0) * (2 * drawn.random() - 1))
        yield at


def _retimed(plan: Plan, times: Iterable[float]) -> Plan:
    """The plan with other times, in milliseconds."""
    # Not by `replace`, which takes three times as long.
    frames = (
        Frame(round(at), frame.data, frame.event)
        for frame, at in zip(plan.frames, times, strict=False)
    )
    return replace(plan, frames=tuple(frames))


@FAULTS.add(
    "slow-headers",
    "Headers that come late",
    "Nothing comes, not even the status line, until the time is up; then all is well.",
    "A long queue, a proxy that waits for the first byte.",
    seconds(10),
    moment="pace",
    should="show that it waits, and have a limit that is longer than a queue.",
    remedy="/guide/errors#timeouts",
)
def _slow_headers(plan: Plan, context: FaultContext) -> Plan:
    wait = round(1000 * context.values["seconds"])
    return replace(plan, frames=tuple(later(plan.frames, wait)), head_at=wait)


@FAULTS.add(
    "slow-first-token",
    "A late first word",
    "Headers and the first events come at once, the first delta only when the time is up.",
    "Thinking that is not shown; a long prompt.",
    seconds(10),
    moment="pace",
    should="show that Claude thinks, and not give up.",
    remedy="/guide/blocks#thinking",
    in_stream=True,
)
def _slow_first_token(plan: Plan, context: FaultContext) -> Plan:
    """Everything from the first delta on comes later."""
    place = next(
        (n for n, frame in enumerate(plan.frames) if b'"content_block_delta"' in frame.data),
        len(plan.frames) - 1,
    )
    wait = 1000 * context.values["seconds"]
    return replace(plan, frames=(*plan.frames[:place], *later(plan.frames[place:], wait)))


@FAULTS.add(
    "stall",
    "Silence in the middle",
    "Nothing comes for a while (or nothing but pings); then the stream goes on, or is cut.",
    "Hidden thinking, a server tool at work, a connection that died without a word.",
    at(),
    seconds(20),
    Parameter("how", "Silent, or with a ping every second.", "silent", choices=("silent", "pings")),
    Parameter("then", "Goes on, or closes the connection.", "on", choices=("on", "close")),
    moment="pace",
    should="have a limit on silence, and a deadline that pings do not extend.",
    remedy="/guide/errors#timeouts",
    in_stream=True,
)
def _stall(plan: Plan, context: FaultContext) -> Plan:
    values = context.values
    place = context.index(plan)
    before, after = plan.frames[:place], plan.frames[place:]
    start = after[0].at if after else 0
    pings = []
    if values["how"] == "pings" and plan.streamed:
        count = int(values["seconds"] // _PING_SECONDS)
        pings = [event_frame(start + 1000 * n * _PING_SECONDS, _PING) for n in range(1, count + 1)]
    if values["then"] == "close":
        # The silence ends with the connection: an empty frame keeps its time.
        end = Frame(round(start + 1000 * values["seconds"]), b"")
        return replace(
            plan,
            frames=(*before, *pings, end),
            end="drop",
            head_first=plan.head_first or place == 0,
        )
    frames = [*before, *pings, *later(after, 1000 * values["seconds"])]
    return replace(with_frames(plan, frames), head_first=plan.head_first or place == 0)


@FAULTS.add(
    "stays-open",
    "The connection stays open",
    "After message_stop the body does not end until the time is up.",
    "Proxies that keep a connection; a server that forgot to close it.",
    seconds(5),
    moment="pace",
    should="be done at `message_stop`, and close the connection itself.",
    remedy="/guide/stream#ignore",
    in_stream=True,
)
def _stays_open(plan: Plan, context: FaultContext) -> Plan:
    # An empty frame keeps the time of the end.
    end = Frame(round(plan.frames[-1].at + 1000 * context.values["seconds"]), b"")
    return replace(plan, frames=(*plan.frames, end))
