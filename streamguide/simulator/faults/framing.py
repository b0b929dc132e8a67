"""Faults of lines, connections and bytes, in this order."""

from __future__ import annotations

import json
import math
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from streamguide.scenarios.frames import Frame
from streamguide.simulator.faults.parameters import Parameter, at
from streamguide.simulator.faults.stage import FaultContext, Faults
from streamguide.simulator.plan import Plan

FAULTS = Faults()

_EVENT_LINE = re.compile(rb"(?<![^\r\n])event:[^\r\n]*(?:\r\n|\n|\r)")
_BOM = b"\xef\xbb\xbf"
# Far enough apart that each piece is a packet of its own.
_DRIP_MS = 2
_MOST_PIECES = 20_000
_BYTE = Parameter(
    "byte", "Cut inside the event, after so many of its bytes.", 0, low=0, high=1_000_000
)
_HOW = Parameter(
    "how", "Closed in good order, or by a TCP reset.", "close", choices=("close", "reset")
)


@FAULTS.add(
    "unnamed",
    "No event lines",
    "Every event is its data line alone.",
    "Gateways that follow another vendor's habit.",
    moment="order",
    should="go by `type` in the JSON, or say that no event came.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _unnamed(plan: Plan, context: FaultContext) -> Plan:
    frames = (replace(frame, data=_EVENT_LINE.sub(b"", frame.data)) for frame in plan.frames)
    return replace(plan, frames=tuple(frames))


@FAULTS.add(
    "bom",
    "A byte order mark first",
    "The body begins with the three bytes of a UTF-8 byte order mark.",
    "Files that were saved and served again.",
    moment="harmless",
    should="drop the mark, and show the whole answer.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _bom(plan: Plan, context: FaultContext) -> Plan:
    if not plan.frames:
        return plan
    first = replace(plan.frames[0], data=_BOM + plan.frames[0].data)
    return replace(plan, frames=(first, *plan.frames[1:]))


@FAULTS.add(
    "other-lines",
    "Lines and spacing that the API does not send",
    "Comments after every event, `id:` or `retry:` lines, no space after the colon, or an event's "
    "data in several lines, which a client joins: all of it is legal.",
    "Relays that keep a connection alive, and servers of other frameworks.",
    Parameter(
        "how",
        "What there is.",
        "comments",
        choices=("comments", "ids", "retry", "spacing", "data-lines"),
    ),
    moment="harmless",
    should="read the format as the standard has it, and show the whole answer.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _other_lines(plan: Plan, context: FaultContext) -> Plan:
    change = _LINES[context.values["how"]]
    frames = (
        replace(frame, data=change(frame.data, number))
        for number, frame in enumerate(plan.frames, 1)
    )
    return replace(plan, frames=tuple(frames))


def _in_data_lines(data: bytes, number: int) -> bytes:
    """The event with a line for each member of its JSON, as a line end between them is legal."""
    head, _, text = data.partition(b"data: ")
    try:
        event = json.loads(text)
    except ValueError:
        return data
    # With escapes, because half of a surrogate pair has no other form.
    lines = json.dumps(event, indent=0).split("\n")
    return head + "".join(f"data: {line}\n" for line in lines).encode() + b"\n"


_LINES: Mapping[str, Callable[[bytes, int], bytes]] = {
    "comments": lambda data, number: data + b": still here\n\n",
    "ids": lambda data, number: b"id: %d\n%b" % (number, data),
    # Once as an event without data, which no client gets to see, and then inside of events.
    "retry": lambda data, number: b"retry: 3000\n%b%b" % (b"\n" * (number == 1), data),
    "spacing": lambda data, number: data.replace(b"event: ", b"event:").replace(
        b"data: ", b"data:"
    ),
    "data-lines": _in_data_lines,
}


@FAULTS.add(
    "crlf",
    "Other line ends",
    "Lines end with CR LF, or with CR alone: both are legal.",
    "Servers and proxies on other systems.",
    Parameter("how", "The line end.", "crlf", choices=("crlf", "cr")),
    moment="harmless",
    should="end a line at LF, CR LF or CR.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _crlf(plan: Plan, context: FaultContext) -> Plan:
    end = b"\r" if context.values["how"] == "cr" else b"\r\n"
    frames = (replace(frame, data=frame.data.replace(b"\n", end)) for frame in plan.frames)
    return replace(plan, frames=tuple(frames))


@FAULTS.add(
    "no-final-blank-line",
    "The last blank line is missing",
    "The last event is not ended by a blank line, so by the standard it never happened.",
    "Recordings; servers that close too early.",
    moment="breaks",
    should="not count the last event, and so say that the end is missing.",
    remedy="/guide/events#reading-the-bytes",
    in_stream=True,
)
def _no_final_blank_line(plan: Plan, context: FaultContext) -> Plan:
    if not plan.frames:
        return plan
    last = plan.frames[-1]
    return replace(plan, frames=(*plan.frames[:-1], replace(last, data=last.data[:-1])))


# --- connections: they leave an event that is not whole ---


def _cut(plan: Plan, context: FaultContext) -> Plan:
    if plan.status != 200 or not plan.frames:
        # Refused: there is nothing to break, until `times` lets a request through.
        return plan
    place = context.index(plan)
    whole = plan.frames[place]
    part = whole.data[: min(context.values["byte"], max(0, len(whole.data) - 1))]
    # Also without a byte of it, the frame keeps the time at which the connection ends.
    frames = (*plan.frames[:place], replace(whole, data=part, event=0))
    return replace(plan, frames=frames, end="drop", head_first=plan.head_first or place == 0)


@FAULTS.add(
    "drop",
    "The connection breaks",
    "The connection is closed before an event, or inside it, without the end of the body.",
    "Restarts, lost networks, proxies that give up.",
    at(),
    _BYTE,
    _HOW,
    moment="breaks",
    should="keep the text, say that it is incomplete, and offer another try.",
    remedy="/guide/errors#partial-answers",
)
def _drop(plan: Plan, context: FaultContext) -> Plan:
    cut = _cut(plan, context)
    resets = context.values["how"] == "reset" and cut.end == "drop"
    return replace(cut, end="reset") if resets else cut


@FAULTS.add(
    "connection-close",
    "Chunked, with Connection: close",
    "The framing of many small servers. With `at` the connection breaks there: "
    "Node.js does not notice.",
    "Flask's development server, gunicorn's sync workers, waitress.",
    at("No break"),
    _BYTE,
    moment="breaks",
    should="look for `message_stop`: of a break, JavaScript may raise nothing.",
    remedy="/guide/errors#inside",
)
def _connection_close(plan: Plan, context: FaultContext) -> Plan:
    return _framed(replace(plan, framing="close"), context)


@FAULTS.add(
    "http10",
    "HTTP/1.0",
    "The body ends where the connection ends. With `at` it breaks there: nobody can notice.",
    "Old proxies, and small servers.",
    at("No break"),
    _BYTE,
    moment="breaks",
    should="look for `message_stop`: of a break, no client raises anything.",
    remedy="/guide/errors#inside",
)
def _http10(plan: Plan, context: FaultContext) -> Plan:
    return _framed(replace(plan, framing="http10"), context)


def _framed(plan: Plan, context: FaultContext) -> Plan:
    return plan if context.values["at"] is None else _cut(plan, context)


@FAULTS.add(
    "compressed",
    "Compressed, and flushed late",
    "If the request's accept-encoding takes gzip, the body is compressed, and nothing is sent "
    "until the compressor's buffer is full, or the stream is over.",
    "Servers and proxies that compress whatever they send.",
    moment="pace",
    should="ask for `accept-encoding: identity` where it reads a stream.",
    remedy="/guide/browser#proxy",
    in_stream=True,
)
def _compressed(plan: Plan, context: FaultContext) -> Plan:
    if not context.takes_gzip or not plan.frames:
        return plan
    # 16 more than the largest window: with gzip's head and checksum.
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
    frames = [replace(frame, data=compressor.compress(frame.data)) for frame in plan.frames]
    if plan.end == "whole":
        frames[-1] = replace(frames[-1], data=frames[-1].data + compressor.flush())
    return replace(plan, frames=tuple(frames), headers={**plan.headers, "content-encoding": "gzip"})


# Last of all: the others look for whole events.
@FAULTS.add(
    "drip",
    "A few bytes at a time",
    "Every few bytes are a write of their own, also in the middle of a UTF-8 character.",
    "Networks cut a stream wherever they like.",
    Parameter("byte", "Bytes in a piece.", 3, low=1, high=10_000),
    moment="harmless",
    should="collect bytes until the blank line, and decode characters across pieces.",
    remedy="/guide/events#reading-the-bytes",
)
def _drip(plan: Plan, context: FaultContext) -> Plan:
    # A long stream gets larger pieces: each is a frame, which holds memory until it is sent, and a
    # write, for which other visitors wait.
    whole = sum(len(frame.data) for frame in plan.frames)
    size = max(context.values["byte"], math.ceil(whole / _MOST_PIECES))
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
