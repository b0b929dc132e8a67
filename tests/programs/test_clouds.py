"""content/programs/clouds.py, against servers with the addresses of Vertex AI and of Foundry.

Bedrock's client needs botocore, which the tests do not install.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.programs.test_runs import FOLDER, text_of
from tools.faults.running import Ran, run
from tools.process import ROOT

MODEL = "claude-opus-5-5"
STREAM = (ROOT / "tests" / "golden" / "scenarios" / "hello.sse").read_bytes()
_SECONDS = 60.0


class Platform(ThreadingHTTPServer):
    """Answers every request with the stream hello, and keeps paths and bodies."""

    asked: list[tuple[str, dict[str, Any]]]


class Handler(BaseHTTPRequestHandler):
    server: Platform

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append((self.path, body))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("content-length", str(len(STREAM)))
        self.end_headers()
        self.wfile.write(STREAM)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(name: str, folder: Path, **settings: str) -> Ran:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("ANTHROPIC_")}
    command = [str(FOLDER / "clouds.py"), name, MODEL]
    return run(command, folder, {**kept, **settings}, _SECONDS)


def test_vertex_has_the_model_in_its_address_and_the_same_stream(
    platform: Platform, tmp_path: Path
) -> None:
    ended = ask(
        "vertex",
        tmp_path,
        CLOUD_ML_REGION="global",
        VERTEX_TOKEN="any",
        ANTHROPIC_VERTEX_PROJECT_ID="p",
        ANTHROPIC_VERTEX_BASE_URL=f"http://127.0.0.1:{platform.server_port}",
    )
    assert (ended.code, ended.out) == (0, f"{text_of('hello')}\n[end_turn]\n"), ended.err
    [(path, body)] = platform.asked
    models = "/projects/p/locations/global/publishers/anthropic/models"
    assert path == f"{models}/{MODEL}:streamRawPredict"
    assert body["anthropic_version"] == "2026-10-21"
    assert body["stream"] is True
    assert "model" not in body


def test_foundry_has_the_api_s_own_address_below_its_base(
    platform: Platform, tmp_path: Path
) -> None:
    ended = ask(
        "foundry",
        tmp_path,
        ANTHROPIC_FOUNDRY_API_KEY="any",
        ANTHROPIC_FOUNDRY_BASE_URL=f"http://127.0.0.1:{platform.server_port}/anthropic",
    )
    assert (ended.code, ended.out) == (0, f"{text_of('hello')}\n[end_turn]\n"), ended.err
    [(path, body)] = platform.asked
    assert path == "/anthropic/v1/messages"
    assert (body["model"], body["stream"]) == (MODEL, True)
