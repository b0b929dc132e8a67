"""The message that the events of a stream add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streamguide.reading.events import Event, parse_json, well_formed
from streamguide.reading.outline import Outline, mapping

# The field of each type of delta that carries a piece of text.
_STREAMED = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "partial_json"}
_SET = {"signature_delta": ("signature",), "compaction_delta": ("content", "encrypted_content")}


class Message(Outline):
    """Assembles a whole message."""

    def __init__(self) -> None:
        super().__init__()
        self._by_index: dict[Any, dict[str, Any]] = {}
        self._open: set[Any] = set()

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

    def block(self, index: Any) -> dict[str, Any] | None:
        """The block of this index; None if it was never opened."""
        return self._by_index.get(index) if isinstance(index, int) else None

    @property
    def open_blocks(self) -> frozenset[int]:
        """The indices of the blocks that were not stopped."""
        return frozenset(self._open)

    def _begin(self, content: list[Any]) -> None:
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
            model = mapping(block.get("to")).get("model")
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
        block = self.block(index)
        if block is None:
            self._find("unopened-block")
        elif event["type"] == "content_block_stop":
            self._open.discard(index)
            self._close(block)
        else:
            if index not in self._open:
                self._find("late-delta")
            self._extend(block, mapping(event.get("delta")))

    def _extend(self, block: dict[str, Any], delta: Mapping[str, Any]) -> None:
        type_ = delta.get("type")
        if field := _STREAMED.get(type_) if isinstance(type_, str) else None:
            piece = delta.get(field)
            if not isinstance(piece, str):
                self._find("no-text")
                return
            before = block.get(field)
            text = before if isinstance(before, str) else ""
            # Python appends in place to a text that nothing else refers to. Otherwise the time
            # would grow with the square of the text's length.
            before = block[field] = None
            text += piece
            block[field] = text
        elif type_ == "citations_delta":
            known = block.get("citations")
            known = known if isinstance(known, list) else []
            block["citations"] = [*known, delta.get("citation")]
        elif isinstance(type_, str) and type_ in _SET:
            block |= {name: delta[name] for name in _SET[type_] if delta.get(name) is not None}
        else:
            self._find("unknown")

    def _close(self, block: dict[str, Any]) -> None:
        """Parse the input of a call. One that is not JSON stays the text that was received."""
        if "partial_json" not in block:
            return
        text = block["partial_json"]
        value = parse_json(text) if text and isinstance(text, str) else block.get("input") or {}
        if not isinstance(value, dict):
            self._find("broken-input")
            return
        block["input"] = value
        del block["partial_json"]
