"""Live mode on every stream of the corpus: what goes on to the visitor, and what is settled."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.live.usage import COUNTS
from streamguide.reading.frames import FrameParser
from streamguide.reading.reader import StreamReader
from streamguide.recordings import CorpusRecording
from tests.live.asking import LiveAnswer, LiveSite, live_site

RECORDINGS = load_content().recordings
# A stream that stays open ends soon, no comment is among the bytes, and the first error is told.
SETTINGS = {
    "LIVE_SILENCE_SECONDS": "3",
    "LIVE_HEARTBEAT_SECONDS": "60",
    "LIVE_FIRST_EVENT_SECONDS": "20",
    "LIVE_RETRIES": "0",
}
# The ends that live mode tells. The others are told by message_stop or by an error event.
OWN_ENDS = {
    "dropped": "live_dropped",
    "ended-early": "live_ended_early",
    "half-of-an-event": "live_broken_event",
    "no-message-start": "live_no_message",
    "no-message-stop": "live_ended_early",
    "pings-for-ever": "live_silent",
    "spliced": "live_spliced",
}


@pytest.fixture(scope="module")
def corpus(site: str) -> Iterator[LiveSite]:
    with live_site(site, SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def answers(corpus: LiveSite) -> Mapping[str, LiveAnswer]:
    """What a visitor gets of each stream."""
    with ThreadPoolExecutor(16) as pool:
        asked = pool.map(lambda name: corpus.ask(f"simulate: corpus:{name}"), RECORDINGS)
        return dict(zip(RECORDINGS, asked, strict=True))


def read(answer: LiveAnswer) -> dict[str, Any]:
    """What a good client reads in an answer."""
    if answer.status != 200:
        return {
            "text": "",
            "blocks": [],
            "stop_reason": None,
            "usage": {},
            "complete": False,
            "error": f"HTTP {answer.status}: {answer.error['message']}",
        }
    reader = StreamReader(answer.status, answer.headers["content-type"])
    reader.feed(answer.body)
    ending, message = reader.end(), reader.message
    return {
        "text": message.text,
        "blocks": message.blocks,
        "stop_reason": message.stop_reason,
        "usage": message.usage,
        "complete": ending.is_complete,
        "error": ending.words,
    }


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_a_visitor_reads_what_is_expected(
    answers: Mapping[str, LiveAnswer], recording: CorpusRecording
) -> None:
    found = read(answers[recording.name])
    expected = recording.expected
    wanted = {
        "text": expected.text,
        "blocks": list(expected.blocks),
        "stop_reason": expected.stop_reason,
        "usage": expected.usage,
        "complete": expected.complete,
    }
    # Halves of surrogate pairs go on as they came.
    skipped = {*expected.may_differ, *(["blocks"] if "half-characters" in expected.rules else [])}
    for name in wanted.keys() - skipped:
        assert found[name] == wanted[name], name
    if "error" not in skipped:
        assert (expected.error or "") in found["error"]


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_bytes_go_on_unchanged_until_the_end(
    answers: Mapping[str, LiveAnswer], recording: CorpusRecording
) -> None:
    answer = answers[recording.name]
    if answer.status != 200:
        assert not recording.expected.text
        return
    frames = [frame.raw for frame in FrameParser().feed(answer.body)]
    if recording.name in OWN_ENDS:
        assert OWN_ENDS[recording.name].encode() in frames.pop()
    sent = b"".join(frames)
    # A blank line is added where the last one is missing, and nothing else.
    added = sent.removeprefix(recording.body)
    assert recording.body.startswith(sent) or added == b"\n\n"


@pytest.mark.parametrize("recording", RECORDINGS.values(), ids=RECORDINGS)
def test_the_log_has_the_end_and_the_usage_of_whole_messages_only(
    corpus: LiveSite, answers: Mapping[str, LiveAnswer], recording: CorpusRecording
) -> None:
    answer, expected = answers[recording.name], recording.expected
    if answer.status != 200:
        return
    request_id = answer.headers["request-id"]
    assert corpus.server.prints(request_id)
    [line] = [line for line in corpus.server.log().splitlines() if request_id in line]
    log = json.loads(line)
    is_complete = read(answer)["complete"]
    its_own = "complete" if is_complete else "error_event"
    assert log["end"] == OWN_ENDS.get(recording.name, its_own)
    assert log["usage_is_final"] == (is_complete and "output_tokens" in expected.usage)
    assert (log["dollars"] is not None) == log["usage_is_final"]
    if log["usage_is_final"]:
        assert log["usage"] == {name: expected.usage.get(name) or 0 for name in COUNTS}
        assert log["stop_reason"] == expected.stop_reason
