"""The message that the events of a stream add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamguide.reading.events import Event, parse_json, well_formed, words_of

# The field of each type of delta that carries a piece of text.
_STREAMED = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
_SET = {"signature_delta": ("signature",), "compaction_delta": ("content", "encrypted_content")}
_EVENTS = {"content_block_start", "content_block_delta", "content_block_stop", "message_delta"}


class Message:
    """Assembles a message. `findings` are the ids of the rules that the stream made necessary.

    `value` is the message so far, None before message_start. `error` is what an error event says.
    `is_spliced`: another message began before this one was complete.
    """

    def __init__(self) -> None:
        self.value: dict[str, Any] | None = None
        self.error: str | None = None
        self.is_stopped = False
        self.is_spliced = False
        # An ordered set.
        self.findings: dict[str, None] = {}
        self._by_index: dict[Any, dict[str, Any]] = {}
        self._open: set[Any] = set()

    @property
    def is_over(self) -> bool:
        """Whether nothing that follows is a part of the message."""
        return self.is_stopped or self.is_spliced or self.error is not None

    @property
    def blocks(self) -> list[dict[str, Any]]:
        """The blocks in the order in which they were opened."""
        blocks: list[dict[str, Any]] = self.value["content"] if self.value else []
        return blocks

    @property
    def text(self) -> str:
        """The text of all text blocks."""
        texts = (block.get("text", "") for block in self.blocks if block.get("type") == "text")
        return well_formed("".join(text for text in texts if isinstance(text, str)))

    @property
    def stop_reason(self) -> str | None:
        """Why the model stopped, once that is known."""
        reason = self.value and self.value.get("stop_reason")
        return reason if isinstance(reason, str) else None

    @property
    def usage(self) -> dict[str, Any]:
        """The last counts that are known."""
        return dict(self.value["usage"]) if self.value else {}

    def apply(self, event: Event | None) -> None:
        """Add the next event; None if its data was no JSON object."""
        type_ = event.get("type") if event else None
        if event is None or type_ == "ping":
            return
        if self.is_over:
            self._find("after-stop" if self.is_stopped else "after-error")
        elif type_ == "error":
            self.error = words_of(event.get("error", event))
        elif type_ == "message_start":
            self._start(_mapping(event.get("message")))
        elif self.value is None:
            if type_ == "message_stop":
                self._find("bare-stop")
            elif type_ in _EVENTS:
                self._find("no-start")
        elif type_ == "message_stop":
            self.is_stopped = True
        elif type_ == "message_delta":
            self._finish(event)
        elif type_ in _EVENTS:
            self._change(event)
        else:
            self._find("unknown")

    def _find(self, rule: str) -> None:
        self.findings[rule] = None

    def _start(self, message: Mapping[str, Any]) -> None:
        if self.value is not None:
            is_same = message.get("id") == self.value.get("id")
            self.is_spliced = not is_same
            self._find("repeated-start" if is_same else "second-start")
            return
        content = message.get("content")
        if not isinstance(content, list):
            self._find("start-without-content")
            content = []
        self.value = {**message, "content": [], "usage": {}}
        self._count(message.get("usage"))
        for index, block in enumerate(content):
            self._add(index, block)
        self._open.clear()

    def _add(self, index: Any, block: Any) -> None:
        assert self.value is not None
        if not isinstance(block, dict) or not isinstance(index, int):
            self._find("unopened-block")
            return
        if block.get("type") == "fallback":
            # It names the model that answers from there on.
            model = _mapping(block.get("to")).get("model")
            self.value |= {"model": model} if isinstance(model, str) else {}
        self._by_index[index] = dict(block)
        self.blocks.append(self._by_index[index])
        self._open.add(index)

    def _change(self, event: Event) -> None:
        index = event.get("index")
        if event["type"] == "content_block_start":
            if self._open:
                self._find("interleaved")
            self._add(index, event.get("content_block"))
            return
        block = self._by_index.get(index) if isinstance(index, int) else None
        if block is None:
            self._find("unopened-block")
        elif event["type"] == "content_block_stop":
            self._open.discard(index)
            self._close(block)
        else:
            if index not in self._open:
                self._find("late-delta")
            self._extend(block, _mapping(event.get("delta")))

    def _extend(self, block: dict[str, Any], delta: Mapping[str, Any]) -> None:
        type_ = delta.get("type")
        if field := _STREAMED.get(type_) if isinstance(type_, str) else None:
            piece = delta.get(field)
            if isinstance(piece, str):
                before = block.get(field)
                block[field] = (before if isinstance(before, str) else "") + piece
            else:
                self._find("no-text")
        elif type_ == "citations_delta":
            before = block.get("citations")
            block["citations"] = [*(before or ()), delta.get("citation")]
        elif type_ in _SET:
            block |= {name: delta[name] for name in _SET[type_] if delta.get(name) is not None}
        else:
            self._find("unknown")

    def _close(self, block: dict[str, Any]) -> None:
        """Parse the input of a call. One that is not JSON stays the text that was received."""
        if "partial_json" not in block:
            return
        text = block["partial_json"]
        value = parse_json(text) if text else block.get("input") or {}
        if not isinstance(value, dict):
            self._find("broken-input")
            return
        block["input"] = value
        del block["partial_json"]

    def _finish(self, event: Event) -> None:
        assert self.value is not None
        changes = {**_mapping(event.get("delta")), **event}
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


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
