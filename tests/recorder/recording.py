"""A site that records, and asking through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from tests.live.asking import TIMEOUT, within
from tools.server import Server, running

KEY = "sk-ant-test-key-that-nobody-may-keep"
HEADERS = {
    "x-api-key": KEY,
    "anthropic-version": "2026-10-21",
    "content-type": "application/json",
}
MODEL = "claude-haiku-5-5"


def body(content: str = "Hello", **changes: Any) -> dict[str, Any]:
    """A request for a stream."""
    messages = [{"role": "user", "content": content}]
    return {"model": MODEL, "max_tokens": 500, "stream": True, "messages": messages} | changes


@dataclass(frozen=True)
class RecordingSite:
    """A running site."""

    server: Server

    @property
    def base(self) -> str:
        """What a program takes as its base URL."""
        return f"{self.server.url}/record"

    def post(self, path: str = "/v1/messages", content: str = "Hello", **changes: Any) -> Any:
        """The response to a request, read to its end."""
        url = f"{self.base}{path}"
        return httpx2.post(url, json=body(content, **changes), headers=HEADERS, timeout=TIMEOUT)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """A response of the site's own."""
        return httpx2.get(f"{self.server.url}{path}", headers=headers, timeout=TIMEOUT)

    def listed(self) -> list[Any]:
        """All requests that are kept, the oldest first."""
        requests: list[Any] = self.get("/recordings.json").json()["requests"]
        return sorted(requests, key=lambda one: one["at"])

    def ended(self) -> Any:
        """The last request, once its answer has ended."""
        within(TIMEOUT, lambda: self.listed()[-1]["ended"] is not None)
        return self.listed()[-1]


@contextmanager
def recording_site(base_url: str, **settings: str) -> Iterator[RecordingSite]:
    """A site whose recorder asks the API at an address."""
    with running({"RECORD_BASE_URL": base_url, **settings}) as server:
        yield RecordingSite(server)
