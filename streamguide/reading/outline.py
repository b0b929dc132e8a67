"""What the events of a stream say about their message, apart from its blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamguide.reading.events import Event, event_of, words_of
from streamguide.reading.frames import Frame

_OF_A_BLOCK = frozenset({"content_block_start", "content_block_delta", "content_block_stop"})
# The events that a message consists of.
OF_A_MESSAGE = _OF_A_BLOCK | {"message_start", "message_delta", "message_stop"}


class Outline:
    """Follows a message without its blocks, for those who only pass the stream on.

    `value` is the message so far, None before message_start. Nothing that follows is a part of it
    once it `is_over`: it is complete (`is_stopped`), another one began before (`is_spliced`), an
    error event was received (`failure`), or a part of it is `lost`: the type of its event, whose
    data is no JSON object. `findings` are the ids of the rules that the stream made necessary.
    """

    def __init__(self) -> None:
        self.value: dict[str, Any] | None = None
        self.failure: Event | None = None
        self.is_over = False
        self.is_stopped = False
        self.is_spliced = False
        self.lost: str | None = None
        # An ordered set.
        self.findings: dict[str, None] = {}

    @property
    def error(self) -> str | None:
        """What an error event says."""
        return None if self.failure is None else words_of(self.failure)

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped, once that is known."""
        reason = self.value and self.value.get("stop_reason")
        return reason if isinstance(reason, str) else None

    @property
    def usage(self) -> dict[str, Any]:
        """The last counts that are known."""
        return dict(self.value["usage"]) if self.value else {}

    def read(self, frame: Frame) -> Event | None:
        """Add the event of the next frame, and return it; None if the frame carries none.

        Data that is no JSON object is passed over, unless it is that of an event of the message: a
        part of the message is then lost.
        """
        event = event_of(frame)
        if event is not None:
            self.apply(event)
        elif frame.data is not None and frame.name in OF_A_MESSAGE:
            if self.is_over:
                self._find_after()
            else:
                self._find("no-object")
                self.lost, self.is_over = frame.name, True
        return event

    def apply(self, event: Event) -> None:
        """Add the next event."""
        type_ = event.get("type")
        if type_ == "ping":
            return
        if not isinstance(type_, str):
            # Another value may be one that no set can look up.
            type_ = ""
        if self.is_over:
            self._find_after()
        elif type_ == "error":
            self.failure = event
            self.is_over = True
        elif type_ == "message_start":
            self._start(mapping(event.get("message")))
        elif self.value is None:
            if type_ == "message_stop":
                self._find("bare-stop")
            elif type_ in OF_A_MESSAGE:
                self._find("no-start")
        elif type_ == "message_stop":
            self.is_stopped = self.is_over = True
        elif type_ == "message_delta":
            self._finish(event)
        elif type_ in _OF_A_BLOCK:
            self._change(event)
        else:
            self._find("unknown")

    def _find(self, rule: str) -> None:
        self.findings[rule] = None

    def _find_after(self) -> None:
        """Find what follows the end of the message: its own, or an error."""
        if self.is_stopped or self.failure is not None:
            self._find("after-stop" if self.is_stopped else "after-error")

    def _start(self, message: Mapping[str, Any]) -> None:
        if self.value is not None:
            is_same = message.get("id") == self.value.get("id")
            self.is_spliced = self.is_over = not is_same
            self._find("repeated-start" if is_same else "second-start")
            return
        content = message.get("content")
        if not isinstance(content, list):
            self._find("start-without-content")
            content = []
        self.value = {**message, "content": [], "usage": {}}
        self._count(message.get("usage"))
        self._begin(content)

    def _begin(self, content: list[Any]) -> None:
        """Take over the blocks of message_start."""

    def _change(self, event: Event) -> None:
        """Apply an event of a block."""

    def _finish(self, event: Event) -> None:
        assert self.value is not None
        changes = {**mapping(event.get("delta")), **event}
        for name in ("type", "delta", "usage", "content"):
            changes.pop(name, None)
        if self.stop_reason and "stop_reason" in changes and not changes["stop_reason"]:
            self._find("later-delta")
        for name, value in changes.items():
            if value is not None or name not in self.value:
                self.value[name] = value
        self._count(event.get("usage"))

    def _count(self, usage: Any) -> None:
        """Counts are cumulative: they are replaced, never added, and cannot shrink."""
        assert self.value is not None
        if not isinstance(usage, dict):
            self._find("usage-missing")
            return
        known = self.value["usage"]
        # After a compaction or a fallback the counts are of the last iteration only.
        may_shrink = bool(usage.get("iterations"))
        for name, value in usage.items():
            before = known.get(name)
            is_less = _is_count(before) and _is_count(value) and value < before
            if is_less and not may_shrink:
                self._find("usage-shrinks")
            elif value is not None or name not in known:
                known[name] = value


def _is_count(value: Any) -> bool:
    return type(value) in (int, float)


def mapping(value: Any) -> Mapping[str, Any]:
    """The value if it is an object, otherwise an empty one."""
    return value if isinstance(value, dict) else {}
