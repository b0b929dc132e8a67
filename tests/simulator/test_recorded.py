"""Recordings in the simulator: as they are stored, or after faults."""

from __future__ import annotations

import gzip

import pytest

from streamguide.reading.reader import StreamReader
from streamguide.recordings import Recording
from streamguide.simulator.faults import FAULTS, FaultError, read
from streamguide.simulator.plan import Plan
from streamguide.simulator.recorded import recorded_plan
from tests.simulator.connections import ask, connect, ended, read_to_end, read_until
from tests.simulator.requests import LIBRARY

RECORDINGS = LIBRARY.recordings


def played(name: str, fault: str = "none", *, takes_gzip: bool = False) -> Plan:
    return recorded_plan(RECORDINGS[name], read(fault), table=LIBRARY.table, takes_gzip=takes_gzip)


def body(plan: Plan) -> bytes:
    return b"".join(frame.data for frame in plan.frames)


def test_without_a_fault_the_chunks_are_those_of_the_recording() -> None:
    for name, recording in RECORDINGS.items():
        plan = played(name)
        assert [(frame.at, frame.data) for frame in plan.frames] == list(recording.chunks())
        assert (plan.end, plan.status) == (recording.response.end, recording.response.status)


def test_a_chunk_has_the_number_of_the_last_event_that_it_completes() -> None:
    assert [frame.event for frame in played("comments").frames] == [
        *(0, 1, 0, 3, 4, 5, 6, 7),
    ]
    numbers = [frame.event for frame in played("one-byte-at-a-time").frames]
    assert [number for number in numbers if number] == [1, 2, 3, 4, 5, 6, 7]
    assert numbers[-1] == 7


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_can_be_put_on_every_recording_that_is_a_stream(fault: str) -> None:
    for name, recording in RECORDINGS.items():
        try:
            plan = played(name, fault, takes_gzip=True)
        except FaultError as error:
            assert not recording.is_stream or fault == "not-sse", error
            continue
        assert isinstance(body(plan), bytes)


@pytest.mark.parametrize("fault", ["slow;factor=0", "drip;byte=1", "stays-open", "slow-headers"])
def test_faults_of_time_leave_the_bytes(fault: str) -> None:
    for name, recording in RECORDINGS.items():
        if recording.is_stream:
            assert body(played(name, fault)) == recording.body, name


@pytest.mark.parametrize("name", ["line-ends-cr", "comments", "two-data-lines", "crlf-divided"])
def test_a_fault_counts_events_however_they_are_framed(name: str) -> None:
    plan = played(name, "drop;at=4")
    reader = StreamReader(plan.status, plan.headers["content-type"])
    reader.feed(body(plan))
    assert plan.end == "drop"
    assert reader.message.text == "The tide comes "
    assert len(plan.frames) == 4


def test_garbling_and_unnaming_reach_data_without_a_space() -> None:
    whole = body(played("no-space"))
    assert b"event:" not in body(played("no-space", "unnamed"))
    assert len(body(played("no-space", "garble"))) < len(whole)


def test_a_compressed_recording_is_held_back_from_those_who_accept_it() -> None:
    recording = RECORDINGS["compressed"]
    plain = played("compressed")
    assert (body(plain), "content-encoding" in plain.headers) == (recording.body, False)
    plan = played("compressed", takes_gzip=True)
    assert plan.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body(plan)) == recording.body
    # Before the last chunk there is nothing but gzip's head.
    assert sum(len(frame.data) for frame in plan.frames[:-1]) <= 10


def test_a_status_before_the_real_one_is_sent_first(site: str) -> None:
    with connect(site) as connection:
        ask(connection, "corpus:informational", "early")
        received, _ = read_to_end(connection)
    early, head, rest = received.split(b"\r\n\r\n", 2)
    assert early == b"HTTP/1.1 103 Early Hints"
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"\r\n0\r\n\r\n")
    assert RECORDINGS["informational"].body[:20] in rest


def test_a_connection_that_stays_open_ends_when_its_client_leaves(site: str) -> None:
    with connect(site) as connection:
        ask(connection, "corpus:open-after-stop", "left-open")
        read_until(connection, b'"message_stop"}\n\n\r\n')
    (request,) = ended(site, "left-open")
    assert (request["ended"], request["event"]) == ("left", 7)


def test_a_dropped_recording_has_no_end(site: str) -> None:
    recording: Recording = RECORDINGS["dropped"]
    with connect(site) as connection:
        ask(connection, "corpus:dropped", "dropped")
        received, _ = read_to_end(connection)
    assert received.endswith(recording.body[-40:] + b"\r\n")
    assert ended(site, "dropped")[0]["ended"] == "cut"
