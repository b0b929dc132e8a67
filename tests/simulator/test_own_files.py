"""A user's own files, which the simulator plays by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from streamguide.connection import Cut
from streamguide.content import Today
from streamguide.content_file import ContentError
from streamguide.files import CONTENT
from streamguide.reading.reader import StreamReader
from streamguide.settings import Settings
from streamguide.simulator import own_files as module
from streamguide.simulator.own_files import load
from streamguide.web.site import build
from tests.simulator.requests import LIBRARY
from tests.unpaced import as_written, at_once, before_any_end
from tools.process import ROOT

CORPUS = CONTENT / "corpus"
PLAIN = (CORPUS / "plain.sse").read_bytes()
DESCRIPTION = json.loads((CORPUS / "plain.json").read_bytes())
EVENTS = [line.removeprefix(b"data: ") for line in PLAIN.split(b"\n") if line.startswith(b"data: ")]
SCENARIO = """
[[blocks]]
type = "text"
text = "From my own file."
[end]
stop_reason = "end_turn"
"""

Client = Callable[[], FlaskClient]


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of a simulator that plays the files which the folder then has."""

    def made() -> FlaskClient:
        own = load(str(tmp_path), LIBRARY.table, LIBRARY.models, LIBRARY.scenarios)
        site = build(Settings(), Today(LIBRARY, before_any_end), at_once, as_written, own)
        return site.test_client()

    return made


def post(client: FlaskClient, path: str, content: str = "Hi", **changes: Any) -> TestResponse:
    user = {"role": "user", "content": content}
    asked = {"model": "claude-opus-5-5", "max_tokens": 500, "stream": True, "messages": [user]}
    return client.post(
        f"/simulator{path}/v1/messages",
        json=asked | changes,
        headers={"x-api-key": "mine", "anthropic-version": "2026-10-21"},
    )


def message(response: TestResponse) -> Any:
    assert response.status_code == 200, response.text
    reader = StreamReader(200, response.content_type)
    reader.feed(response.data)
    assert reader.end().is_complete
    return reader.message.value


def refused(folder: Path) -> str:
    with pytest.raises(ContentError) as raised:
        load(str(folder), LIBRARY.table, LIBRARY.models, LIBRARY.scenarios)
    return str(raised.value)


def test_an_answer_as_put_takes_it_is_played_by_its_name(client: Client, tmp_path: Path) -> None:
    given = {"message": {"content": [{"type": "text", "text": "From JSON."}]}}
    (tmp_path / "mine.json").write_text(json.dumps({"answers": [given]}), encoding="utf-8")
    assert message(post(client(), "/mine"))["content"] == [{"type": "text", "text": "From JSON."}]


