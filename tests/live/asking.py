"""Asking live mode as its page does, and what came of it."""

from __future__ import annotations

import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from streamguide.reading.events import Event, event_of
from streamguide.reading.frames import FrameParser
from tools.faults.cases import Case
from tools.server import WITHOUT_LIMITS, Server, running

KEY = "sk-ant-test-key-that-nobody-may-see"
MODEL = "claude-haiku-5-5"
# Short where a test waits for them; the rest is out of the way.
SETTINGS = {
    **WITHOUT_LIMITS,
    "LIVE_SILENCE_SECONDS": "2",
    "LIVE_FIRST_EVENT_SECONDS": "4",
    "LIVE_HEARTBEAT_SECONDS": "0.5",
    "LIVE_RETRIES": "2",
}
TIMEOUT = 30.0
# No scenario pauses for so long; a fault that is silent for longer has sent all that counts.
_PATIENCE = 4.0
_ID = re.compile(r"\b(?:msg|req|toolu|srvtoolu)_[A-Za-z0-9]+|(?<=\"signature\": \")[^\"]+")
# Faults that a stream meets after its first event, when nothing is tried again.
_LATER = ("error-event", "drop", "end-early", "garble")
# The ends of streams that live mode itself ends while more is sent.
_ENDED_HERE = ("live_silent", "live_broken_event", "live_no_message", "live_spliced")


@dataclass(frozen=True)
class LiveAnswer:
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

    def ask(
        self, prompt: str = "Hello", headers: Mapping[str, str] = {}, **fields: Any
    ) -> LiveAnswer:
        """POST a request, and read the answer to its end."""
        response = httpx2.post(
            f"{self.url}/live/messages",
            json=request_of(prompt, **fields),
            headers={"origin": self.url, **headers},
            timeout=TIMEOUT,
        )
        return answer_of(response)

    def connect(
        self, prompt: str = "Hello", *, front: str | None = None, **fields: Any
    ) -> socket.socket:
        """POST a request on a socket of one's own, and leave the reading to the caller.

        `front` is the address of a proxy to ask instead.
        """
        url = front or self.url
        parts = urlsplit(url)
        body = json.dumps(request_of(prompt, **fields)).encode()
        connection = socket.create_connection((str(parts.hostname), parts.port or 80), TIMEOUT)
        connection.sendall(
            f"POST /live/messages HTTP/1.1\r\nhost: {parts.netloc}\r\norigin: {url}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        return connection

    def journal(self, word: str = "") -> list[dict[str, Any]]:
        """What the simulator saw of the requests with this word in them, the oldest first."""
        found = json.loads(_get(f"{self.simulator}/simulator/journal.json", {"x-api-key": KEY}))
        return [one for one in found["requests"] if word in json.dumps(one["body"])]

    def get(self, path: str) -> str:
        """A page of the site, or its error."""
        return _get(f"{self.url}{path}", {}).decode()


def request_of(prompt: str, **fields: Any) -> dict[str, Any]:
    """A request as the page makes it."""
    messages = [{"role": "user", "content": prompt}]
    return {"model": MODEL, "max_tokens": 1000, "messages": messages, **fields}


def answer_of(response: httpx2.Response) -> LiveAnswer:
    """The answer of a response that was read."""
    is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
    body = response.content if is_stream else b""
    return LiveAnswer(
        response.status_code,
        {name.lower(): value for name, value in response.headers.items()},
        response.content,
        events_of(FrameParser(), body),
        sum(frame.data is None for frame in FrameParser().feed(body)),
    )


def events_of(parser: FrameParser, chunk: bytes) -> list[Event]:
    """The events that these bytes complete."""
    return [event for frame in parser.feed(chunk) if (event := event_of(frame)) is not None]


def direct(simulator: str, prompt: str) -> list[dict[str, Any]]:
    """The whole events that the simulator itself sends, until its stream ends or breaks."""
    parts = urlsplit(simulator)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=_PATIENCE)
    headers = {
        "x-api-key": "another-key",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    body = json.dumps({**request_of(prompt), "stream": True})
    connection.request("POST", "/simulator/v1/messages", body, headers)
    parser = FrameParser()
    events: list[Event | None] = []
    try:
        response = connection.getresponse()
        while chunk := response.read1(65536):
            events += events_of(parser, chunk)
        events.append(event_of(parser.end()))
    except (http.client.HTTPException, OSError):
        pass
    finally:
        connection.close()
    return [event for event in events if event is not None]


def within(seconds: float, is_so: Callable[[], bool]) -> None:
    """Wait for a condition, and fail when its time is up."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"it was not so within {seconds:g} s"
        time.sleep(0.03)


def told(case: Case) -> str:
    """The prompt that meets a fault."""
    return f"simulate: hello/{case.path}"


def shapes(events: list[dict[str, Any]]) -> list[str]:
    """The events without ids and signatures, which are new in every answer."""
    return [_ID.sub("id", json.dumps(event)) for event in events]


def wrong_end(answer: LiveAnswer) -> str:
    """What is wrong with how an answer ends: "" if it is whole, or says once what is missing."""
    if answer.status != 200:
        is_told = answer.status >= 400 and json.loads(answer.body)["type"] == "error"
        is_whole = is_told and answer.error["message"] and answer.headers.get("request-id")
        return "" if is_whole else f"HTTP {answer.status} without the envelope"
    types = [event["type"] for event in answer.events]
    ends = [type_ for type_ in types if type_ in ("message_stop", "error")]
    return "" if len(ends) == 1 and types[-1] == ends[0] else f"ends with {types[-1:]}, has {ends}"


def wrong_events(case: Case, answer: LiveAnswer, sent: list[dict[str, Any]]) -> str:
    """What is wrong with the events of a stream, of all that were `sent`: "" if none is lost."""
    if answer.status != 200:
        return ""
    is_cut = answer.events[-1]["type"] == "error" and answer.code.startswith("live_")
    got = shapes(answer.events[:-1] if is_cut else answer.events)
    # After its end nothing of a stream counts. What the relay ended, or a reset swallowed, is
    # the beginning of it; everything else is all that the simulator sent.
    is_part = not is_cut or answer.code in _ENDED_HERE or "reset" in case.fault
    expected = shapes(sent)
    is_right = got == (expected[: len(got)] if is_part else expected)
    return "" if is_right else f"{len(got)} events of {len(expected)}, or others"


def wrong_retry(case: Case, answer: LiveAnswer) -> str:
    """What is wrong with an answer whose fault passes: "" if it was tried again while it could."""
    expected = "error" if case.fault.partition(";times")[0] in _LATER else "message_stop"
    is_right = answer.status == 200 and answer.events[-1]["type"] == expected
    return "" if is_right else f"HTTP {answer.status} and no {expected}"


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
