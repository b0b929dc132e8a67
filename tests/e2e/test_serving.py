"""How the site is served: by app.py and by gunicorn."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from streamguide import __version__
from tests.simulator.connections import BODY, gunicorn
from tools.process import ROOT
from tools.server import environment


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken.getsockname()[1]


def run_app(**settings: str) -> subprocess.CompletedProcess[str]:
    """Run app.py when it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def response_to(method: str, url: str) -> Iterator[http.client.HTTPResponse]:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=20)) as connection:
        connection.request(method, parts.path, BODY if method == "POST" else None, HEADERS)
        with connection.getresponse() as response:
            yield response


STREAM = "/simulator/hello/v1/messages"
HEADERS = {"x-api-key": "any", "anthropic-version": "2026-10-21"}


def test_a_port_in_use_gives_one_clear_line() -> None:
    with taken_port() as port:
        ended = run_app(PORT=str(port))
    assert ended.returncode == 1
    assert ended.stdout == ""
    line = rf"127\.0\.0\.1:{port} is in use\. Choose another port, such as: make run PORT=\d+\n"
    assert re.fullmatch(line, ended.stderr)


def test_an_address_that_is_not_ours_gives_one_clear_line() -> None:
    ended = run_app(HOST="192.0.2.1", PORT="8000")
    assert ended.returncode == 1
    assert re.fullmatch(r"Cannot listen on 192\.0\.2\.1:8000: .+\n", ended.stderr)


def test_a_wrong_setting_stops_the_start_with_its_name() -> None:
    ended = run_app(PORT="eighty")
    assert ended.returncode == 1
    assert ended.stderr == "PORT is 'eighty'; it takes a number from 0 to 65535 (0: any free).\n"


def test_pages_name_the_port_that_the_system_chose(site: str) -> None:
    with response_to("GET", f"{site}/llms.txt") as response:
        assert f"({site}/simulator)" in response.read().decode()


def test_streams_are_chunked_and_kept_alive_so_that_every_client_sees_a_cut(site: str) -> None:
    with response_to("POST", site + STREAM) as response:
        assert response.version == 11
        assert response.getheader("Transfer-Encoding") == "chunked"
        assert response.getheader("Connection") in (None, "keep-alive")
        assert response.read().endswith(b"\n\n")


def test_the_bytes_of_a_stream_come_at_their_times_not_at_the_end(site: str) -> None:
    with response_to("POST", site + STREAM) as response:
        assert response.readline() == b"event: message_start\n"
        first = time.monotonic()
        assert b"message_stop" in response.read()
        # The scenario goes on for 3 s after its first event.
        assert time.monotonic() - first > 1


def test_sigterm_ends_the_site_with_code_0() -> None:
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env={"PORT": "0"}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Streamguide is at http://127.0.0.1:")
        process.terminate()
        assert process.wait(10) == 0


def test_gunicorn_serves_the_same_site() -> None:
    with gunicorn() as url:
        with response_to("GET", f"{url}/healthz") as response:
            assert __version__ in response.read().decode()
        with response_to("POST", url + STREAM) as response:
            assert response.getheader("Transfer-Encoding") == "chunked"
            assert b"message_stop" in response.read()
