"""What can appear on the wire: the table of `content/protocol.toml` and its entries."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal, TypeVar

from pydantic import ConfigDict

from streamguide.content_file import STRICT

Kind = Literal["event", "delta", "block", "stop", "error"]
Stage = Literal["ga", "beta"]
Family = Literal["message", "block", "delta", "ping", "error"]
Accumulate = Literal["append", "set", "push"]
Outcome = Literal["complete", "continue", "early"]
JsonType = Literal[
    "string",
    "integer",
    "boolean",
    "object",
    "array",
    "array or object",
    "array or string",
]

# Where an event names its particular: event name -> (part of the event, key in it, section).
_PARTICULARS = MappingProxyType(
    {
        "message_start": ("message", "stop_reason", "stop_reasons"),
        "content_block_start": ("content_block", "type", "blocks"),
        "content_block_delta": ("delta", "type", "deltas"),
        "message_delta": ("delta", "stop_reason", "stop_reasons"),
        "error": ("error", "type", "errors"),
    }
)
# The name is the key already; the rest is only for the reference page.
_NOT_IN_JSON = frozenset({"name", "oddities", "fields"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the JSON: `name` is a path such as `usage.output_tokens` or `tools[].name`.

    An `optional` field may be absent or null. A `beta` field needs a beta header, while the
    entry that it belongs to does not.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    name: str
    type: JsonType
    meaning: str
    optional: bool = False
    beta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on the wire. The prose (`when`, `meaning`, `client`, `oddities`) is Markdown.

    `when` says in which situation it comes, `meaning` what it says, `client` what a program
    does with it, `oddities` the legal surprises. `fields` begins with `type`, and is empty
    for stop reasons and errors.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    kind: ClassVar[Kind]

    name: str
    stage: Stage = "ga"
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
class EventType(Entry):
    """A server-sent event. `next` names what may follow it; pings and errors may stand anywhere."""

    kind: ClassVar[Kind] = "event"

    fields: tuple[Field, ...]
    family: Family
    next: tuple[str, ...]
    anywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaType(Entry):
    """A type of delta: the block types it belongs to, and how its `payload` field is added."""

    kind: ClassVar[Kind] = "delta"

    stage: Stage
    fields: tuple[Field, ...]
    blocks: tuple[str, ...]
    accumulate: Accumulate
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockType(Entry):
    """A type of content block. One without `deltas` arrives whole."""

    kind: ClassVar[Kind] = "block"

    stage: Stage
    fields: tuple[Field, ...]
    deltas: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReason(Entry):
    """A stop reason. The answer is `complete`, to `continue` with a new request, or cut `early`."""

    kind: ClassVar[Kind] = "stop"

    stage: Stage
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorType(Entry):
    """A type of error: its HTTP `status`, its SDK classes and an example `message`.

    `retry` says whether trying again makes sense, `never_retry` with which `error_code` it does
    not all the same, `sdk_retries` whether the SDKs do it before a stream has begun, `in_stream`
    whether it may come as an `error` event, and `typed` whether the SDKs' types know it.
    """

    kind: ClassVar[Kind] = "error"

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
    """Everything that can appear on the wire: each section by name, in the order of the file."""

    api_version: str
    events: Mapping[str, EventType]
    deltas: Mapping[str, DeltaType]
    blocks: Mapping[str, BlockType]
    stop_reasons: Mapping[str, StopReason]
    errors: Mapping[str, ErrorType]

    @property
    def never_retried(self) -> tuple[str, ...]:
        """Each `error_code` that no retry gets past, although its status is retried."""
        return tuple(code for error in self.errors.values() for code in error.never_retry)

    def entries(self) -> tuple[Entry, ...]:
        """All entries in the order of the file."""
        return tuple(entry for _, section in self._sections() for entry in section.values())

    def explain(self, event: Mapping[str, Any]) -> tuple[Entry, ...]:
        """The entries that explain an event, from general to particular.

        The event is one parsed `data` line, of whatever shape. What the table does not know
        is left out: an event with an unknown name gives `()`.
        """
        general = _find(self.events, event.get("type"))
        if general is None:
            return ()
        particular = self._particular(general.name, event)
        return (general,) if particular is None else (general, particular)

    def as_json(self) -> dict[str, Any]:
        """The table for the browser, without what only the reference page shows.

        `{"api_version": …, "events": {name: {"anchor": …, "when": …, …}}, "deltas": …}`
        """
        sections = {
            key: {name: _entry_json(entry) for name, entry in section.items()}
            for key, section in self._sections()
        }
        return {"api_version": self.api_version, **sections}

    def _sections(self) -> Iterator[tuple[str, Mapping[str, Entry]]]:
        yield "events", self.events
        yield "deltas", self.deltas
        yield "blocks", self.blocks
        yield "stop_reasons", self.stop_reasons
        yield "errors", self.errors

    def _particular(self, name: str, event: Mapping[str, Any]) -> Entry | None:
        if name not in _PARTICULARS:
            return None
        part_name, key, section = _PARTICULARS[name]
        part = event.get(part_name)
        if not isinstance(part, Mapping):
            return None
        return _find(dict(self._sections())[section], part.get(key))


EntryT = TypeVar("EntryT", bound=Entry)


def _find(section: Mapping[str, EntryT], name: object) -> EntryT | None:
    return section.get(name) if isinstance(name, str) else None


def _entry_json(entry: Entry) -> dict[str, Any]:
    values = {
        field.name: getattr(entry, field.name)
        for field in dataclasses.fields(entry)
        if field.name not in _NOT_IN_JSON
    }
    plain = {key: list(v) if isinstance(v, tuple) else v for key, v in values.items()}
    return {"anchor": entry.anchor, **plain}
