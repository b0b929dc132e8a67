"""Recordings as plans: their bytes at their times, or an event at a time for faults to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streamguide.protocol.table import Table
from streamguide.recordings import CORPUS, CorpusRecording, Recording, has_event
from streamguide.scenarios.frames import Frame
from streamguide.simulator import faults
from streamguide.simulator.faults import FaultError, FaultSpec, RecordedAnswer
from streamguide.simulator.plan import Plan

_COMPRESSED = faults.read("compressed")


def named(name: str, recordings: Mapping[str, CorpusRecording]) -> CorpusRecording | None:
    """The recording that `corpus:NAME` names; None if there is none."""
    return recordings.get(name.removeprefix(CORPUS)) if name.startswith(CORPUS) else None


def recorded_plan(
    recording: Recording,
    chosen: Iterable[FaultSpec] = (),
    *,
    table: Table,
    request_id: str = "",
    takes_gzip: bool = False,
) -> Plan:
    """The plan of a recording after faults. Without one it has the recording's own chunks; for
    faults, which count events, each event is a frame.

    Raises FaultError for faults that it cannot have.
    """
    active = [one for one in chosen if one.fault.name != "none"]
    for one in active:
        if one.fault.in_stream and not recording.is_stream:
            raise FaultError(
                f"{one.fault.name} changes the events of a stream, and {recording.path} has "
                "none: its response is not a stream"
            )
    response = recording.response
    plan = Plan(
        tuple(_by_event(recording) if active and recording.is_stream else _chunks(recording)),
        response.status,
        response.headers,
        end=response.end,
        informational=response.informational,
        altered=True,
    )
    if response.gzip and all(one.fault.name != "compressed" for one in active):
        active += _COMPRESSED
    answer = RecordedAnswer(request_id, recording)
    return faults.apply_all(plan, faults.in_order(active), answer, table, takes_gzip=takes_gzip)


def _by_event(recording: Recording) -> Iterator[Frame]:
    for number, (at, data) in enumerate(recording.events(), 1):
        yield Frame(at, data, number if has_event(data) else 0)


def _chunks(recording: Recording) -> Iterator[Frame]:
    """The chunks; each has the number of the last event that it completes."""
    ends: list[int] = []
    if recording.is_stream:
        size = 0
        for frame in _by_event(recording):
            size += len(frame.data)
            if frame.event:
                ends.append(size)
    sent = events = 0
    for at, data in recording.chunks():
        sent += len(data)
        before = events
        while events < len(ends) and ends[events] <= sent:
            events += 1
        yield Frame(at, data, events if events > before else 0)
