"""Recordings: responses that are stored with their times.

`NAME.sse` is the body, byte for byte, and `NAME.json` describes it, as `content/corpus/schema.json`
says. Those of the corpus also say what a client should read in them.

>>> load_all(Path("content/corpus"), rules)["plain"].title
'Nothing is wrong here'
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, NonNegativeInt, TypeAdapter

from streamguide.content_file import STRICT, ContentError, checked_json, inside
from streamguide.reading.events import well_formed
from streamguide.reading.frames import FrameParser
from streamguide.reading.reader import StreamReader, media_type
from streamguide.reading.rules import Rule

SCHEMA = "schema.json"
# A path or a message that names a recording of the corpus has this before its name.
CORPUS = "corpus:"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# The server sets these, and content-length where there is a body.
_OF_THE_CONNECTION = ("connection", "keep-alive", "transfer-encoding", "upgrade")
Readable = Literal["text", "blocks", "stop_reason", "usage", "complete", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A response. `chunks` are pairs of milliseconds since the request and numbers of bytes.

    `end`: the body has its own end (whole), the connection is closed before it (drop), or nothing
    more is sent and the connection stays open. `informational` are statuses of 1xx that are sent
    first. With `gzip`, a client that accepts it gets the body compressed, and all of it at the end.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    status: Annotated[int, Field(ge=200, le=599)]
    headers: Mapping[str, str]
    chunks: tuple[tuple[NonNegativeInt, NonNegativeInt], ...]
    end: Literal["whole", "drop", "open"]
    informational: tuple[Annotated[int, Field(ge=100, le=199)], ...]
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
class _RecordingFile:
    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    title: str
    response: Recorded
    expected: Expected


_RECORDING_FILE = TypeAdapter(_RecordingFile)


@dataclass(frozen=True, slots=True)
class Recording:
    """A stored response and its `body`."""

    name: str
    title: str
    response: Recorded
    body: bytes

    @property
    def path(self) -> str:
        """What plays it in a base URL."""
        return self.name

    @property
    def is_stream(self) -> bool:
        """Whether it is a stream of events, or a response instead of one."""
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


@dataclass(frozen=True, slots=True)
class CorpusRecording(Recording):
    """A recording of the corpus, and what a client should read in it."""

    expected: Expected

    @property
    def path(self) -> str:
        """What plays it in a base URL."""
        return f"{CORPUS}{self.name}"

    @property
    def summary(self) -> str:
        """What it is, and the rules that it is about."""
        return f"{self.title}. A recording of the corpus, about: {', '.join(self.expected.rules)}."


def has_event(piece: bytes) -> bool:
    """Whether the bytes have a whole frame with data."""
    return any(frame.data is not None for frame in FrameParser().feed(piece))


def load_all(folder: Path, rules: Mapping[str, Rule]) -> Mapping[str, CorpusRecording]:
    """Read and check the recordings of the corpus, by their names. Raises ContentError."""
    paths = sorted(path for path in folder.glob("*.json") if path.name != SCHEMA)
    return MappingProxyType({path.stem: load(path, rules) for path in paths})


def load(path: Path, rules: Mapping[str, Rule]) -> CorpusRecording:
    """Read and check a recording by the path of its description. Raises ContentError."""
    with inside(path.name):
        about = checked_json(_RECORDING_FILE, path.read_bytes())
        body = path.with_suffix(".sse").read_bytes()
        unknown = [rule for rule in about.expected.rules if rule not in rules]
        if unknown:
            raise ContentError(f"expected.rules: no rule is called {unknown[0]!r}")
        check_response(about.response, body)
    return CorpusRecording(path.stem, about.title, about.response, body, about.expected)


def check_response(response: Recorded, body: bytes) -> None:
    """Check that the response can be sent. Raises ContentError."""
    times = [at for at, _ in response.chunks]
    if times != sorted(times):
        raise ContentError("response.chunks: their milliseconds never go back")
    if sum(size for _, size in response.chunks) != len(body):
        raise ContentError(f"response.chunks: their bytes are not the {len(body)} of the body")
    for name, value in response.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ContentError(f"response.headers: {name!r} is no header of HTTP")
        if name.lower() in _OF_THE_CONNECTION or (body and name.lower() == "content-length"):
            raise ContentError(f"response.headers: leave out {name}, which the server sets itself")
