"""The cases of the areas ends and errors: stop reasons, cuts, and bodies that are no stream."""

from __future__ import annotations

from collections.abc import Iterator

from tools.corpus.case import (
    BEGUN,
    CALL,
    CUT,
    HTML,
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
    error,
    message_delta,
    message_start,
    raw,
    written,
)


def _endings_with_calls() -> Iterator[Case]:
    asks = {"text": "", "stop_reason": "tool_use", "blocks": (CALL,)}
    port = '{"port": ', '"Brest"}'
    end = message_delta("tool_use"), STOP
    said = {"type": "text", "text": TEXT}
    yield written(
        "end-turn-with-call",
        "unanswered-call",
        "end_turn after a tool call",
        message_start(),
        *SAID,
        *call(1, *port),
        message_delta(),
        STOP,
        blocks=(said, CALL),
        error="tool call",
        differs=("complete",),
    )
    yield written(
        "tool-use-without-call",
        "no-call",
        "tool_use without a tool call",
        message_start(),
        *SAID,
        *end,
        stop_reason="tool_use",
        error="tool call",
        differs=("complete",),
    )
    half = CALL | {"input": {}, "partial_json": port[0]}
    yield written(
        "call-cut",
        "open-block",
        "max_tokens cuts a call, whose block stays open",
        message_start(),
        *call(0, port[0])[:-1],
        message_delta("max_tokens"),
        STOP,
        **asks | {"stop_reason": "max_tokens", "blocks": (half,)},
        differs=("blocks",),
    )


def _ends() -> Iterator[Case]:
    yield written(
        "ended-early", "only-message-stop", "The body ends in the middle of a block", *BEGUN, **CUT
    )
    yield written(
        "dropped",
        "only-message-stop",
        "The connection breaks in the middle of an event",
        *BEGUN,
        REST[0][:40],
        **CUT,
        end="drop",
    )
    yield written(
        "no-message-stop",
        "only-message-stop",
        "end_turn, but no message_stop",
        *WHOLE[:-1],
        complete=False,
    )
    yield written(
        "null-after-reason",
        "later-delta",
        "A later message_delta whose stop reason is null",
        *WHOLE[:-1],
        message_delta(None),
        STOP,
    )
    yield written(
        "thinking-used-up",
        "thinking-used-up",
        "Thinking leaves no token for the text",
        message_start(),
        block_start(type="thinking", thinking="", signature=""),
        block_stop(),
        message_delta("max_tokens", {"output_tokens": 900}),
        STOP,
        text="",
        blocks=({"type": "thinking", "thinking": "", "signature": ""},),
        stop_reason="max_tokens",
        usage={"input_tokens": 21, "output_tokens": 900},
        error="thinking used",
    )
    yield written(
        "pings-for-ever",
        "pings-for-ever",
        "Pings instead of message_stop",
        *WHOLE[:-1],
        *[PING] * 40,
        complete=False,
        end="open",
    )
    yield written(
        "open-after-stop", "open-after-stop", "The connection stays open", *WHOLE, end="open"
    )


def _errors() -> Iterator[Case]:
    yield written(
        "error-event",
        "error-event",
        "Overloaded, in the middle of the text",
        *BEGUN,
        error("overloaded_error", "Overloaded"),
        **CUT,
        error="Overloaded",
    )
    forms = {
        "string": '"upstream closed"',
        "plain": "upstream closed",
        "untyped": '{"message":"upstream closed","code":502}',
        "nested-string": '{"error":"upstream closed"}',
        "without-envelope": '{"type":"api_error","message":"upstream closed"}',
    }
    for name, data in forms.items():
        yield written(
            f"error-{name}",
            "error-words",
            f"An error event whose data is {data}",
            *BEGUN,
            raw("error", data),
            **CUT,
            error="upstream closed",
        )
    yield written(
        "error-first",
        "error-first",
        "The first event is an error",
        error("overloaded_error", "Overloaded"),
        **NOTHING,
        error="Overloaded",
    )
    yield written(
        "stop-after-error",
        "after-error",
        "An error, then the rest of the message",
        *BEGUN,
        error("api_error", "Internal server error"),
        *REST,
        **CUT,
        error="Internal server error",
        differs=("text", "blocks", "stop_reason", "usage"),
    )
    blocked = "Output blocked by content filtering policy"
    yield written(
        "content-filter",
        "content-filter",
        "A filter ends the answer",
        *BEGUN,
        error("invalid_request_error", blocked),
        **CUT,
        error=blocked,
    )


def _other_bodies() -> Iterator[Case]:
    page = (
        b"<!DOCTYPE html>\n<html><head><title>%b</title></head>\n<body><h1>Sorry</h1>\n"
        b"<p>This page has several lines.</p></body></html>\n"
    )
    yield written(
        "html-200",
        "not-a-stream",
        "A page to sign in, with status 200",
        page % b"Sign in",
        **NOTHING,
        error="text/html",
        headers=HTML,
    )
    yield written(
        "html-520",
        "http-error",
        "A proxy's page",
        page % b"520: Web server error",
        **NOTHING,
        error="520",
        headers=HTML,
        status=520,
    )
    yield written(
        "empty-520",
        "http-error",
        "A status and no body",
        **NOTHING,
        error="520",
        headers={"content-length": "0"},
        status=520,
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _endings_with_calls()
    yield from _ends()
    yield from _errors()
    yield from _other_bodies()
