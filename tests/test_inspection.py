"""Inspecting a stream: the corpus, the simulator's faults, and the command."""

from __future__ import annotations

import base64
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streamguide.__main__ import main
from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.inspection import Inspection, Inspector
from streamguide.reading.frames import FrameParser
from streamguide.scenarios.answer import make_answer
from streamguide.simulator.faults import FAULTS, apply_all, read
from streamguide.simulator.plan import stream_plan
from tools import nodejs
from tools.process import ROOT

LIBRARY = load_content()
RECORDINGS = LIBRARY.recordings
PLAIN = RECORDINGS["plain"].body
NAMED_MORE = {
    # What is in the bytes beside what the recording is about.
    "dropped": {"last-blank-line"},
    "no-message-start": {"bare-stop"},
    "pings-for-ever": {"only-message-stop"},
    "stop-after-error": {"error-event"},
}
# The status of a response is not in its bytes.
WITHOUT_STATUS = {"html-520": {"not-a-stream"}, "empty-520": {"only-message-stop"}}
# Rules that allow something: a stream that makes use of them breaks nothing.
ALLOWED = {
    *("comment", "other-fields", "no-space", "data-lines", "line-ends", "byte-order-mark"),
    *("padding", "unknown", "whole-at-start", "no-deltas", "no-blocks", "no-input"),
    *("usage-null", "usage-cumulative", "input-grows", "console", "split-anywhere"),
}
# What bytes do not show: the response's head, its compression on the way, its time, and its bound.
UNSEEN = {"media-type", "informational", "identity", "open-after-stop", "too-long", "http-error"}


def inspected(body: bytes, size: int = 4096) -> Inspection:
    inspector = Inspector()
    for start in range(0, len(body), size):
        inspector.feed(body[start : start + size])
    return inspector.end()


def rules(body: bytes) -> set[str]:
    return {one.rule for one in inspected(body).findings}


@pytest.mark.parametrize("name", RECORDINGS)
def test_of_each_recording_the_rules_that_its_bytes_break_are_named_and_no_others(
    name: str,
) -> None:
    recording = RECORDINGS[name]
    expected = set(recording.expected.rules) - ALLOWED - UNSEEN
    if name == "half-characters-joined":
        expected = set()
    expected |= NAMED_MORE.get(name, set()) | WITHOUT_STATUS.get(name, set())
    found = inspected(recording.body)
    assert {one.rule for one in found.findings} == expected
    assert found.size == len(recording.body)
    if recording.is_stream:
        assert found.text_length == len(recording.expected.text)
        assert found.usage == recording.expected.usage
        assert found.is_complete == recording.expected.complete


@pytest.mark.parametrize("name", RECORDINGS)
def test_bytes_that_are_divided_anywhere_have_the_same_findings(name: str) -> None:
    body = RECORDINGS[name].body
    if len(body) < 10_000:
        # After a CR the next LF belongs to the frame before, or to the next one.
        crs = b"\r" in body
        one, other = inspected(body, 1), inspected(body)
        assert crs or one == other
        assert [found.rule for found in one.findings] == [found.rule for found in other.findings]


BROKEN = {
    "status": {"not-a-stream"},
    "status-then-ok": {"not-a-stream"},
    "proxy-error": {"not-a-stream"},
    "prefix-check": {"not-a-stream"},
    "no-response": {"only-message-stop"},
    "not-sse": {"not-a-stream"},
    "not-sse;how=html": {"not-a-stream"},
    "empty-body": {"only-message-stop"},
    "error-event": {"error-event"},
    "error-event;at=1": {"error-first"},
    "error-event;type=invalid_request_error": {"content-filter"},
    "end-early": {"only-message-stop"},
    "duplicate-start": {"repeated-start"},
    "no-start": {"no-start", "bare-stop"},
    "no-block-start": {"unopened-block"},
    "broken-tool-call;how=two-inputs": {"broken-input"},
    "done-marker": {"no-object", "after-stop"},
    "garble": {"no-object"},
    "unnamed": {"no-name"},
    "no-final-blank-line": {"last-blank-line"},
    "drop": {"only-message-stop"},
    "drop;byte=40": {"only-message-stop", "last-blank-line"},
    "connection-close;at=14": {"only-message-stop"},
    "http10;at=14": {"only-message-stop"},
    "stall;then=close": {"only-message-stop"},
    "compressed": {"identity"},
}
# Those that no byte shows: time, a connection's end, and a call that fits no request.
HARMLESS = [
    fault.name
    for fault in FAULTS.values()
    if fault.moment in ("harmless", "pace") and fault.name not in BROKEN
] + ["connection-close", "http10", "broken-tool-call", "broken-tool-call;how=input"]


