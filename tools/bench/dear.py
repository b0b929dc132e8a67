"""The dearest requests that a visitor can send, one or more for each route."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode, urlsplit

MB = 1_000_000
# In a path, it is replaced by a new number for each request, so that no cached answer is served.
NUMBER = "NUMBER"
_SIMULATOR = "/simulator/v1/messages"
_FORM = ("content-type: application/x-www-form-urlencoded",)
FASTEST = "slow;factor=0"
_API = ("x-api-key: any", "anthropic-version: 2026-10-21")


@dataclass(frozen=True)
class Dear:
    """A request. `body` makes its body once; `first` is sent `times` times before any.

    Its site has live mode, whose limits nobody reaches but those of `live`, unless that is None.
    """

    method: str
    path: str
    headers: tuple[str, ...] = _API
    body: Callable[[], bytes] = bytes
    first: Dear | None = None
    times: int = 0
    live: Mapping[str, str] | None = None

    def requests(self, url: str) -> Iterator[bytes]:
        """The request as bytes, again and again. Each ends its connection."""
        body = self.body()
        host = urlsplit(url).netloc
        for number in itertools.count():
            path = self.path.replace(NUMBER, str(number))
            lines = [f"{self.method} {path} HTTP/1.1", f"host: {host}", "connection: close"]
            # Live mode only answers its own page.
            lines += [f"origin: http://{host}"] if self.live is not None else []
            lines += [f"content-length: {len(body)}", *self.headers, "", ""]
            yield "\r\n".join(lines).encode() + body


def body(content: bytes = b'"Hello"', beside: bytes = b"") -> bytes:
    """A body with this JSON as a message's content, and this beside `messages`."""
    return (
        b'{"model":"claude-opus-5-5","max_tokens":20000,"messages":[{"role":"user","content":'
        + content
        + b"}]"
        + beside
        + b"}"
    )


def many(item: bytes, size: int) -> bytes:
    """An array of about `size` bytes."""
    return b"[" + ((item + b",") * (size // (len(item) + 1)))[:-1] + b"]"


@cache
def members(size: int) -> bytes:
    """The members of an object of about `size` bytes, each with a name of its own."""
    return b",".join(b'"%07x":0' % number for number in range(size // 12))


def messages(item: bytes, number: int) -> bytes:
    """A body with this number of copies of a message."""
    listed = many(item, number * (len(item) + 1))
    return b'{"model":"claude-opus-5-5","max_tokens":9,"messages":' + listed + b"}"


def _blocks(number: int) -> bytes:
    block = b'{"type":"text","text":"a"}'
    return many(block, number * (len(block) + 1))


def _post(body: Callable[[], bytes], path: str = _SIMULATOR) -> Dear:
    return Dear("POST", path, body=body)


def _form(path: str, **fields: str) -> Dear:
    return Dear("POST", path, _FORM, lambda: urlencode(fields).encode())


def _live(body: Callable[[], bytes], **settings: str) -> Dear:
    return Dear("POST", "/live/messages", ("content-type: application/json",), body, live=settings)


_SHORT = b'{"role":"user","content":"a"}'
_STREAMED = b',"stream":true'
# A journal full of characters that JSON writes as six each.
_JOURNALED = _post(lambda: b"\1" * 65_536)
_WORKLOAD = "input=1000000&cached=999999&output=1&requests=100000000&budget=1000000000&context=1"
# As many as a request line has room for; each is a problem of its own.
_UNKNOWN = "".join(f"&{number:x}=1" for number in range(1_300))

# The requests of other visitors meanwhile.
USUAL = {
    "/healthz": Dear("GET", "/healthz"),
    "page": Dear("GET", "/guide/python"),
    "stream": _post(lambda: body(beside=_STREAMED), f"/simulator/hello/{FASTEST}/v1/messages"),
}
REQUESTS = {
    "messages, 100,000 of them": _post(lambda: messages(_SHORT, 100_000)),
    "messages of 100,000 blocks": _post(
        lambda: messages(b'{"role":"user","content":' + _blocks(10_000) + b"}", 10)
    ),
    "messages, a block of 300,000 members": _post(
        lambda: body(b'[{"type":"text","text":"a",' + members(300_000 * 12) + b"}]")
    ),
    "messages, 31 MB of text": _post(lambda: body(b'"' + b"a" * 31 * MB + b'"')),
    "messages, 31 MB of quotes": _post(lambda: body(b'"' + b'\\"' * (31 * MB // 2) + b'"')),
    "messages, 31 MB of wrong blocks": _post(lambda: body(many(b"0", 31 * MB))),
    "messages, 31 MB without a key": Dear("POST", _SIMULATOR, (), lambda: b"a" * 31 * MB),
    "messages, a tool of 300,000 members": _post(
        lambda: body(
            beside=b',"tools":[{"name":"a","input_schema":{"type":"object","$defs":{'
            + members(300_000 * 12)
            + b"}}}]"
        )
    ),
    "messages, 9,000 in 256 kB": _post(lambda: messages(_SHORT, 8500)),
    "count_tokens of 100,000 messages": _post(
        lambda: messages(_SHORT, 100_000), f"{_SIMULATOR}/count_tokens"
    ),
    "a stream at once, byte by byte": _post(
        lambda: body(beside=_STREAMED),
        f"/simulator/long-prose/{FASTEST}+drip;byte=1/v1/messages",
    ),
    "a stream at once": _post(
        lambda: body(beside=_STREAMED), f"/simulator/long-prose/{FASTEST}/v1/messages"
    ),
    "a stream with pings at once": _post(
        lambda: body(beside=_STREAMED),
        f"/simulator/long-prose/{FASTEST}+many-pings/v1/messages",
    ),
    "a whole answer": _post(body, f"/simulator/web-search/{FASTEST}/v1/messages"),
    "models": Dear("GET", "/simulator/v1/models?limit=1000"),
    "the journal": Dear("GET", "/simulator/journal.json", first=_JOURNALED, times=100),
    "a key": Dear("GET", "/simulator/key.json"),
    "the simulator's page": Dear("GET", f"/simulator?fault=slow;factor=4.{NUMBER}"),
    "a program, curl": _form("/generator", language="curl", prompt="'" * 20_000),
    "a program, python-plain": _form(
        "/generator",
        language="python-plain",
        recovery="resume",
        prompt="'" * 20_000,
        **dict.fromkeys(("tool", "breaker", "stop", "usage", "count", "save"), "1"),
    ),
    "a program as text": _form("/generator/code", language="curl", prompt="'" * 20_000),
    "the demo's plan": Dear(
        "GET", "/demo/plans/web-search/many-pings+stall;seconds=3000;how=pings+crlf+drip.json"
    ),
    "the models, 1,300 unknown fields": Dear("GET", f"/models?{_WORKLOAD}{_UNKNOWN}", ()),
    "a page that is not there": Dear("GET", "/nowhere"),
    "the guide's index": Dear("GET", "/guide/search.json"),
    # As many as the limit of bytes allows; each would be an error of its own.
    "live mode, 300 kB of unknown fields": _live(
        lambda: messages(_SHORT, 1)[:-1] + b"," + members(300_000) + b"}"
    ),
    # Each character takes the 12 bytes that it may.
    "live mode, the longest prompt": _live(
        lambda: messages(b'{"role":"user","content":"' + b"\\ud83d\\ude00" * 20_000 + b'"}', 1)
    ),
    "live mode, one request too many": _live(lambda: messages(_SHORT, 1), LIVE_PER_MINUTE="1"),
}
