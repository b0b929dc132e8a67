"""The Python SDK's four ways of streaming, on every case: a process of its own.

Reads `{"base": …, "cases": [{"fault", "path", "limit", "guard"}, …]}` from stdin, and writes the
SDK's version, the runtime and what came of each case to stdout, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from threading import Thread
from typing import Any

import anthropic
import httpx2

# More at once would make the machine slow, which is not what is measured.
_AT_ONCE = 16
_REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 20_000,
    "messages": [{"role": "user", "content": "Hello"}],
}


@dataclass(slots=True)
class Found:
    """What a program has at its end."""

    client: str
    fault: str
    key: str
    text: str = ""
    seen: list[str] = field(default_factory=list)
    raised: str | None = None
    cause: str | None = None
    status: int | None = None
    type: str | None = None
    time: str = "quick"

    def see(self, event: Any) -> None:
        """An event as `create(stream=True)` gives it, or as `stream()` does."""
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            self.text += event.delta.text
        if event.type not in self.seen:
            self.seen.append(event.type)

    def fail(self, error: Exception) -> None:
        """What was raised, and whether it was the client's own limit."""
        self.raised = _name(error)
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


_SYNC: dict[str, Callable[[anthropic.Anthropic, Found], None]] = {
    "python-stream": _stream,
    "python-create": _create,
}
_ASYNC: dict[str, Callable[[anthropic.AsyncAnthropic, Found], Awaitable[None]]] = {
    "python-async-stream": _async_stream,
    "python-async-create": _async_create,
}


def _options(base: str, case: dict[str, Any], found: Found) -> dict[str, Any]:
    timeout = httpx2.Timeout(60, read=case["limit"])
    return {"base_url": f"{base}/{case['path']}", "api_key": found.key, "timeout": timeout}


def _found(client: str, number: int, case: dict[str, Any]) -> Found:
    # A key of its own makes the journal tell this client's requests from all others.
    return Found(client, case["fault"], f"{client}-{number}")


# A connection that is used again might end between two cases.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=0)


def measure_sync(base: str, cases: list[dict[str, Any]]) -> list[Found]:
    """Both synchronous ways, several cases at a time."""
    http = anthropic.DefaultHttpxClient(limits=_LIMITS)
    made = anthropic.Anthropic(api_key="any", http_client=http)

    def one(way: str, number: int, case: dict[str, Any]) -> Found:
        found = _found(way, number, case)
        client = made.with_options(**_options(base, case, found))

        def work() -> None:
            try:
                _SYNC[way](client, found)
            except Exception as error:
                found.fail(error)

        # A thread that nobody has to wait for.
        thread = Thread(target=work, daemon=True)
        thread.start()
        thread.join(case["guard"])
        if thread.is_alive():
            found.time = "hang"
        return found

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        jobs = [(way, number, case) for number, case in enumerate(cases) for way in _SYNC]
        return list(pool.map(lambda job: one(*job), jobs))


async def measure_async(base: str, cases: list[dict[str, Any]]) -> list[Found]:
    """Both asynchronous ways, several cases at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)
    http = anthropic.DefaultAsyncHttpxClient(limits=_LIMITS)

    async def one(way: str, number: int, case: dict[str, Any]) -> Found:
        found = _found(way, number, case)
        client = made.with_options(**_options(base, case, found))
        async with gate:
            limit = asyncio.timeout(case["guard"])
            try:
                async with limit:
                    await _ASYNC[way](client, found)
            except Exception as error:
                if limit.expired():
                    found.time = "hang"
                else:
                    found.fail(error)
        return found

    async with anthropic.AsyncAnthropic(api_key="any", http_client=http) as made:
        jobs = [one(way, number, case) for number, case in enumerate(cases) for way in _ASYNC]
        return list(await asyncio.gather(*jobs))


def main() -> None:
    asked = json.load(sys.stdin)
    # Beside each other, because most of the time is spent waiting.
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(measure_sync, asked["base"], asked["cases"])
        found = asyncio.run(measure_async(asked["base"], asked["cases"]))
        found += beside.result()
    version = ".".join(map(str, sys.version_info[:2]))
    told = {
        "version": anthropic.__version__,
        "runtime": f"python{version}",
        "found": [asdict(one) for one in found],
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
