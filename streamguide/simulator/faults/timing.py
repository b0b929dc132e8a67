"""Faults of time: everything comes, but not when."""

from __future__ import annotations

import math
from dataclasses import replace

from streamguide.scenarios.plan import Frame
from streamguide.simulator.faults.parameters import Parameter, at, seconds
from streamguide.simulator.faults.stage import Fault, Setting, event_frame, later, with_frames
from streamguide.simulator.plan import Plan, is_kept

_PING = {"type": "ping"}
_PING_SECONDS = 1
# Far enough apart that each piece is a packet of its own.
_DRIP_MS = 2
_MOST_PIECES = 20_000


def _slow(plan: Plan, setting: Setting) -> Plan:
    factor = setting.values["factor"]
    return _retimed("slow", plan, setting, tuple(round(frame.at * factor) for frame in plan.frames))


def _pace(plan: Plan, setting: Setting) -> Plan:
    step = 1000 * setting.values["seconds"]
    return _retimed("pace", plan, setting, tuple(round(n * step) for n in range(len(plan.frames))))


# By fault: the frames and times that came last, and the frames made of them. A scenario's next
# answer has the same frames but for the ends (`stream_plan`), and streams that share theirs cost
# less to begin, to hold and to collect.
_LAST: dict[str, tuple[tuple[Frame, ...], tuple[int, ...], tuple[Frame, ...]]] = {}


def _retimed(fault: str, plan: Plan, setting: Setting, times: tuple[int, ...]) -> Plan:
    """The plan with other times."""
    first, middle, last = plan.frames[:1], plan.frames[1:-1], plan.frames[1:][-1:]
    known, known_times, moved = _LAST.get(fault, ((), (), ()))
    if known != middle or known_times != times:
        moved = _moved(middle, times[1:])
        if is_kept(setting.answer, middle):
            _LAST[fault] = middle, times, moved
    frames = (*_moved(first, times), *moved, *_moved(last, times[-1:]))
    return replace(plan, frames=frames)


def _moved(frames: tuple[Frame, ...], times: tuple[int, ...]) -> tuple[Frame, ...]:
    # Not by `replace`, which takes three times as long.
    return tuple(Frame(at, one.data, one.event) for one, at in zip(frames, times, strict=False))


def _slow_headers(plan: Plan, setting: Setting) -> Plan:
    wait = round(1000 * setting.values["seconds"])
    return replace(plan, frames=tuple(later(plan.frames, wait)), head_at=wait)


def _slow_first_token(plan: Plan, setting: Setting) -> Plan:
    """Everything from the first delta on comes later."""
    place = next(
        (n for n, frame in enumerate(plan.frames) if b'"content_block_delta"' in frame.data),
        len(plan.frames) - 1,
    )
    wait = 1000 * setting.values["seconds"]
    return replace(plan, frames=(*plan.frames[:place], *later(plan.frames[place:], wait)))


def _drip(plan: Plan, setting: Setting) -> Plan:
    # A long stream gets larger pieces: each is a frame, which holds memory until it is sent, and a
    # write, for which other visitors wait.
    whole = sum(len(frame.data) for frame in plan.frames)
    size = max(setting.values["byte"], math.ceil(whole / _MOST_PIECES))
    frames: list[Frame] = []
    now = 0
    for frame in plan.frames:
        now = max(now, frame.at)
        if not frame.data:
            frames.append(replace(frame, at=now))
        for start in range(0, len(frame.data), size):
            piece = frame.data[start : start + size]
            ends = start + size >= len(frame.data)
            frames.append(Frame(now, piece, frame.event if ends else 0))
            now += _DRIP_MS
    return replace(plan, frames=tuple(frames))


def _stall(plan: Plan, setting: Setting) -> Plan:
    values = setting.values
    place = setting.place(plan)
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


# First what sets all times, then what moves some of them.
FAULTS = (
    Fault(
        "slow",
        "Another pace",
        "All times are multiplied: 4 is four times as slow, 0 sends everything at once.",
        "Busy hours; with 0, the fastest test.",
        _slow,
        (
            Parameter(
                "factor", "What the times are multiplied by.", 4, low=0, high=100, whole=False
            ),
        ),
    ),
    Fault(
        "pace",
        "An even pace",
        "The first event comes at once, every other so long after the one before it.",
        "Nowhere: it is for measurements, where the time of every event must be known.",
        _pace,
        (seconds(0.1),),
        in_stream=True,
    ),
    Fault(
        "slow-headers",
        "Headers that come late",
        "Nothing comes, not even the status line, until the time is up; then all is well.",
        "A long queue, a proxy that waits for the first byte.",
        _slow_headers,
        (seconds(10),),
    ),
    Fault(
        "slow-first-token",
        "A late first word",
        "Headers and the first events come at once, the first delta only when the time is up.",
        "Thinking that is not shown; a long prompt.",
        _slow_first_token,
        (seconds(10),),
        in_stream=True,
    ),
    Fault(
        "stall",
        "Silence in the middle",
        "Nothing comes for a while (or nothing but pings); then the stream goes on, or is cut.",
        "Hidden thinking, a server tool at work, a connection that died without a word.",
        _stall,
        (
            at(),
            seconds(20),
            Parameter(
                "how", "Silent, or with a ping every second.", "silent", choices=("silent", "pings")
            ),
            Parameter("then", "Goes on, or closes the connection.", "on", choices=("on", "close")),
        ),
        in_stream=True,
    ),
)

# Last of all faults: the others look for whole events.
DRIP = Fault(
    "drip",
    "A few bytes at a time",
    "Every few bytes are a write of their own, also in the middle of a UTF-8 character.",
    "Networks cut a stream wherever they like.",
    _drip,
    (Parameter("byte", "Bytes in a piece.", 3, low=1, high=10_000),),
)
