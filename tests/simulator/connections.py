"""Raw connections to the simulator: what is really on the wire."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tools.process import ROOT

_SECONDS = 30.0
BODY = json.dumps(
    {
        "model": "claude-opus-5-5",
        "max_tokens": 20_000,
        "stream": True,
        "messages": [{"role": "user", "content": "Hello"}],
    }
).encode()


@contextmanager
def gunicorn(workers: int = 1) -> Iterator[str]:
    """The address of the site, served as in production."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    environment = {"PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            # It listens before its workers are ready: connections wait until they are.
            assert any("Listening at" in line for line in process.stderr)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate()
    assert process.returncode == 0


def head(path: str, key: str, length: int = len(BODY)) -> bytes:
    """The head of a request to `/simulator/<path>/v1/messages`."""
    lines = [
        f"POST /simulator/{path}/v1/messages HTTP/1.1",
        "host: simulator",
        f"x-api-key: {key}",
        "anthropic-version: 2026-10-21",
        "content-type: application/json",
        f"content-length: {length}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def connect(site: str) -> socket.socket:
    """A connection to the site, with a time limit on everything."""
    parts = urlsplit(site)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=_SECONDS)


def ask(connection: socket.socket, path: str, key: str) -> None:
    """Send a request for a stream."""
    connection.sendall(head(path, key) + BODY)


def read_to_end(connection: socket.socket) -> tuple[bytes, bool]:
    """Everything until the connection ends, and whether it ended by a reset."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        return received, True
    return received, False


def read_until(connection: socket.socket, end: bytes) -> bytes:
    """Everything up to these bytes. Fails if the connection ends before."""
    received = b""
    while not received.endswith(end):
        data = connection.recv(65536)
        assert data, f"ended after {received[-200:]!r}"
        received += data
    return received


def journal(site: str, key: str) -> list[dict[str, Any]]:
    """What the simulator knows of the key's requests."""
    request = urllib.request.Request(f"{site}/simulator/journal.json", headers={"x-api-key": key})
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        requests: list[dict[str, Any]] = json.load(answer)["requests"]
    return requests


def ended(site: str, key: str, number: int = 1) -> list[dict[str, Any]]:
    """The key's requests, once that many of them have ended. Fails when they do not."""
    deadline = time.monotonic() + _SECONDS
    requests: list[dict[str, Any]] = []
    while time.monotonic() < deadline:
        requests = journal(site, key)
        if sum(request["ended"] is not None for request in requests) >= number:
            return requests
    raise AssertionError(f"{number} requests have not ended: {requests}")
