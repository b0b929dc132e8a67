"""The protocol table of `content/protocol.toml`: everything that can appear in a stream."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict

from streamguide.content_file import STRICT

JsonType = Literal[
    "string",
    "integer",
    "boolean",
    "object",
    "array",
    "array or object",
    "array or string",
]

# Where an event names a second entry: event name -> (member of the event, key in it, section).
_PARTICULARS: Mapping[str, tuple[str, str, str]] = {
    "message_start": ("message", "stop_reason", "stop_reasons"),
    "content_block_start": ("content_block", "type", "blocks"),
    "content_block_delta": ("delta", "type", "deltas"),
    "message_delta": ("delta", "stop_reason", "stop_reasons"),
    "error": ("error", "type", "errors"),
}
SECTIONS = ("events", "deltas", "blocks", "stop_reasons", "errors")
# The name is the key; the others are only for the event reference.
_NOT_IN_JSON = frozenset({"name", "oddities", "fields"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field in the JSON: `name` is a path such as `usage.output_tokens` or `tools[].name`.

    An `optional` field may be absent or null. A `beta` field requires a beta header, although its
    entry does not.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    type: JsonType
    meaning: str
    optional: bool = False
    beta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolEntry:
    """A documented value. The prose (`when`, `meaning`, `client`, `oddities`) is Markdown.

    `when` says in which situation the API sends it, `meaning` what it says, `client` what a program
    does with it, `oddities` what is valid but surprising. `fields` begins with `type`, and is empty
    for stop reasons and errors.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    kind: ClassVar[Literal["event", "delta", "block", "stop", "error"]]

    name: str
    stage: Literal["ga", "beta"] = "ga"
    when: str
    meaning: str
    client: str
    oddities: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()

    @property
    def anchor(self) -> str:
        """The entry's id on the reference page, such as `event-ping`."""
        return f"{self.kind}-{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType(ProtocolEntry):
    """A server-sent event: `next` names the events that may follow; one that may follow every event
    is sent `anywhere`."""

    kind = "event"

    fields: tuple[Field, ...]
    family: Literal["message", "block", "delta", "ping", "error"]
    next: tuple[str, ...]
    anywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaType(ProtocolEntry):
    """A type of delta: its block types, and how its `payload` field is added to a block."""

    kind = "delta"

    stage: Literal["ga", "beta"]
    fields: tuple[Field, ...]
    blocks: tuple[str, ...]
    accumulate: Literal["append", "set", "push"]
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockType(ProtocolEntry):
    """A type of content block. Without `deltas` it is complete in `content_block_start`."""

    kind = "block"

    stage: Literal["ga", "beta"]
    fields: tuple[Field, ...]
    deltas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReason(ProtocolEntry):
    """A stop reason: the answer is `complete`, cut `early`, or to `continue` in a new request."""

    kind = "stop"

    stage: Literal["ga", "beta"]
    outcome: Literal["complete", "continue", "early"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorType(ProtocolEntry):
    """A type of error: its HTTP `status`, its SDK classes and an example `message`.

    `retry` says whether a retry can succeed, and `never_retry` lists each `error_code` with which
    it cannot. `sdk_retries` says whether the SDKs retry before the stream, `in_stream` whether an
    `error` event can have the type, and `typed` whether the SDKs' types contain it.
    """

    kind = "error"

    status: int
    retry: bool
    sdk_retries: bool
    in_stream: bool
    never_retry: tuple[str, ...] = ()
    typed: bool = True
    python: str
    javascript: str
    message: str


@dataclass(frozen=True, slots=True)
class Table:
    """Everything that can appear in a stream: each section by name, in the order of the file.

    >>> [entry.anchor for entry in table.explain({"type": "ping"})]
    ['event-ping']
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    api_version: str
    events: Mapping[str, EventType]
    deltas: Mapping[str, DeltaType]
    blocks: Mapping[str, BlockType]
    stop_reasons: Mapping[str, StopReason]
    errors: Mapping[str, ErrorType]

    @property
    def sections(self) -> Mapping[str, Mapping[str, ProtocolEntry]]:
        """The sections by the names that they have in the file."""
        return {name: getattr(self, name) for name in SECTIONS}

    @property
    def never_retried(self) -> tuple[str, ...]:
        """Each `error_code` that no retry gets past, although its status is retried."""
        return tuple(code for error in self.errors.values() for code in error.never_retry)

    def explain(self, event: Mapping[str, Any]) -> tuple[ProtocolEntry, ...]:
        """The entries that explain an event, from general to particular.

        The event is a parsed `data` line of any shape. An event with an unknown name gives `()`.
        """
        general = _find(self.events, event.get("type"))
        if general is None:
            return ()
        if general.name not in _PARTICULARS:
            return (general,)
        member, key, section = _PARTICULARS[general.name]
        values = event.get(member)
        name = values.get(key) if isinstance(values, Mapping) else None
        particular = _find(self.sections[section], name)
        return (general,) if particular is None else (general, particular)

    def as_json(self) -> dict[str, Any]:
        """The table at `/protocol.json`, without what only the event reference shows.

        `{"api_version": …, "events": {name: {"anchor": …, "when": …, …}}, "deltas": …}`. The site's
        scripts read prose, families and outcomes; all fields are there for other programs.
        """
        sections = {
            key: {name: _entry_json(entry) for name, entry in section.items()}
            for key, section in self.sections.items()
        }
        return {"api_version": self.api_version, **sections}


def _find(section: Mapping[str, ProtocolEntry], name: object) -> ProtocolEntry | None:
    return section.get(name) if isinstance(name, str) else None


def _entry_json(entry: ProtocolEntry) -> dict[str, Any]:
    values = {
        field.name: getattr(entry, field.name)
        for field in dataclasses.fields(entry)
        if field.name not in _NOT_IN_JSON
    }
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
    return {"anchor": entry.anchor, **plain}
