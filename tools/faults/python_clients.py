"""The Python SDK's four ways of streaming, on every case: a process of its own.

Reads the cases from stdin, `[{"fault", "url", "limit", "guard"}, …]`. Writes lines of JSON: the
SDK's version and the runtime, then what came of each case, as soon as it has ended.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from inspect import iscoroutinefunction
from typing import Any

import anthropic
import httpx2

# More at once would measure a slow machine.
_AT_ONCE = 32
_REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 20_000,
    "messages": [{"role": "user", "content": "Hello"}],
}
# A connection that is used again might end between two cases.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=0)


@dataclass
class Found:
    """What a program has received when it ends."""

    client: str
    fault: str
    key: str
    text: str = ""
    seen: list[str] = field(default_factory=list)
    raised: str | None = None
    cause: str | None = None
    status: int | None = None
    type: str | None = None
    printed: str = ""
    time: str = "quick"

    def see(self, event: Any) -> None:
        """An event as `create(stream=True)` gives it, or as `stream()` does."""
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            self.text += event.delta.text
        if event.type not in self.seen:
            self.seen.append(event.type)

    def fail(self, error: Exception) -> None:
        """Record the exception, and whether it was the client's own time-out."""
        self.raised = _name(error)
        self.printed = "".join(traceback.format_exception_only(error))
        if isinstance(error, anthropic.APIConnectionError) and error.__cause__ is not None:
            self.cause = _name(error.__cause__)
        self.status = getattr(error, "status_code", None)
        self.type = getattr(error, "type", None)
        if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
            self.time = "limit"


def _name(error: BaseException) -> str:
    package = type(error).__module__.partition(".")[0]
    name = type(error).__qualname__
    return name if package == "builtins" else f"{package}.{name}"


def _stream(client: anthropic.Anthropic, found: Found) -> None:
    with client.messages.stream(**_REQUEST) as stream:
        for event in stream:
            found.see(event)
        stream.get_final_message()


def _create(client: anthropic.Anthropic, found: Found) -> None:
    with client.messages.create(**_REQUEST, stream=True) as stream:
        for event in stream:
            found.see(event)


async def _async_stream(client: anthropic.AsyncAnthropic, found: Found) -> None:
    async with client.messages.stream(**_REQUEST) as stream:
        async for event in stream:
            found.see(event)
        await stream.get_final_message()


async def _async_create(client: anthropic.AsyncAnthropic, found: Found) -> None:
    async with await client.messages.create(**_REQUEST, stream=True) as stream:
        async for event in stream:
            found.see(event)


async def _measure(
    found: Found, case: dict[str, Any], run: Callable[[Found], Awaitable[None]]
) -> None:
    guard = asyncio.timeout(case["guard"])
    try:
        async with guard:
            await run(found)
    except Exception as error:
        if guard.expired():
            found.time = "hang"
        else:
            found.fail(error)
    print(json.dumps(asdict(found)), flush=True)


async def main() -> None:
    """Measure all of it, several cases at a time."""
    cases = json.load(sys.stdin)
    version = ".".join(map(str, sys.version_info[:2]))
    print(json.dumps({"version": anthropic.__version__, "runtime": f"python{version}"}))
    gate = asyncio.Semaphore(_AT_ONCE)
    # Some threads keep waiting after the guard timed out.
    threads = ThreadPoolExecutor(2 * len(cases))
    http = anthropic.DefaultHttpxClient(limits=_LIMITS)
    async_http = anthropic.DefaultAsyncHttpxClient(limits=_LIMITS)
    client = anthropic.Anthropic(api_key="any", http_client=http)
    async_client = anthropic.AsyncAnthropic(api_key="any", http_client=async_http)

    async def one(name: str, way: Callable[..., Any], number: int, case: dict[str, Any]) -> None:
        # A key of its own makes the journal tell this client's requests from all others.
        found = Found(name, case["fault"], f"{name}-{number}")
        options = {
            "base_url": case["url"],
            "api_key": found.key,
            "timeout": httpx2.Timeout(60, read=case["limit"]),
        }

        async def run(found: Found) -> None:
            if iscoroutinefunction(way):
                await way(async_client.with_options(**options), found)
            else:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(threads, way, client.with_options(**options), found)

        async with gate:
            await _measure(found, case, run)

    ways: dict[str, Callable[..., Any]] = {
        "python-stream": _stream,
        "python-create": _create,
        "python-async-stream": _async_stream,
        "python-async-create": _async_create,
    }
    jobs = [
        one(name, way, number, case)
        for number, case in enumerate(cases)
        for name, way in ways.items()
    ]
    await asyncio.gather(*jobs)
    # Do not wait for threads that hang.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main())
