"""Inspects the bytes of a stream: which rules of `content/reading.toml` they break, and where.

>>> inspector = Inspector()
>>> inspector.feed(b'event: ping\\ndata: {"type":"ping"}\\n\\n')
>>> [(one.rule, one.offset) for one in inspector.end().findings]
[('only-message-stop', 35)]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from streamguide.reading.ending import ending_of, one_line, told_by
from streamguide.reading.events import Event, error_of, event_of, parse_json, well_formed, words_of
from streamguide.reading.frames import Frame, FrameParser, TooLong
from streamguide.reading.message import Message
from streamguide.reading.outline import mapping
from streamguide.reading.rules import Rule

# A body that is no stream is told by its beginning.
_MOST_BODY = 100_000
# What a body that is a stream of events begins with: a field, or a comment.
_STREAM = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:event|data|id|retry)?:")
_GZIP = b"\x1f\x8b"
# Claude sends these too, and they lose nothing.
_ALLOWED = frozenset({"unknown"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a stream breaks, by its id, and the first place where it does.

    `event` is the number of that event, from 1; None if it is about the end of the bytes, or
    something that is no event. `offset` is the number of bytes before it. `count` is in how many
    places the rule is broken. `words` say in one line what is there.
    """

    rule: str
    event: int | None
    offset: int
    words: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Inspection:
    """What the bytes of a stream are: `findings` in the order of their places.

    `is_complete` is whether its message is whole. `events` counts frames with data, `size` bytes,
    and `text_length` the characters of all text blocks. `usage` are the last counts.
    """

    findings: tuple[Finding, ...]
    is_complete: bool
    stop_reason: str | None
    events: int
    size: int
    text_length: int
    usage: dict[str, Any]

    def as_json(self, rules: Mapping[str, Rule]) -> dict[str, Any]:
        """All of it as JSON values. Each finding has its rule's sentence and what a client does."""
        findings = [
            asdict(one) | {"sentence": rules[one.rule].rule, "client": rules[one.rule].client}
            for one in self.findings
        ]
        # Not by asdict, which copies values of any depth.
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return values | {"findings": findings}

    def lines(self, rules: Mapping[str, Rule]) -> Iterator[str]:
        """The same for a terminal. Nothing of the stream can control it."""
        for one in self.findings:
            rule = rules[one.rule]
            event = "" if one.event is None else f"event {one.event:,}, "
            more = f", and in {one.count - 1:,} more places" if one.count > 1 else ""
            yield f"{one.rule} (rule {rule.number}): {rule.rule}"
            yield f"  at {event}byte {one.offset:,}{more}: {_printable(one.words)}"
            yield f"  {rule.client}"
        state = "complete" if self.is_complete else "not complete"
        reason = _printable(self.stop_reason or "no stop reason")
        yield f"Events: {self.events:,}, bytes: {self.size:,}. The message is {state}, {reason}."
        yield f"Text: {self.text_length:,} characters. Usage: {json.dumps(self.usage)}"
        yield f"Rules broken: {len(self.findings)}"


