"""Asking live mode as its page does, and what came of it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from streamguide.live.frames import FrameCutter
from tests.server import Server, running

KEY = "sk-ant-test-key-that-nobody-may-see"
MODEL = "claude-haiku-5-5"
# Short where a test waits for them; the rest is out of the way.
SETTINGS = {
    "LIVE_SILENCE_SECONDS": "2",
    "LIVE_FIRST_EVENT_SECONDS": "4",
    "LIVE_HEARTBEAT_SECONDS": "0.5",
    "LIVE_VISITOR_PER_MINUTE": "100000",
    "LIVE_PER_MINUTE": "100000",
    "LIVE_VISITOR_STREAMS": "1000",
    "LIVE_STREAMS": "1000",
    "LIVE_TOKENS_PER_DAY": "1000000000",
    "LIVE_DOLLARS_PER_DAY": "1000000",
    "LIVE_BREAKER_FAILURES": "1000000",
    "LIVE_RETRIES": "2",
}
TIMEOUT = 30.0


@dataclass(frozen=True)
class Answer:
    """What came: `events` are the JSON of the stream's events, `comments` its comment lines."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    events: list[dict[str, Any]]
    comments: int

    @property
    def error(self) -> dict[str, Any]:
        """The error of an envelope."""
        found: dict[str, Any] = json.loads(self.body)["error"]
        return found

    @property
    def code(self) -> str:
        """The stable code of an error, its type where there is none."""
        error = self.events[-1]["error"] if self.events else self.error
        return str((error.get("details") or {}).get("error_code") or error["type"])

    @property
    def text(self) -> str:
        """The text of all deltas."""
        deltas = [event["delta"] for event in self.events if "delta" in event]
        return "".join(delta.get("text", "") for delta in deltas)


@dataclass(frozen=True)
class LiveSite:
    """A site with live mode on, and the simulator that it asks."""

    server: Server
    simulator: str

    @property
    def url(self) -> str:
        return self.server.url

    def ask(self, prompt: str = "Hello", headers: Mapping[str, str] = {}, **fields: Any) -> Answer:
        """POST a request, and read the answer to its end."""
        response = httpx2.post(
            f"{self.url}/live/messages",
            json=request_of(prompt, **fields),
            headers={"origin": self.url, **headers},
            timeout=TIMEOUT,
        )
        return answer_of(response)

    def connect(self, prompt: str = "Hello", **fields: Any) -> socket.socket:
        """POST a request on a socket of one's own, and leave the reading to the caller."""
        parts = urlsplit(self.url)
        body = json.dumps(request_of(prompt, **fields)).encode()
        connection = socket.create_connection((str(parts.hostname), parts.port or 80), TIMEOUT)
        connection.sendall(
            f"POST /live/messages HTTP/1.1\r\nhost: {parts.netloc}\r\norigin: {self.url}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        return connection

    def journal(self, word: str = "") -> list[dict[str, Any]]:
        """What the simulator saw of the requests with this word in them, the oldest first."""
        found = json.loads(_get(f"{self.simulator}/simulator/journal.json", {"x-api-key": KEY}))
        return [one for one in found["requests"] if word in json.dumps(one["body"])]

    def metrics(self) -> str:
        """What it tells this machine of itself."""
        return _get(f"{self.url}/metrics", {}).decode()


def request_of(prompt: str, **fields: Any) -> dict[str, Any]:
    """A request as the page makes it."""
    messages = [{"role": "user", "content": prompt}]
    return {"model": MODEL, "max_tokens": 1000, "messages": messages, **fields}


def answer_of(response: httpx2.Response) -> Answer:
    """The answer of a response that was read."""
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    frames = FrameCutter().feed(response.content) if is_stream else []
    return Answer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content,
        [frame.event for frame in frames if frame.event is not None],
        sum(frame.event is None for frame in frames),
    )


def direct(simulator: str, prompt: str) -> list[dict[str, Any]]:
    """The whole events that the simulator itself sends, until its stream ends or breaks."""
    parts = urlsplit(simulator)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT)
    headers = {
        "x-api-key": "another-key",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    body = json.dumps({**request_of(prompt), "stream": True})
    connection.request("POST", "/simulator/v1/messages", body, headers)
    cutter = FrameCutter()
    events = []
    try:
        response = connection.getresponse()
        while chunk := response.read1(65536):
            events += [frame.event for frame in cutter.feed(chunk) if frame.event is not None]
        last = cutter.end()
        events += [last.event] if last is not None and last.event is not None else []
    except (http.client.HTTPException, OSError, ValueError):
        pass
    finally:
        connection.close()
    return events


def _get(url: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TIMEOUT)
    try:
        connection.request("GET", parts.path, headers=dict(headers))
        return connection.getresponse().read()
    finally:
        connection.close()


@contextmanager
def live_site(simulator: str, settings: Mapping[str, str] = {}) -> Iterator[LiveSite]:
    """Run a site whose live mode asks `simulator`."""
    extra = {
        **SETTINGS,
        "ANTHROPIC_API_KEY": KEY,
        "ANTHROPIC_BASE_URL": f"{simulator}/simulator",
        **settings,
    }
    with running(extra) as server:
        yield LiveSite(server, simulator)
