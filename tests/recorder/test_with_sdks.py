"""Recorded with the official SDKs against a simulator on another port, and replayed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anthropic
import pytest
from flask.testing import FlaskClient

from streamguide.connection import Cut
from streamguide.content import Today
from streamguide.reading.frames import FrameParser
from streamguide.settings import Settings
from streamguide.simulator.own_files import load
from streamguide.web.site import build
from tests.recorder.recording import HEADERS, KEY, MODEL, RecordingSite, body, recording_site
from tests.simulator.requests import LIBRARY
from tests.unpaced import as_written, at_once, before_any_end
from tools import nodejs
from tools.process import ROOT

FILES = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("recordings")


@pytest.fixture(scope="module")
def recorder(unpaced: str, folder: Path) -> Iterator[RecordingSite]:
    """A site whose API is the simulator of another site."""
    with recording_site(f"{unpaced}/simulator", RECORDINGS=str(folder)) as site:
        yield site


@pytest.fixture(scope="module", params=["Python", "JavaScript"])
def asked(request: pytest.FixtureRequest, recorder: RecordingSite) -> tuple[Any, list[Any]]:
    """What an SDK got through the recorder, and the four requests that were kept."""
    before = len(recorder.listed())
    given = by_python(recorder) if request.param == "Python" else by_javascript(recorder)
    recorder.ended()
    return given, recorder.listed()[before:]


def by_python(site: RecordingSite) -> Any:
    hello: Any = {
        "model": MODEL,
        "max_tokens": 500,
        "messages": [{"role": "user", "content": "Hello"}],
    }
    with anthropic.Anthropic(api_key=KEY, base_url=site.base, max_retries=0) as client:
        with client.messages.stream(**hello) as stream:
            text = "".join(stream.text_stream)
        stop = client.messages.create(**hello).stop_reason
        count = client.messages.count_tokens(model=MODEL, messages=hello["messages"])
        with pytest.raises(anthropic.APIStatusError) as raised:
            client.messages.create(**{**hello, "model": "claude-none"})
    status = raised.value.status_code
    return {"text": text, "stop": stop, "counted": count.input_tokens, "status": status}


def by_javascript(site: RecordingSite) -> Any:
    node = nodejs.find()
    assert node is not None, nodejs.WHAT_TO_INSTALL
    command = [node, "tests/recorder/ask.mjs", site.base, KEY]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@pytest.fixture
def replay(folder: Path) -> FlaskClient:
    """A simulator that plays the folder."""
    own = load(str(folder), LIBRARY.table, LIBRARY.models, LIBRARY.scenarios)
    today = Today(LIBRARY, before_any_end)
    return build(Settings(), today, at_once, as_written, own).test_client()


def test_what_an_sdk_got_is_what_was_kept(asked: tuple[Any, list[Any]]) -> None:
    given, kept = asked
    stream, message, count, refused = kept
    assert len(kept) == FILES
    assert given["text"].startswith(stream["text"]) and stream["text"]
    assert (stream["is_stream"], stream["stop_reason"]) == (True, given["stop"])
    assert stream["cost"] > 0 and stream["usage"]["output_tokens"] > 0
    assert stream["first_event_ms"] <= stream["first_word_ms"] <= stream["after_ms"]
    assert len(stream["ticks"]) == stream["events"]
    assert stream["headers"]["request-id"].startswith("req_")
    assert (message["is_stream"], message["stop_reason"]) == (False, given["stop"])
    assert message["cost"] > 0
    assert count["counted"] == given["counted"]
    assert refused["status"] == given["status"] == 404
    assert refused["error"].startswith("not_found_error: ")
    assert all(one["saved"] and one["ended"] == "complete" for one in kept)
    assert all("Anthropic/" in one["about"]["headers"]["user-agent"] for one in kept)


def test_each_answer_is_replayed_byte_for_byte(
    asked: tuple[Any, list[Any]], recorder: RecordingSite, folder: Path, replay: FlaskClient
) -> None:
    for one in asked[1]:
        stored = (folder / f"{one['name']}.sse").read_bytes()
        assert stored == recorder.get(f"/recordings/{one['name']}.sse").content
        response = replay.post(
            f"/simulator/{one['name']}/v1/messages", json=body(), headers=HEADERS
        )
        assert (response.status_code, response.data) == (one["status"], stored)
        assert response.content_type == one["headers"]["content-type"]


def test_a_stream_is_replayed_with_a_fault(
    asked: tuple[Any, list[Any]], folder: Path, replay: FlaskClient
) -> None:
    name = asked[1][0]["name"]
    frames = [one.raw for one in FrameParser().feed((folder / f"{name}.sse").read_bytes())]
    path = f"/simulator/{name}/drop;at=4/v1/messages"
    response = replay.post(path, json=body(), headers=HEADERS, buffered=False)
    received: list[Any] = []
    with pytest.raises(Cut):
        for piece in response.response:
            received.append(piece)
    assert b"".join(received) == b"".join(frames[:3])


def test_the_key_is_in_no_file_no_log_and_no_answer(
    asked: tuple[Any, list[Any]], recorder: RecordingSite, folder: Path
) -> None:
    assert len(list(folder.iterdir())) == 2 * len(recorder.listed())
    for path in folder.iterdir():
        assert KEY.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0
    assert KEY not in recorder.server.log()
    assert KEY not in recorder.get("/recordings.json").text
    assert "Hello" not in recorder.get(f"/recordings/{asked[1][0]['name']}.json").text