class Inspector:
    """Inspects one stream, whose chunks may have any size."""

    def __init__(self) -> None:
        self._message = Message()
        self._frames = FrameParser()
        self._head = bytearray()
        self._found: dict[str, Finding] = {}
        # The number of events so far, and the bytes before the frame that is read.
        self._events = self._offset = 0
        self._size = 0
        self._is_too_long = False
        self._next_index = 0
        # Where each block of the message began, and where the message was complete.
        self._begun: list[Finding] = []
        self._stopped: Finding | None = None
        # The first of the pings since the last other event.
        self._ping: Finding | None = None

    def feed(self, chunk: bytes) -> None:
        """Inspect the next bytes."""
        self._size += len(chunk)
        self._head += chunk[: _MOST_BODY - len(self._head)]
        if self._is_too_long:
            return
        try:
            for frame in self._frames.feed(chunk):
                self._inspect(frame)
                self._offset += len(frame.raw)
        except TooLong:
            self._is_too_long = True

    def end(self) -> Inspection:
        """The bytes have ended."""
        message = self._message
        dropped = self._frames.end()
        is_complete = False
        if self._events or not self._head or _STREAM.match(self._head):
            is_complete = self._end(dropped)
        elif self._head.startswith(_GZIP):
            self._add(Finding("identity", None, 0, "The bytes are compressed with gzip."))
        else:
            told = told_by(bytes(self._head), is_error=True)
            self._add(Finding("not-a-stream", None, 0, one_line(told)))
        return Inspection(
            tuple(sorted(self._found.values(), key=lambda one: one.offset)),
            is_complete,
            message.stop_reason,
            self._events,
            self._size,
            len(message.text),
            message.usage,
        )

    def _add(self, finding: Finding) -> None:
        known = self._found.get(finding.rule)
        self._found[finding.rule] = replace(known, count=known.count + 1) if known else finding

    def _at(self, words: str, rule: str = "") -> Finding:
        return Finding(rule, self._events, self._offset, one_line(words))

    def _inspect(self, frame: Frame) -> None:
        if frame.data is None:
            if frame.name:
                self._add(Finding("no-data", None, self._offset, one_line(frame.name)))
            return
        self._events += 1
        message, event = self._message, event_of(frame)
        if event is None:
            self._add(self._at(frame.text, "no-object"))
            if message.is_stopped:
                self._add(self._at(frame.text, "after-stop"))
            else:
                message.read(frame)
                message.findings.clear()
            return
        type_ = event.get("type")
        name = type_ if isinstance(type_, str) else "no type"
        if frame.name != name:
            if not frame.name:
                self._add(self._at(name, "no-name"))
            elif name != "no type":
                words = f"The event line says {frame.name}, the data says {name}."
                self._add(self._at(words, "no-name"))
        if name == "ping":
            self._ping = self._ping or self._at(name)
            return
        self._ping = None
        if not message.is_over:
            self._before(event, frame)
        message.apply(event)
        for rule in message.findings:
            if rule not in _ALLOWED:
                self._add(self._at(self._words(rule, event), rule))
        message.findings.clear()
        if message.is_stopped and self._stopped is None:
            self._stopped = self._at(name)
        while len(self._begun) < len(message.blocks):
            self._begun.append(self._at(name))
        if name == "message_start":
            self._next_index = len(message.blocks)

    def _words(self, rule: str, event: Event) -> str:
        """What of the event breaks a rule that the message found."""
        type_, index = str(event.get("type")), event.get("index")
        block = self._message.block(index) or {}
        if rule == "broken-input" and "partial_json" in block:
            return f"The input of {block.get('name')} is {block['partial_json']}"
        if rule.startswith("usage-"):
            return f"{type_}, usage {json.dumps(event.get('usage'))}"
        return type_ if index is None else f"{type_}, index {index}"

    def _before(self, event: Event, frame: Frame) -> None:
        """Find what the message does not tell, as long as it is not over."""
        index = event.get("index")
        if event.get("type") == "error":
            for rule in self._rules_of_error(event, frame):
                self._add(self._at(words_of(event), rule))
        elif event.get("type") == "content_block_start" and isinstance(index, int):
            if self._message.value is not None and index != self._next_index:
                words = f"Block {index} begins, where {self._next_index} is the next."
                self._add(self._at(words, "index-gaps"))
            self._next_index = index + 1
        elif event.get("type") == "message_stop":
            for open_ in self._message.open_blocks:
                self._add(
                    self._at(f"Block {open_} is open at the end of the message.", "open-block")
                )

    def _rules_of_error(self, event: Event, frame: Frame) -> list[str]:
        """The most specific rules that an error event meets."""
        value = mapping(parse_json(frame.text))
        error = mapping(value.get("error"))
        is_envelope = value.get("type") == "error" and isinstance(error.get("message"), str)
        has_begun = self._message.value is not None
        is_refused = mapping(error_of(event)).get("type") == "invalid_request_error"
        rules = [
            *([] if has_begun else ["error-first"]),
            *([] if is_envelope else ["error-words"]),
            *(["content-filter"] if has_begun and is_refused else []),
        ]
        return rules or ["error-event"]

    def _end(self, dropped: Frame) -> bool:
        """Find what is known at the end. Returns whether the message is complete."""
        message = self._message
        ending = ending_of(message, event_of(dropped), self._is_too_long)
        here = self._stopped or Finding("", None, self._size, "")
        if self._is_too_long:
            here = replace(here, event=None, offset=self._offset)
        told = {"error-event", *self._found}
        if "bare-stop" in told:
            # It has a message_stop.
            told.add("only-message-stop")
        for rule in ending.findings:
            if rule not in told:
                self._add(replace(here, rule=rule, words=ending.words))
        if dropped.data is not None and "last-blank-line" not in ending.findings:
            size = f"The last {len(dropped.raw):,} bytes are no whole event."
            self._add(Finding("last-blank-line", None, self._offset, size))
        if self._ping and message.stop_reason and not message.is_over:
            words = "Pings follow the stop reason, and no message_stop."
            self._add(replace(self._ping, rule="pings-for-ever", words=words))
        for number, block in enumerate(message.blocks):
            texts = [text for text in block.values() if isinstance(text, str)]
            if any(well_formed(one).count("\ufffd") > one.count("\ufffd") for one in texts):
                words = f"In the block that begins here, number {number + 1} of the message."
                self._add(replace(self._begun[number], rule="half-characters", words=words))
        if message.usage and (missing := self._found.pop("usage-missing", None)):
            self._add(replace(missing, rule="usage-one-event"))
        return ending.is_complete


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\ufffd" for one in text)
