"""What a connection does after message_stop, which is the end of an answer."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.generator.relays import program
from tests.programs.test_runs import text_of
from tools.goldens import FOLDER as GOLDENS
from tools.server import environment

SECONDS = 60.0
HELLO = (GOLDENS / "hello.sse").read_bytes()
# Not TypeScript, which has the template of JavaScript, nor curl, which `program` does not run.
LANGUAGES = ("python", "python-async", "python-plain", "javascript", "javascript-fetch")


@contextmanager
def api(how: str) -> Iterator[str]:
    """Sends a whole stream in a body that is not over, and then breaks off or says no more."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-type", "text/event-stream; charset=utf-8")
            self.send_header("content-length", str(len(HELLO) + 1))
            self.end_headers()
            self.wfile.write(HELLO)
            self.close_connection = True
            if how == "stays open":
                ended.wait(SECONDS)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            ended.set()
            server.shutdown()


@pytest.mark.parametrize("how", ["breaks off", "stays open"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_that_is_whole_stays_so(language: str, how: str) -> None:
    with api(how) as url, program(language) as command:
        ended = subprocess.run(
            command,
            env=environment({"ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": url}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS / 2,
            check=False,
        )
    assert (ended.returncode, ended.stdout) == (0, text_of("hello")), ended.stderr
