"""A relay of the generator, run as a developer runs it, in front of the simulator."""

from __future__ import annotations

import json
import re
import secrets
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from playwright.sync_api import Page, expect

from streamguide.generator.options import read
from streamguide.generator.render import render
from tests.generator.combinations import MODELS, TABLE
from tools import nodejs
from tools.faults.programs import command_of, compiled
from tools.process import ROOT
from tools.server import Server, environment, started

_ADDRESS = re.compile(r"(http://127\.0\.0\.1:[0-9]+)")
_SECONDS = 60.0
_PIECE = 65536
# The longest that a page of a relay may take, in ms.
PATIENCE_MS = 20_000


class Switch:
    """Stands between a relay and the site: a process keeps its address, its faults change.

    Each connection is handed on byte for byte, and ends as the other end does; only the path of
    a request gets the scenario and the fault.
    """

    def __init__(self, site: str) -> None:
        parts = urlsplit(site)
        assert parts.hostname and parts.port
        self._site = (parts.hostname, parts.port)
        self._path = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/switch"
        _start(self._accept)

    def to(self, fault: str, scenario: str = "hello") -> None:
        """From the next request on, this is met."""
        self._path = f"/simulator/{scenario}/{fault}".encode()

    def close(self) -> None:
        """Accept no more connections."""
        # Without it a thread that waits in accept() would wait on.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            site = socket.create_connection(self._site)
            _start(partial(self._hand_on, client, site, self._directed))
            _start(partial(self._hand_on, site, client, bytes))

    def _directed(self, data: bytes) -> bytes:
        if data.startswith(b"POST "):
            return data.replace(b" /switch/", b" " + self._path + b"/", 1)
        return data

    def _hand_on(
        self, source: socket.socket, to: socket.socket, change: Callable[[bytes], bytes]
    ) -> None:
        try:
            while data := source.recv(_PIECE):
                to.sendall(change(data))
        except OSError:
            pass
        # Whoever left, the other one must notice: nothing here closes only half.
        for one in (source, to):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


class Relay:
    """A running relay: its address, what it has printed, and what it asked the simulator."""

    def __init__(
        self, language: str, server: Server, client: httpx2.Client, site: str, key: str
    ) -> None:
        self.language = language
        self.url = server.url
        self.prints = server.prints
        self._client = client
        self._journal = f"{site}/simulator/journal.json"
        self._key = key

    def ask(self, question: str = "Why?", **others: object) -> httpx2.Response:
        """What it answers to a question, read to its end."""
        return self._client.post(f"{self.url}/answer", json={"question": question, **others})

    def send(self, body: bytes, kind: str, headers: Mapping[str, str] = {}) -> httpx2.Response:
        """What it answers to a body of this type."""
        return self._client.post(
            f"{self.url}/answer", content=body, headers={"content-type": kind, **headers}
        )

    @contextmanager
    def asking(self, patience: float = _SECONDS) -> Iterator[Iterator[bytes]]:
        """The pieces of its answer as they come. At the end of the context the client leaves.

        Raises httpx2.ReadTimeout if it comes to wait for longer than its patience.
        """
        body = {"question": "Why?"}
        url = f"{self.url}/answer"
        with self._client.stream("POST", url, json=body, timeout=patience) as response:
            yield response.iter_bytes()

    def requests(self) -> list[dict[str, Any]]:
        """The journal of its key: what it asked, and how each answer ended."""
        journal = self._client.get(self._journal, headers={"x-api-key": self._key})
        found: list[dict[str, Any]] = journal.json()["requests"]
        return found

    def ended(self) -> dict[str, Any]:
        """The journal's entry of the last request, once its answer is over."""
        deadline = time.monotonic() + _SECONDS
        while (last := self.requests()[-1])["ended"] is None:
            assert time.monotonic() < deadline, "it still goes on"
            # Another process keeps the journal: it can only be asked again.
            time.sleep(0.02)
        return last


@contextmanager
def program(language: str, **query: str) -> Iterator[Sequence[str]]:
    """The command that runs a program with these options, from a folder that is gone afterwards."""
    options = read({"language": [language], **{name: [q] for name, q in query.items()}}, MODELS)
    rendered = render(options, MODELS, TABLE)
    # Below the project's node_modules, where Node looks for packages.
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build", prefix="relay-") as folder:
        file = Path(folder, rendered.file)
        file.write_text(rendered.text, encoding="utf-8")
        if rendered.syntax == "python":
            yield [sys.executable, str(file)]
        else:
            node = str(nodejs.find())
            yield command_of(compiled([file], node)[0], node)


@contextmanager
def running(
    language: str, upstream: str, site: str, server: Sequence[str] = (), **query: str
) -> Iterator[Relay]:
    """A relay that asks `upstream`, which leads to `site`.

    It is run by itself, or by a module of Python with these arguments, in the relay's folder.
    """
    key = f"sk-{secrets.token_hex(8)}"
    extra = {"ANTHROPIC_BASE_URL": upstream, "ANTHROPIC_API_KEY": key}
    with (
        program(language, **query) as command,
        started(
            [command[0], "-m", *server] if server else command,
            environment(extra),
            _ADDRESS,
            folder=Path(command[-1]).parent,
            # Not asked to end in peace: a server may wait for a stream that a test left open.
            stop=signal.SIGKILL,
        ) as run,
        # One for all that is asked: each new one reads the machine's certificates first.
        httpx2.Client(timeout=_SECONDS) as client,
    ):
        yield Relay(language, run, client, site, key)


def events(stream: bytes) -> list[dict[str, Any]]:
    """The events of a stream, each of which must be whole."""
    *frames, rest = stream.decode().split("\n\n")
    assert rest == "", f"half an event at the end: {rest!r}"
    read_: list[dict[str, Any]] = []
    for frame in frames:
        name, data = frame.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        read_.append(event)
    return read_


def text_of(found: Sequence[Mapping[str, Any]]) -> str:
    """The text in the deltas of events."""
    deltas = (event.get("delta", {}) for event in found)
    return "".join(delta["text"] for delta in deltas if delta.get("type") == "text_delta")


def ask(page: Page, relay: Relay) -> None:
    """Ask the question that stands in the relay's page."""
    page.goto(relay.url)
    page.get_by_role("button", name="Ask", exact=True).click()


def status(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait until the page says this."""
    expect(page.get_by_role("status")).to_have_text(text, timeout=PATIENCE_MS)


def _start(target: Callable[[], object]) -> None:
    threading.Thread(target=target, daemon=True).start()


# Relays with their options, started when a test first needs them.
Start = Callable[..., Relay]

SCENARIOS = ROOT / "tests" / "golden" / "scenarios"
HELLO = (SCENARIOS / "hello.sse").read_bytes()
TEXT = text_of(events(HELLO))
