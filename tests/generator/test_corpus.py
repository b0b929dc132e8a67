"""Programs on the recordings of the corpus: what they print, and what they call complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from streamguide import conform
from streamguide.content import load_content
from streamguide.generator.options import read
from streamguide.recordings import CorpusRecording
from tests.generator.combinations import some_languages
from tools.faults.programs import Measure, measuring
from tools.faults.running import Ran

LIBRARY = load_content()
RECORDINGS = LIBRARY.recordings
# Without an SDK, the program itself reads the stream: all of the corpus is in `make test`.
READERS = ("python-plain", "javascript-fetch", "curl")
# Not TypeScript, which has the template of JavaScript.
WITH_SDK = ("python", "python-async", "javascript")
# With others of their kind they are in `make soak`.
FEW = ("spliced", "error-string", "half-characters-joined", "text-null", "null-after-reason")
# The exit statuses of whole answers by their stop reasons, if it is not 0.
CODES = {"refusal": 4, "max_tokens": 5}
# What the SDK itself does not read: an error, never a complete answer.
NOT_BY_THE_SDK = ("no-event-lines", "unknown-name-plain-text")
NOT_READ = {
    "python": ("byte-order-mark", *NOT_BY_THE_SDK),
    "python-async": ("byte-order-mark", *NOT_BY_THE_SDK),
    "javascript": NOT_BY_THE_SDK,
}
# A program without tools tells no more of a call than the stop reason.
OF_CALLS = "tool call"


@pytest.fixture(scope="module")
def measure(site: str) -> Iterator[Measure]:
    with measuring(LIBRARY, site) as ready:
        yield ready


def complaints(recording: CorpusRecording, ran: Ran, requests: int, language: str) -> list[str]:
    """What a program did wrong on a recording, in words."""
    expected = recording.expected
    found = ["it ended with a trace"] if "Traceback" in ran.err or "    at " in ran.err else []
    if recording.name in NOT_READ.get(language, ()):
        found += [] if ran.code in (1, 3) else [f"exit {ran.code}"]
        return found
    is_whole = ran.code == CODES.get(expected.stop_reason or "", 0)
    code = 0 if is_whole else ran.code
    judged = conform.judge(recording, conform.Ran(code, ran.out, ran.err, ran.end, requests))
    found += [one.words for one in judged]
    if expected.error not in (None, OF_CALLS) and "error" not in expected.may_differ:
        assert expected.error
        found += [] if expected.error in ran.err else [f"it did not say {expected.error!r}"]
    return found


def assert_read(measure: Measure, language: str, names: Iterable[str]) -> None:
    options = replace(read({"language": [language]}, LIBRARY.models), silence_timeout=5)
    # Those that stay open take the longest, so they begin.
    recordings = sorted(
        map(RECORDINGS.__getitem__, names), key=lambda one: one.response.end != "open"
    )
    runs = measure.recordings(
        f"{language} corpus", options, [recording.name for recording in recordings]
    )
    wrong = [
        f"{recording.name}: {'; '.join(found)}: {ran}"
        for recording, (ran, requests) in zip(recordings, runs, strict=True)
        if (found := complaints(recording, ran, len(requests), language))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", READERS)
def test_each_recording_is_read_as_expected(measure: Measure, language: str) -> None:
    assert_read(measure, language, RECORDINGS)


@pytest.mark.parametrize("language", some_languages(WITH_SDK))
def test_a_few_recordings_are_read_as_expected_with_an_sdk(measure: Measure, language: str) -> None:
    assert_read(measure, language, FEW)


@pytest.mark.soak
@pytest.mark.parametrize("language", WITH_SDK)
def test_each_recording_is_read_as_expected_with_an_sdk(measure: Measure, language: str) -> None:
    assert_read(measure, language, RECORDINGS)
