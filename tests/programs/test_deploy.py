"""The samples of the page deploy: nginx, with its defaults and with the page's, and FastAPI."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from tests.programs.test_runs import FOLDER
from tools import commands
from tools.server import environment, free_port, listens, started

CONFIGURATION = """\
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    {temporary}
    gzip on;
    gzip_types text/event-stream;
    gzip_min_length 0;
    server {{
        listen 127.0.0.1:{port};
        location /default {{ proxy_pass http://127.0.0.1:8000; }}
        {sample}
    }}
}}
"""
FIRST = b"event: ping\ndata: {}\n\n"
# What does not come within this time is held back, and what comes at all comes much earlier.
HELD_SECONDS = 1.0
SECONDS = 30.0


class Behind(ThreadingHTTPServer):
    """Sends an event, and nothing more until `release` is set."""

    release: threading.Event


class Handler(BaseHTTPRequestHandler):
    server: Behind
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(FIRST), FIRST))
        self.server.release.wait(SECONDS)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, format: str, *args: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture
def behind() -> Iterator[Behind]:
    with Behind(("127.0.0.1", 0), Handler) as server:
        server.release = threading.Event()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.release.set()
        server.shutdown()
        thread.join()


@contextmanager
def nginx(folder: Path, behind: int) -> Iterator[int]:
    """The port of nginx with the page's location, and with one of defaults."""
    port = free_port()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    text = CONFIGURATION.format(
        folder=folder,
        port=port,
        temporary=" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds),
        sample=(FOLDER / "nginx-stream.conf").read_text("utf-8"),
    )
    file = folder / "nginx.conf"
    file.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{behind}"), "utf-8")
    program = commands.find("nginx")
    assert program is not None, "nginx is missing: make test installs it"
    command = [program, "-p", str(folder), "-c", str(file), "-g", "daemon off;"]
    with started(command, environment({}), lambda: listens(port)):
        yield port


@contextmanager
def asked(port: int, path: str, seconds: float = SECONDS) -> Iterator[httpx2.Response]:
    """The response for a client that takes gzip. Raises ReadTimeout when its head is held back."""
    with (
        httpx2.Client(timeout=seconds, headers={"accept-encoding": "gzip"}) as client,
        client.stream("POST", f"http://127.0.0.1:{port}{path}") as response,
    ):
        yield response


def test_the_location_of_the_page_passes_on_what_nginx_would_hold_back(
    behind: Behind, tmp_path: Path
) -> None:
    with nginx(tmp_path, behind.server_port) as port:
        with pytest.raises(httpx2.ReadTimeout), asked(port, "/default", HELD_SECONDS):
            pass
        with asked(port, "/ask") as response:
            assert "content-encoding" not in response.headers
            pieces = response.iter_raw()
            assert next(pieces) == FIRST
            behind.release.set()
            assert list(pieces) == []


@pytest.fixture(scope="module")
def routes(site: str) -> Iterator[int]:
    """The port of the FastAPI program, which meets a silence that outlasts every test."""
    port = free_port()
    fault = "slow;factor=0+stall;at=5;seconds=300"
    settings = {
        **os.environ,
        "ANTHROPIC_API_KEY": "any",
        "ANTHROPIC_BASE_URL": f"{site}/simulator/hello/{fault}",
    }
    command = [sys.executable, str(FOLDER / "fastapi-routes.py"), str(port)]
    # Not asked to end in peace: it would wait for the silence.
    ready = re.compile(r"running on (http://\S+) ")
    with started(command, settings, ready, stop=signal.SIGKILL):
        yield port


# The last one is of no use any more.
@pytest.mark.parametrize("path", ["/ask", "/in-a-thread", "/blocks"])
def test_a_synchronous_client_in_an_asynchronous_route_stops_the_server(
    routes: int, path: str
) -> None:
    alive = httpx2.Client(base_url=f"http://127.0.0.1:{routes}", timeout=SECONDS)
    with alive, asked(routes, path) as response:
        # The silence comes after this one.
        assert next(response.iter_text())
        if path == "/blocks":
            with pytest.raises(httpx2.ReadTimeout):
                alive.get("/alive", timeout=HELD_SECONDS)
        else:
            assert alive.get("/alive").json() == "yes"
