"""The cases of the area order: starts, indices, blocks, what follows the end, and tool calls."""

from __future__ import annotations

from collections.abc import Iterator

from streamguide.protocol.sse import encode
from tools.corpus.case import (
    BEGUN,
    CALL,
    CUT,
    NOTHING,
    PING,
    REST,
    SAID,
    STOP,
    TEXT,
    WHOLE,
    Case,
    block_start,
    block_stop,
    call,
    delta,
    error,
    message_delta,
    message_start,
    say,
    written,
)


def _starts() -> Iterator[Case]:
    yield written(
        "spliced",
        "second-start",
        "Another answer begins in the middle of the first",
        *BEGUN,
        message_start(id="msg_other"),
        block_start(),
        say("Tides follow the moon."),
        *REST[1:],
        **CUT,
        differs=("stop_reason", "usage"),
    )
    yield written(
        "repeated-start",
        "repeated-start",
        "The same message_start again, after some text",
        *BEGUN,
        WHOLE[0],
        *REST,
    )
    yield written(
        "start-without-content",
        "start-without-content",
        "message_start without content",
        message_start(content=..., stop_sequence=...),
        *WHOLE[1:],
    )
    yield written(
        "no-message-start",
        "no-start",
        "The first event is content_block_start",
        *WHOLE[1:],
        **NOTHING,
        differs=("text", "blocks", "stop_reason", "usage"),
    )


def _indices() -> Iterator[Case]:
    numbered = tuple(piece.replace(b'"index":0', b'"index":4294967295') for piece in WHOLE)
    yield written("huge-index", "index-gaps", "The only block has the index 2^32 - 1", *numbered)
    two = ({"type": "text", "text": "High water. "}, {"type": "text", "text": "Low water."})
    both = {"text": "High water. Low water.", "blocks": two}
    yield written(
        "index-gap",
        "index-gaps",
        "Blocks with the indices 0 and 2",
        message_start(),
        block_start(),
        say("High water. "),
        block_stop(),
        block_start(2),
        say("Low water.", 2),
        block_stop(2),
        message_delta(),
        STOP,
        **both,
    )
    yield written(
        "interleaved",
        "interleaved",
        "The deltas of two blocks take turns",
        message_start(),
        block_start(),
        block_start(1),
        say("Low ", 1),
        say("High "),
        say("water.", 1),
        say("water. "),
        block_stop(1),
        block_stop(),
        message_delta(),
        STOP,
        **both,
        # A program that prints each delta at once cannot put the blocks in their order.
        differs=("text",),
    )
    yield written(
        "late-delta",
        "late-delta",
        "A delta after its block's content_block_stop",
        *BEGUN,
        REST[1],
        REST[0],
        *REST[2:],
        differs=("text", "blocks"),
    )
    yield written(
        "unopened-block",
        "unopened-block",
        "A delta for a block that nobody opened",
        *BEGUN,
        say("(lost) ", 5),
        *REST,
        differs=("text", "blocks"),
    )


def _blocks() -> Iterator[Case]:
    yield written(
        "text-missing",
        "no-text",
        "A text_delta without text",
        *BEGUN,
        delta(0, "text_delta"),
        *REST,
    )
    yield written(
        "text-null",
        "no-text",
        "A text_delta whose text is null",
        *BEGUN,
        delta(0, "text_delta", text=None),
        *REST,
    )
    yield written(
        "text-in-block-start",
        "no-deltas",
        "A block with its text in content_block_start",
        message_start(),
        block_start(type="text", text=TEXT),
        block_stop(),
        message_delta(),
        STOP,
    )
    yield written(
        "unknown-everything",
        "unknown",
        "An unknown event, delta and block",
        *BEGUN,
        encode({"type": "future_event", "x": 1}),
        delta(0, "future_delta", y=2),
        *REST[:2],
        block_start(1, type="future_block", z=3),
        block_stop(1),
        *REST[2:],
        blocks=({"type": "text", "text": TEXT}, {"type": "future_block", "z": 3}),
    )


def _after_the_end() -> Iterator[Case]:
    yield written(
        "message-after-stop",
        "after-stop",
        "A second message after message_stop",
        *WHOLE,
        message_start(id="msg_other"),
        *SAID,
        message_delta("max_tokens"),
        STOP,
    )
    yield written(
        "text-after-stop",
        "after-stop",
        "A delta and an error after message_stop",
        *WHOLE,
        say("(and more)"),
        error("api_error", "Too late"),
        differs=("error",),
    )
    yield written(
        "bare-message-stop", "bare-stop", "message_stop and nothing else", STOP, **NOTHING
    )
    yield written(
        "no-blocks",
        "no-blocks",
        "A refusal before the first word",
        message_start(),
        PING,
        message_delta("refusal", {"output_tokens": 1}),
        STOP,
        text="",
        blocks=(),
        stop_reason="refusal",
        usage={"input_tokens": 21, "output_tokens": 1},
    )


def _tools() -> Iterator[Case]:
    asks = {"text": "", "stop_reason": "tool_use", "blocks": (CALL,)}
    port = '{"port": ', '"Brest"}'
    end = message_delta("tool_use"), STOP
    yield written(
        "call",
        "no-input",
        "A call whose input comes in fragments",
        message_start(),
        *call(0, "", *port),
        *end,
        **asks,
    )
    bare = {name: value for name, value in CALL.items() if name != "input"}
    yield written(
        "call-without-input",
        "no-input",
        "A call whose start lacks input",
        message_start(),
        *call(0, *port, start=bare),
        *end,
        **asks,
    )
    for name, fragments in (("no-fragment", ()), ("empty-fragment", ("",))):
        yield written(
            f"call-{name}",
            "no-input",
            f"A call without arguments: {name}",
            message_start(),
            *call(0, *fragments),
            *end,
            **asks | {"blocks": (CALL | {"input": {}},)},
        )
    merged = '{"port": "Brest"}{"port": "Oslo"}'
    for name, text in (("broken", '{"port": Brest}'), ("merged", merged)):
        kept = CALL | {"input": {}, "partial_json": text}
        yield written(
            f"input-{name}",
            "broken-input",
            f"A call's input is {name}: no JSON",
            message_start(),
            *call(0, text),
            *end,
            **asks | {"blocks": (kept,)},
            differs=("blocks", "complete"),
        )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _starts()
    yield from _indices()
    yield from _blocks()
    yield from _after_the_end()
    yield from _tools()
