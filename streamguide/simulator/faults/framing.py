"""Faults of lines, bytes and connections."""

from __future__ import annotations

from dataclasses import replace

from streamguide.simulator.faults.parameters import Parameter, at
from streamguide.simulator.faults.stage import Fault, Setting, Stage
from streamguide.simulator.plan import Framing, Plan

_BOM = b"\xef\xbb\xbf"
_BYTE = Parameter(
    "byte", "Cut inside the event, after so many of its bytes.", 0, low=0, high=1_000_000
)
_HOW = Parameter(
    "how", "Closed in good order, or by a TCP reset.", "close", choices=("close", "reset")
)


def _cut(plan: Plan, setting: Setting) -> Plan:
    if plan.status != 200 or not plan.frames:
        # Refused: there is nothing to break, until `times` lets a request through.
        return plan
    place = setting.place(plan)
    whole = plan.frames[place]
    part = whole.data[: min(setting.values["byte"], max(0, len(whole.data) - 1))]
    # Also without a byte of it, the frame keeps the time at which the connection ends.
    frames = (*plan.frames[:place], replace(whole, data=part, event=0))
    return replace(plan, frames=frames, end="drop", head_first=plan.head_first or place == 0)


def _drop(plan: Plan, setting: Setting) -> Plan:
    cut = _cut(plan, setting)
    resets = setting.values["how"] == "reset" and cut.end == "drop"
    return replace(cut, end="reset") if resets else cut


def _in(framing: Framing) -> Stage:
    def stage(plan: Plan, setting: Setting) -> Plan:
        framed = replace(plan, framing=framing)
        return _cut(framed, setting) if setting.values["at"] is not None else framed

    return stage


def _unnamed(plan: Plan, setting: Setting) -> Plan:
    frames = (replace(f, data=f.data[f.data.find(b"data:") :]) for f in plan.frames)
    return replace(plan, frames=tuple(frames))


def _bom(plan: Plan, setting: Setting) -> Plan:
    if not plan.frames:
        return plan
    first = replace(plan.frames[0], data=_BOM + plan.frames[0].data)
    return replace(plan, frames=(first, *plan.frames[1:]))


def _crlf(plan: Plan, setting: Setting) -> Plan:
    end = b"\r" if setting.values["how"] == "cr" else b"\r\n"
    frames = (replace(frame, data=frame.data.replace(b"\n", end)) for frame in plan.frames)
    return replace(plan, frames=tuple(frames))


def _no_final_blank_line(plan: Plan, setting: Setting) -> Plan:
    if not plan.frames:
        return plan
    last = plan.frames[-1]
    return replace(plan, frames=(*plan.frames[:-1], replace(last, data=last.data[:-1])))


LINES = (
    Fault(
        "unnamed",
        "No event lines",
        "Every event is its data line alone.",
        "Gateways that follow another vendor's habit.",
        _unnamed,
        in_stream=True,
    ),
    Fault(
        "bom",
        "A byte order mark first",
        "The body begins with the three bytes of a UTF-8 byte order mark.",
        "Files that were saved and served again.",
        _bom,
        in_stream=True,
    ),
    Fault(
        "crlf",
        "Other line ends",
        "Lines end with CR LF, or with CR alone: both are legal.",
        "Servers and proxies on other systems.",
        _crlf,
        (Parameter("how", "The line end.", "crlf", choices=("crlf", "cr")),),
        in_stream=True,
    ),
    Fault(
        "no-final-blank-line",
        "The last blank line is missing",
        "The last event is not ended by a blank line, so by the standard it never happened.",
        "Recordings; servers that close too early.",
        _no_final_blank_line,
        in_stream=True,
    ),
)

# After all others but the drip: they leave an event that is not whole.
CONNECTIONS = (
    Fault(
        "drop",
        "The connection breaks",
        "The connection is closed before an event, or inside it, without the end of the body.",
        "Restarts, lost networks, proxies that give up.",
        _drop,
        (at(), _BYTE, _HOW),
    ),
    Fault(
        "connection-close",
        "Chunked, with Connection: close",
        "The framing of many small servers. With `at` the connection breaks there: "
        "Node.js does not notice.",
        "Flask's development server, gunicorn's sync workers, waitress.",
        _in("close"),
        (at("No break"), _BYTE),
    ),
    Fault(
        "http10",
        "HTTP/1.0",
        "The body ends where the connection ends. With `at` it breaks there: nobody can notice.",
        "Old proxies, and small servers.",
        _in("http10"),
        (at("No break"), _BYTE),
    ),
)
