"""The server starter reports the site's failure instead of a time-out."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tools.server import running

SERVES = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("something broke", flush=True)
            os._exit(1)
        self.send_response(204)
        self.end_headers()

server = HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
print("a line before")
print(f"Streamguide is at http://127.0.0.1:{server.server_port}/  (Ctrl-C stops it)")
server.serve_forever()
"""


def program(folder: Path, text: str) -> str:
    path = folder / "app.py"
    path.write_text(text)
    return str(path)


def test_gives_the_address_without_a_slash_at_the_end(tmp_path: Path) -> None:
    with running(app=program(tmp_path, SERVES)) as server:
        assert server.url.removeprefix("http://127.0.0.1:").isdigit()
        with urllib.request.urlopen(server.url) as answer:
            assert answer.status == 204


def test_a_site_that_does_not_start_fails_with_its_log(tmp_path: Path) -> None:
    app = program(tmp_path, "raise SystemExit('PORT is taken')")
    with pytest.raises(RuntimeError, match="PORT is taken"), running(app=app):
        pass


def test_a_site_that_dies_during_the_tests_fails_with_its_log(tmp_path: Path) -> None:
    app = program(tmp_path, SERVES)
    with pytest.raises(RuntimeError, match="something broke"), running(app=app) as server:
        with pytest.raises(OSError):
            urllib.request.urlopen(f"{server.url}/die")
        server.finish_log()


def test_no_key_of_the_person_who_runs_the_tests_reaches_the_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    app = program(tmp_path, "import os, sys; sys.exit(str(os.environ.get('ANTHROPIC_API_KEY')))")
    with pytest.raises(RuntimeError, match="None"), running({"EXTRA": "1"}, app=app):
        pass
