"""Recordings: read, checked, and divided into chunks and events."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from streamguide.content import load_content
from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.recordings import load, load_all

LIBRARY = load_content()
RECORDINGS = LIBRARY.recordings


def test_every_stream_of_the_corpus_is_a_recording() -> None:
    assert {f"{name}.sse" for name in RECORDINGS} == {
        path.name for path in (CONTENT / "corpus").glob("*.sse")
    }


def test_chunks_and_events_are_the_body_in_pieces() -> None:
    for recording in RECORDINGS.values():
        assert b"".join(data for _, data in recording.chunks()) == recording.body
        if recording.is_stream:
            assert b"".join(data for _, data in recording.events()) == recording.body


@pytest.mark.parametrize(
    "name", ["comments", "crlf-divided", "one-byte-at-a-time", "no-data", "line-ends-cr"]
)
def test_an_event_has_the_time_of_its_last_byte(name: str) -> None:
    recording = RECORDINGS[name]
    events = list(recording.events())
    assert len(events) == 7
    sent, ends = 0, {}
    for at, data in recording.chunks():
        sent += len(data)
        ends[sent] = at
    size = 0
    for at, data in events:
        size += len(data)
        assert at == next(ends[end] for end in sorted(ends) if end >= size)


def test_a_recording_knows_its_message() -> None:
    message = RECORDINGS["half-characters-joined"].message()
    assert message is not None
    assert message["content"] == [{"type": "text", "text": "🌊"}]
    assert RECORDINGS["error-first"].message() is None


@pytest.mark.parametrize(
    ("part", "changes", "message"),
    [
        ("response", {"end": "soon"}, "plain.json: response.end: Input should be 'whole'"),
        ("response", {"chunks": [[1, 2]]}, "plain.json: response.chunks: their bytes are not the"),
        ("expected", {"rules": ["no-rule"]}, "plain.json: expected.rules: no rule is called 'no-r"),
        ("expected", {"words": ""}, "plain.json: expected.words: is not known"),
    ],
)
def test_a_wrong_description_is_refused(
    tmp_path: Path, part: str, changes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "plain.json"
    for kind in ("json", "sse"):
        shutil.copy(CONTENT / "corpus" / f"plain.{kind}", tmp_path)
    about = json.loads(path.read_text(encoding="utf-8"))
    about[part] |= changes
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load(path, LIBRARY.rules)
    assert str(refused.value).startswith(message)


def test_a_folder_without_recordings_has_none(tmp_path: Path) -> None:
    assert load_all(tmp_path, LIBRARY.rules) == {}