def test_a_scenario_needs_only_its_blocks_and_its_end(tmp_path: Path, client: Client) -> None:
    (tmp_path / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    found = message(post(client(), "/mine"))
    assert found["content"] == [{"type": "text", "text": "From my own file."}]
    assert found["model"] == "claude-opus-5-5"
    assert found["usage"]["input_tokens"] > 0
    whole = json.loads(post(client(), "/mine", stream=False).data)
    assert whole["content"] == found["content"]
    assert message(post(client(), "", "simulate: mine"))["content"] == found["content"]


def test_a_text_is_the_answer(tmp_path: Path, client: Client) -> None:
    (tmp_path / "words.md").write_bytes(b"\xef\xbb\xbf# One\r\n\r\nZwei \xf0\x9f\x8c\x8a\r\n")
    assert message(post(client(), "/words"))["content"] == [
        {"type": "text", "text": "# One\n\nZwei 🌊"}
    ]


def test_a_recording_is_played_byte_for_byte(tmp_path: Path, client: Client) -> None:
    for name in ("plain", "crlf-divided", "dropped", "empty-520"):
        for suffix in ("json", "sse"):
            shutil.copy(CORPUS / f"{name}.{suffix}", tmp_path / f"my-{name}.{suffix}")
    (tmp_path / "bare.sse").write_bytes(PLAIN)
    played = client()
    for name in ("plain", "crlf-divided"):
        response = post(played, f"/my-{name}")
        assert response.data == (CORPUS / f"{name}.sse").read_bytes()
    assert post(played, "/bare").data == PLAIN
    assert post(played, "", "simulate: bare").data == PLAIN
    assert post(played, "/my-empty-520").status_code == 520
    with pytest.raises(Cut):
        list(post(played, "/my-dropped").iter_encoded())


def test_lines_of_json_are_a_recording(tmp_path: Path, client: Client) -> None:
    (tmp_path / "lines.jsonl").write_bytes(b"\n".join(EVENTS) + b"\n\n")
    found = message(post(client(), "/lines"))
    assert found["content"] == DESCRIPTION["expected"]["blocks"]
    sent = post(client(), "/lines").data
    assert [line[6:] for line in sent.split(b"\n") if line.startswith(b"data: ")] == EVENTS


@pytest.mark.parametrize("name", ["mine", "bare", "timed", "lines"])
def test_faults_go_on_top(tmp_path: Path, client: Client, name: str) -> None:
    (tmp_path / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "bare.sse").write_bytes(PLAIN)
    (tmp_path / "lines.jsonl").write_bytes(b"\n".join(EVENTS))
    for suffix in ("json", "sse"):
        shutil.copy(CORPUS / f"plain.{suffix}", tmp_path / f"timed.{suffix}")
    played = client()
    whole, early = post(played, f"/{name}"), post(played, f"/{name}/end-early;at=3")
    assert whole.data.startswith(early.data)
    assert early.data.count(b"\ndata: ") == 2
    assert post(played, f"/{name}/status;code=529").status_code == 529


def test_own_files_are_listed(tmp_path: Path, client: Client) -> None:
    (tmp_path / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "bare.sse").write_bytes(PLAIN)
    (tmp_path / ".hidden").write_bytes(b"")
    index = client().get("/simulator/index.json").json
    assert index is not None
    assert [one["name"] for one in index["scenarios"]] == [*LIBRARY.scenarios, "mine"]
    assert index["recordings"] == [{"name": "bare", "title": ""}]
    refusal = post(client(), "/nothing").json
    assert refusal is not None
    assert ", mine, bare, auto" in refusal["error"]["message"]


@pytest.mark.parametrize(
    ("name", "body", "told"),
    [
        ("a.toml", b"seed = = 2", "a.toml: not valid TOML: Invalid value (at line 1, column 8)"),
        ("a.toml", b"speed = 2", "a.toml: speed: is not known"),
        ("a.toml", SCENARIO.encode() + b"[timing]\ncharacters_per_second = 0", "a.toml: timing.ch"),
        ("a.toml", b"model = []", "a.toml: unknown model []; known: claude-"),
        ("a.toml", b"[[blocks]]\ntype = []\n[end]\nstop_reason = 'end_turn'", "a.toml: blocks.0: "),
        (
            *("a.toml", b"[[blocks]]\ntype = 'text'\n[end]\nstop_reason = 'end_turn'"),
            "a.toml: blocks.0.text: is missing; it takes: string",
        ),
        (
            *("a.toml", b"[[blocks]]\ntype = 'text'\ntext = 5\n[end]\nstop_reason = 'end_turn'"),
            "a.toml: blocks.0.text: takes: string",
        ),
        (
            *("a.toml", SCENARIO.encode() + b"[usage]\ninput_tokens = 'many'"),
            "a.toml: usage.input_tokens: takes a number of tokens",
        ),
        ("a.toml", b"a = " + b"[" * 5000, "a.toml: not valid TOML: nested too deeply"),
        ("a.txt", b" \n", "a.txt: has no text"),
        ("a.txt", b"One\nTw\xff", "a.txt: line 2: takes text in UTF-8"),
        ("a.sse", b"No event\n\n", "a.sse: has no event: it takes lines that begin with data:"),
        ("a.jsonl", b"\n", "a.jsonl: has no event: it takes one a line, as JSON"),
        ("a.jsonl", EVENTS[0] + b"\n[1]", "a.jsonl: line 2: takes an event as a JSON object"),
        ("a.jsonl", b'{"type": "a\\nb"}', "a.jsonl: line 1: takes an event as a JSON object"),
        (
            "a.json",
            b"{}",
            "a.json: answers: Field required. It takes answers, paced; an answer takes scenario, "
            "recording, text, tool, message, error, stop_reason, characters_per_second, faults, "
            "when; when takes text, tool, model, turn. If it describes a recording, a.sse is missing",
        ),
        ("a.json", b'{"answers": [{"text": "a", "faults": "drop"}]}', "a.json: takes one answer"),
        ("a.json", b'{"answers": [{"text": "a"}], "paced": false}', "a.json: takes one answer"),
        ("a.json", b'{"answers": [{"text": "a"}, {"text": "b"}]}', "a.json: takes one answer"),
        (
            "a.json",
            b'{"answers": [{"text": "a", "when": {"turn": 1}}]}',
            "a.json: takes one answer",
        ),
        ("a.yaml", b"", "a.yaml: the folder takes files called NAME.toml, NAME.txt, NAME.md, "),
        ("my_own.txt", b"One", "my_own.txt: a name has letters, digits and -"),
        ("hello.txt", b"One", "hello.txt: hello already has a meaning in a base URL"),
        ("v1.txt", b"One", "v1.txt: v1 already has a meaning in a base URL"),
        ("auto.sse", PLAIN, "auto.sse: auto already has a meaning in a base URL"),
    ],
)
def test_a_file_that_cannot_be_played_is_named_with_what_it_takes(
    tmp_path: Path, name: str, body: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(body)
    assert refused(tmp_path).startswith(told)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": 99}, "a.json: response.status: "),
        ({"end": "soon"}, "a.json: response.end: Input should be 'whole'"),
        ({"chunks": [[1, 2]]}, "a.json: response.chunks: their bytes are not the 883 of the body"),
        ({"chunks": [[9, 800], [8, 83]]}, "a.json: response.chunks: their milliseconds never go"),
        ({"chunks": [[9, 900], [9, -17]]}, "a.json: response.chunks.1.1: "),
        ({"headers": {"a b": "c"}}, "a.json: response.headers: 'a b' is no header of HTTP"),
        ({"headers": {"a": "b\r\nc: d"}}, "a.json: response.headers: 'a' is no header of HTTP"),
        ({"headers": {"Content-Length": "883"}}, "a.json: response.headers: leave out Content-Le"),
        ({"headers": {"transfer-encoding": "x"}}, "a.json: response.headers: leave out transfer-"),
    ],
)
def test_a_description_that_cannot_be_played_is_named_with_the_place(
    tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    (tmp_path / "a.sse").write_bytes(PLAIN)
    response = DESCRIPTION["response"] | changes
    (tmp_path / "a.json").write_text(json.dumps({"response": response}), encoding="utf-8")
    assert refused(tmp_path).startswith(told)


def test_two_files_cannot_have_one_name(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"One")
    (tmp_path / "a.sse").write_bytes(PLAIN)
    assert refused(tmp_path) == "a.txt: has the name of a.sse; take another name"


def test_folders_and_links_to_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    assert refused(tmp_path).startswith("a.toml: the folder takes files called")
    (tmp_path / "a.toml").rmdir()
    (tmp_path / "b.txt").symlink_to(tmp_path / "nothing")
    assert refused(tmp_path).startswith("b.txt: the folder takes files called")


def test_number_and_size_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.sse").write_bytes(PLAIN)
    monkeypatch.setattr(module, "MOST_TOTAL_BYTES", 2 * len(PLAIN) - 1)
    assert refused(tmp_path).startswith("b.sse: is too large: .sse takes up to 4,194,304 bytes")
    monkeypatch.setattr(module, "MOST_FILES", 1)
    assert refused(tmp_path) == f"{tmp_path}: has 2 files; it takes up to 1"
    (tmp_path / "b.sse").unlink()
    (tmp_path / "a.sse").unlink()
    (tmp_path / "c.txt").write_bytes(b"x" * (module.MOST_TEXT_BYTES + 1))
    assert refused(tmp_path).startswith("c.txt: is too large: .txt takes up to 1,048,576 bytes")


@pytest.mark.parametrize(
    "command",
    [
        ("app.py",),
        ("-m", "gunicorn", "--check-config", "-c", "gunicorn.conf.py", "app:create_app()"),
    ],
    ids=["app.py", "gunicorn"],
)
def test_a_server_ends_at_the_start_with_one_line_about_the_file(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "a.txt").write_bytes(b"")
    own = {"SCENARIOS": str(tmp_path), "PORT": "0", "ENV_FILE": os.devnull}
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | own,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (1, "SCENARIOS: a.txt: has no text.\n")
