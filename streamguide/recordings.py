"""Recordings: streams that are stored with their times, and what a client should read in them.

`NAME.sse` is the body, byte for byte, and `NAME.json` describes it, as `content/corpus/schema.json`
says.

>>> load_all(Path("content/corpus"), rules)["plain"].title
'Nothing is wrong here'
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from streamguide.content_file import STRICT, ContentError, checked_json, inside
from streamguide.reading.events import well_formed
from streamguide.reading.frames import FrameParser
from streamguide.reading.reader import StreamReader, media_type
from streamguide.reading.rules import Rule

SCHEMA = "schema.json"
# A path or a message that names a recording of the corpus has this before its name.
CORPUS = "corpus:"
Readable = Literal["text", "blocks", "stop_reason", "usage", "complete", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A response. `chunks` are pairs of milliseconds since the request and numbers of bytes.

    `end`: the body has its own end (whole), the connection is closed before it (drop), or nothing
    more is sent and the connection stays open. `informational` are statuses of 1xx that are sent
    first. With `gzip`, a client that accepts it gets the body compressed, and all of it at the end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    status: int
    headers: Mapping[str, str]
    chunks: tuple[tuple[int, int], ...]
    end: Literal["whole", "drop", "open"]
    informational: tuple[int, ...]
    gzip: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a client should read. `error` are words that it should tell.

    `rules` are ids of `content/reading.toml`. `may_differ` names the fields that another good
    client may read otherwise.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    rules: tuple[str, ...]
    evidence: tuple[str, ...]
    text: str
    blocks: tuple[dict[str, Any], ...]
    stop_reason: str | None
    usage: Mapping[str, Any]
    complete: bool
    error: str | None
    may_differ: tuple[Readable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    title: str
    response: Recorded
    expected: Expected


_FILE = TypeAdapter(_File)


@dataclass(frozen=True, slots=True)
class Recording:
    """A stored response: its `body`, and what a client should read in it."""

    name: str
    title: str
    response: Recorded
    expected: Expected
    body: bytes

    @property
    def summary(self) -> str:
        """What it is, and the rules that it is about."""
        return f"{self.title}. A recording of the corpus, about: {', '.join(self.expected.rules)}."

    @property
    def is_stream(self) -> bool:
        """Whether it is a stream of events, or a response in place of one."""
        content_type = self.response.headers.get("content-type", "")
        return self.response.status == 200 and media_type(content_type) == "text/event-stream"

    def message(self) -> dict[str, Any] | None:
        """The message that its events add up to, in text that can be encoded; None without one."""
        reader = StreamReader(self.response.status, self.response.headers.get("content-type", ""))
        reader.feed(self.body)
        text = json.dumps(reader.message.value, ensure_ascii=False)
        message: dict[str, Any] | None = json.loads(well_formed(text))
        return message

    def chunks(self) -> Iterator[tuple[int, bytes]]:
        """The chunks of the body, with the milliseconds since the request."""
        start = 0
        for at, size in self.response.chunks:
            yield at, self.body[start : start + size]
            start += size

    def events(self) -> Iterator[tuple[int, bytes]]:
        """The body in pieces with one event each, with the milliseconds of their last bytes.

        What stands before an event and is none, such as a comment, is a part of its piece. Bytes
        after the last event are a piece of their own.
        """
        chunks, sent, at = iter(self.response.chunks), 0, 0
        for piece, end in self._pieces():
            while sent < end:
                at, size = next(chunks)
                sent += size
            yield at, piece

    def _pieces(self) -> Iterator[tuple[bytes, int]]:
        start = end = 0
        for frame in FrameParser().feed(self.body):
            end += len(frame.raw)
            if frame.data is not None:
                yield self.body[start:end], end
                start = end
        if start < len(self.body):
            yield self.body[start:], len(self.body)


def has_event(piece: bytes) -> bool:
    """Whether the bytes have a whole frame with data."""
    return any(frame.data is not None for frame in FrameParser().feed(piece))


def load_all(folder: Path, rules: Mapping[str, Rule]) -> Mapping[str, Recording]:
    """Read and check the recordings of a folder, by their names. Raises ContentError."""
    paths = sorted(path for path in folder.glob("*.json") if path.name != SCHEMA)
    return MappingProxyType({path.stem: load(path, rules) for path in paths})


def load(path: Path, rules: Mapping[str, Rule]) -> Recording:
    """Read and check a recording by the path of its description. Raises ContentError."""
    with inside(path.name):
        about = checked_json(_FILE, path.read_bytes())
        body = path.with_suffix(".sse").read_bytes()
        unknown = [rule for rule in about.expected.rules if rule not in rules]
        if unknown:
            raise ContentError(f"expected.rules: no rule is called {unknown[0]!r}")
        if sum(size for _, size in about.response.chunks) != len(body):
            raise ContentError(f"response.chunks: their bytes are not the {len(body)} of the body")
    return Recording(path.stem, about.title, about.response, about.expected, body)
