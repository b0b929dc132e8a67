"""How a stream ended: whether its message is complete, and if not, why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from streamguide.reading.events import Event, parse_json, words_of
from streamguide.reading.frames import MOST_BYTES
from streamguide.reading.message import Message

_MOST_WORDS = 300
_TITLE = re.compile(rb"<title[^>]*>([^<]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a response ended. Only with `is_complete` the message is whole.

    `words` say in one line why it is not, or what is missing in it all the same. `findings` are
    the ids of the rules of `content/reading.toml` that were needed, in their order.
    """

    is_complete: bool
    words: str
    findings: tuple[str, ...]


def ending_of(message: Message, dropped: Event | None, is_too_long: bool) -> Ending:
    """The ending of a stream of events.

    `dropped` is the last event if no blank line ended it. With `is_too_long` a frame ended the
    reading.
    """
    found = [*message.findings, *(["too-long"] if is_too_long else [])]
    if message.error is not None:
        return Ending(False, one_line(message.error), ("error-event", *found))
    if message.is_spliced:
        return Ending(False, "Another message began before this one was complete.", tuple(found))
    if message.lost is not None:
        return Ending(False, f"{message.lost} has data that is no JSON object.", tuple(found))
    if not message.is_stopped:
        if is_too_long:
            return Ending(False, f"A frame has more than {MOST_BYTES:,} bytes.", tuple(found))
        if dropped is not None and dropped.get("type") == "message_stop":
            return Ending(False, "No blank line ended message_stop.", (*found, "last-blank-line"))
        return Ending(
            False, "The stream ended without message_stop.", (*found, "only-message-stop")
        )
    rule, words = _missing(message)
    return Ending(True, words, (*found, *filter(None, [rule])))


def _missing(message: Message) -> tuple[str, str]:
    """What a complete message lacks: the rule and its words."""
    calls = [block for block in message.blocks if block.get("type") == "tool_use"]
    match message.stop_reason:
        case "end_turn" if calls:
            return (
                "unanswered-call",
                "It ended with end_turn, but a tool call waits for its result.",
            )
        case "tool_use" if not calls:
            return "no-call", "It stopped for a tool, but there is no tool call."
        case "max_tokens" if not message.text and any(
            block.get("type") == "thinking" for block in message.blocks
        ):
            return "thinking-used-up", "No text was received: thinking used up max_tokens."
        case "max_tokens" if any("partial_json" in call for call in calls):
            return "open-block", "max_tokens cut a tool's input: do not run the call."
    return "", ""


def not_a_stream(status: int, content_type: str, body: bytes) -> Ending:
    """The ending of a response that is no stream: an error, or an answer of something else."""
    told = told_by(body, is_error=status >= 300)
    came = f"HTTP {status} with {content_type or 'no content-type'}"
    rule = "not-a-stream" if status < 300 else "http-error"
    return Ending(False, one_line(f"{came}: {told}".rstrip(": ")), (rule,))


def told_by(body: bytes, *, is_error: bool) -> str:
    """What a body says: its error, the title of a page, or, if it is an error, its text."""
    error = parse_json(body.decode(errors="replace"))
    if isinstance(error, dict) and "error" in error:
        return words_of(error)
    if title := _TITLE.search(body):
        return title[1].decode(errors="replace")
    return body.decode(errors="replace") if is_error and b"<" not in body else ""


def one_line(text: str) -> str:
    """The text on one line, with an ellipsis if it is very long."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST_WORDS else f"{line[:_MOST_WORDS]}…"