def test_each_fault_is_judged() -> None:
    assert {fault.partition(";")[0] for fault in [*BROKEN, *HARMLESS]} == set(FAULTS)


def faulty(fault: str) -> bytes:
    """What is sent with a fault."""
    scenario = FAULTS[fault.partition(";")[0]].scenario
    answer = make_answer(LIBRARY.scenarios[scenario])
    plan = apply_all(stream_plan(answer), read(fault), answer, LIBRARY.table, takes_gzip=True)
    return b"".join(frame.data for frame in plan.frames)


@pytest.mark.parametrize("fault", [*BROKEN, *HARMLESS])
def test_a_fault_that_breaks_a_rule_is_named_and_a_harmless_one_is_not(fault: str) -> None:
    assert rules(faulty(fault)) == BROKEN.get(fault, set())


def test_what_a_scenario_sends_breaks_a_rule_only_where_the_answer_is_not_whole() -> None:
    found = {}
    for name, scenario in LIBRARY.scenarios.items():
        plan = stream_plan(make_answer(scenario))
        found[name] = rules(b"".join(frame.data for frame in plan.frames))
    named = {name: told for name, told in found.items() if told}
    assert named == {"max-tokens": {"open-block"}, "overloaded": {"error-event"}}


def damaged(body: bytes) -> Iterator[bytes]:
    """The stream without each of its frames, with each twice, with two in the other order, and cut
    within each."""
    parser = FrameParser()
    frames = [frame.raw for frame in parser.feed(body)]
    for at, frame in enumerate(frames):
        before, after = frames[:at], [*frames[at + 1 :], parser.end().raw]
        yield b"".join(before + after)
        yield b"".join([*before, frame, frame, *after])
        yield b"".join([*before, *after[:1], frame, *after[1:]])
        yield b"".join([*before, frame[: len(frame) // 2]])


def found_by_page(
    bodies: list[bytes], descriptions: list[Any] | None = None
) -> list[list[list[Any]]]:
    """What the page finds in each body: rule, event, offset, count."""
    node = nodejs.find()
    assert node is not None, nodejs.WHAT_TO_INSTALL
    abouts = descriptions or [None] * len(bodies)
    given = [
        {"body": base64.b64encode(body).decode(), "about": about}
        for body, about in zip(bodies, abouts, strict=True)
    ]
    done = subprocess.run(
        [node, "tests/js/inspect.js"],
        input=json.dumps(given).encode(),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    found: list[list[list[Any]]] = json.loads(done.stdout)
    return found


def test_the_page_finds_the_same_at_the_same_places() -> None:
    bodies = [one.body for one in RECORDINGS.values()]
    bodies += [faulty(fault) for fault in (*BROKEN, *HARMLESS)]
    bodies += [one for body in bodies if len(body) < 2000 for one in damaged(body)]
    assert len(bodies) > 1500
    for body, page in zip(bodies, found_by_page(bodies), strict=True):
        # The page has no place between a CR and its LF, so neither must the chunks.
        found = inspected(body, len(body) + 1).findings
        assert page == [[one.rule, one.event, one.offset, one.count] for one in found], body


def test_of_a_recording_the_page_finds_also_what_no_byte_shows() -> None:
    descriptions = [
        json.loads((CONTENT / "corpus" / f"{name}.json").read_text(encoding="utf-8"))
        for name in RECORDINGS
    ]
    page = found_by_page([one.body for one in RECORDINGS.values()], descriptions)
    for (name, recording), found in zip(RECORDINGS.items(), page, strict=True):
        # A long line, capitals and a status before the real one are allowed.
        allowed = ALLOWED | {"too-long", "media-type", "informational"}
        expected = set(recording.expected.rules) - allowed
        if name == "half-characters-joined":
            expected = set()
        if name == "compressed":
            expected = {"identity"}
        assert {rule for rule, *_ in found} == expected | NAMED_MORE.get(name, set()), name


def test_a_finding_has_the_event_and_the_byte_where_it_begins() -> None:
    body = RECORDINGS["text-after-stop"].body
    (found,) = inspected(body).findings
    event = body[found.offset :].partition(b"\n\n")[0]
    assert event.startswith(b"event: content_block_delta\n")
    assert body[: found.offset].endswith(b'{"type":"message_stop"}\n\n')
    assert found.event == 8
    assert found.count == 2


def test_names_that_contradict_each_other_are_named() -> None:
    body = PLAIN.replace(b"event: content_block_stop", b"event: content_block_delta")
    (found,) = inspected(body).findings
    assert (found.rule, found.words) == (
        "no-name",
        "The event line says content_block_delta, the data says content_block_stop.",
    )


def test_a_block_that_is_not_stopped_is_named() -> None:
    events = PLAIN.split(b"\n\n")
    body = b"\n\n".join(one for one in events if b"content_block_stop" not in one)
    assert rules(body) == {"open-block"}


def test_a_frame_without_an_end_is_named_where_it_begins() -> None:
    inspector = Inspector()
    inspector.feed(PLAIN[:-10] + b"\n\ndata: ")
    start = len(PLAIN) - 8
    for _ in range(33):
        inspector.feed(b"x" * 1_000_000)
    assert ("too-long", None, start) in [
        (one.rule, one.event, one.offset) for one in inspector.end().findings
    ]


def test_values_of_any_depth_are_reported() -> None:
    for depth in (100, 240, 400, 800, 100_000):
        deep = b'{"a":' * depth + b"1" + b"}" * depth
        found = inspected(PLAIN.replace(b'"usage":{', b'"usage":{"deep":' + deep + b","))
        assert json.dumps(found.as_json(LIBRARY.rules))
        assert list(found.lines(LIBRARY.rules))


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["inspect", *arguments])
    return status, capsys.readouterr().out


def test_the_command_tells_each_finding_and_exits_with_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = str(CONTENT / "corpus" / "input-broken.sse")
    status, out = told(capsys, path)
    assert status == 1
    assert out.splitlines() == [
        "broken-input (rule 29): The fragments of a call's input need not add up to a JSON object.",
        '  at event 4, byte 550: The input of get_tide is {"port": Brest}',
        "  Keep them as text, say that they are broken, and do not run the tool.",
        "Events: 6, bytes: 812. The message is complete, tool_use.",
        'Text: 0 characters. Usage: {"input_tokens": 21, "output_tokens": 12}',
        "Rules broken: 1",
    ]


def test_the_command_reads_standard_input_and_prints_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PLAIN)))
    status, out = told(capsys, "--json")
    assert status == 0
    found = json.loads(out)
    assert found["findings"] == []
    assert (found["is_complete"], found["stop_reason"], found["text_length"]) == (
        True,
        "end_turn",
        len(RECORDINGS["plain"].expected.text),
    )


def test_a_stream_cannot_control_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "hostile.sse"
    path.write_bytes(b"event: error\ndata: \x1b]0;title\x07\x9b31m\n\n" + PLAIN)
    status, out = told(capsys, str(path))
    assert status == 1
    assert all(one.isprintable() for one in out.replace("\n", ""))


def test_a_file_that_cannot_be_read_is_no_finding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["inspect", str(tmp_path / "none.sse")]) == 2
    error = capsys.readouterr().err
    assert error.endswith("none.sse cannot be read: No such file or directory.\n")
