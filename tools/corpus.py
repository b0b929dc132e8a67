"""Write `content/corpus/`: streams for each rule of `content/reading.toml`, and what they mean.

`make corpus` after a change that is meant to change them; then read the difference. What is
expected is written here, or is the message that the stream was made from. It is never what a
reader here has read: the readers are held to it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streamguide import models
from streamguide.files import CONTENT
from streamguide.protocol import load as protocol
from streamguide.protocol.sse import encode
from streamguide.reading.events import well_formed
from streamguide.reading.reader import StreamReader
from streamguide.reading.rules import Rule
from streamguide.reading.rules import load as load_rules
from streamguide.scenarios.answer import make_answer
from streamguide.scenarios.frames import Frame
from streamguide.scenarios.load import load_all
from streamguide.scenarios.message import full_message
from streamguide.simulator.faults import apply_all, read
from streamguide.simulator.plan import Plan, stream_plan

FOLDER = CONTENT / "corpus"
SCHEMA = "schema.json"
_SSE = {"content-type": "text/event-stream; charset=utf-8"}
_HTML = {"content-type": "text/html; charset=utf-8"}
_PAUSE_MS = 40
TEXT = "The tide comes in twice a day."
_CALL = {"type": "tool_use", "id": "toolu_corpus", "name": "get_tide", "input": {"port": "Brest"}}


@dataclass(frozen=True, slots=True)
class Case:
    """A stream and what it means. `end`: whole, drop (no end of the body) or open (no end at all).

    `informational` are statuses of 1xx that come first. `gzip`: to a client that accepts it, the body
    is sent compressed, and in one piece at its end.

    `error` are words that a client must tell. `differs` names what another good client may read
    otherwise.
    """

    name: str
    rules: tuple[str, ...]
    title: str
    frames: tuple[Frame, ...]
    text: str = TEXT
    blocks: tuple[Mapping[str, Any], ...] = ({"type": "text", "text": TEXT},)
    stop_reason: str | None = "end_turn"
    usage: Mapping[str, Any] = field(
        default_factory=lambda: {"input_tokens": 21, "output_tokens": 12}
    )
    complete: bool = True
    error: str | None = None
    differs: tuple[str, ...] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: dict(_SSE))
    end: str = "whole"
    informational: tuple[int, ...] = ()
    gzip: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(frame.data for frame in self.frames)

    def as_json(self, rules: Mapping[str, Rule]) -> dict[str, Any]:
        evidence = {one.text: None for rule in self.rules for one in rules[rule].evidence}
        return {
            "title": self.title,
            "response": {
                "status": self.status,
                "headers": dict(self.headers),
                "chunks": [[frame.at, len(frame.data)] for frame in self.frames],
                "end": self.end,
                "informational": self.informational,
                "gzip": self.gzip,
            },
            "expected": {
                "rules": self.rules,
                "evidence": list(evidence),
                "text": self.text,
                "blocks": self.blocks,
                "stop_reason": self.stop_reason,
                "usage": self.usage,
                "complete": self.complete,
                "error": self.error,
                "may_differ": self.differs,
            },
        }


# ------------------------------------------------------------------------------ parts of streams


def _start(**changes: Any) -> bytes:
    message = {
        "id": "msg_corpus",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 21, "output_tokens": 1},
    } | changes
    kept = {name: value for name, value in message.items() if value is not ...}
    return encode({"type": "message_start", "message": kept})


def _open(index: int = 0, **block: Any) -> bytes:
    content = block or {"type": "text", "text": ""}
    return encode({"type": "content_block_start", "index": index, "content_block": content})


def _delta(index: int, type_: str, **payload: Any) -> bytes:
    delta = {"type": type_, **payload}
    return encode({"type": "content_block_delta", "index": index, "delta": delta})


def _say(text: str, index: int = 0) -> bytes:
    return _delta(index, "text_delta", text=text)


def _close(index: int = 0) -> bytes:
    return encode({"type": "content_block_stop", "index": index})


def _reason(reason: str | None = "end_turn", usage: Any = ...) -> bytes:
    event = {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}}
    return encode(event | ({} if usage is None else {"usage": _OUT if usage is ... else usage}))


def _error(type_: str, message: str) -> bytes:
    return encode({"type": "error", "error": {"type": type_, "message": message}})


def _raw(name: str, data: str) -> bytes:
    return f"event: {name}\ndata: {data}\n\n".encode()


_OUT = {"output_tokens": 12}
STOP = encode({"type": "message_stop"})
PING = encode({"type": "ping"})
SAID = (_open(), _say("The tide comes "), _say("in twice a day."), _close())
BEGUN = (_start(), _open(), _say("The tide comes "))
REST = (_say("in twice a day."), _close(), _reason(), STOP)
WHOLE = (*BEGUN, *REST)
HALF = {"text": "The tide comes ", "blocks": ({"type": "text", "text": "The tide comes "},)}
UNDECIDED = {"stop_reason": None, "usage": {"input_tokens": 21, "output_tokens": 1}}
CUT = {**HALF, **UNDECIDED, "complete": False}
NOTHING: Mapping[str, Any] = {
    "text": "",
    "blocks": (),
    "stop_reason": None,
    "usage": {},
    "complete": False,
}


def _call(index: int, *fragments: str, start: Mapping[str, Any] | None = None) -> tuple[bytes, ...]:
    deltas = (_delta(index, "input_json_delta", partial_json=one) for one in fragments)
    return (_open(index, **(start or _CALL | {"input": {}})), *deltas, _close(index))


def _written(name: str, rules: str, title: str, *pieces: bytes, **expected: Any) -> Case:
    pause = _PAUSE_MS if len(pieces) < 100 else 1
    frames = tuple(Frame(pause * n, piece) for n, piece in enumerate(pieces, 1))
    return Case(name, tuple(rules.split()), title, frames, **expected)


# ------------------------------------------------------------------------------------ the cases


def _lines() -> Iterator[Case]:
    yield _written("plain", "split-anywhere", "Nothing is wrong here", *WHOLE)
    yield _written(
        "comments",
        "comment",
        "Comments before, between and within events",
        b": hello\n\n",
        WHOLE[0],
        b":\n\n",
        b": 15 s\n" + b"".join(WHOLE[1:3]),
        WHOLE[3].replace(b"\ndata", b"\n: within\ndata"),
        *WHOLE[4:],
    )
    yield _written(
        "id-and-retry",
        "other-fields",
        "Lines with id, retry and an unknown field",
        b"retry: 3000\n\n",
        *(b"id: 7\nx-trace: a:b\n" + piece for piece in WHOLE),
    )
    yield _written(
        "no-space",
        "no-space",
        "No space after a field's colon",
        *(piece.replace(b": ", b":", 1).replace(b"\ndata: ", b"\ndata:") for piece in WHOLE),
    )
    yield _written(
        "two-data-lines",
        "data-lines",
        "The data of a delta on two lines",
        *BEGUN,
        REST[0].replace(b',"delta"', b',\ndata: "delta"'),
        *REST[1:],
    )
    for name, end in (("cr", b"\r"), ("crlf", b"\r\n")):
        yield _written(
            f"line-ends-{name}",
            "line-ends",
            f"Lines end with {name.upper()}",
            *(piece.replace(b"\n", end) for piece in WHOLE),
        )
    yield _written(
        "crlf-divided",
        "line-ends split-anywhere",
        "A chunk ends between CR and LF",
        *(bit for piece in WHOLE for bit in _halves(piece.replace(b"\n", b"\r\n"), -1)),
    )
    yield _written(
        "no-data",
        "no-data",
        "Frames of an event line only, and three blank lines",
        *BEGUN,
        b"event: message_stop\n\n",
        b"\n\n\n",
        *REST,
    )


def _data() -> Iterator[Case]:
    yield _written(
        "unknown-name-plain-text",
        "no-object unknown",
        "An unknown event with plain text",
        *BEGUN,
        _raw("gateway_trace", "hop 3"),
        *REST,
    )
    yield _written(
        "ping-without-object",
        "no-object",
        "Pings whose data is empty or a number",
        *BEGUN,
        _raw("ping", ""),
        _raw("ping", "17"),
        *REST,
    )
    yield _written(
        "half-of-an-event",
        "no-object",
        "A delta with half of its JSON",
        *BEGUN,
        _raw("content_block_delta", REST[0].decode().partition("data: ")[2][:30]),
        *REST,
        **CUT,
    )
    long = REST[0][:-3] + b" " * 300_000 + REST[0][-3:]
    yield _written(
        "long-line", "too-long padding", "300,000 spaces on one line", *BEGUN, long, *REST[1:]
    )


def _characters() -> Iterator[Case]:
    yield _written(
        "one-byte-at-a-time",
        "split-anywhere console",
        "Three-byte characters, cut at every byte",
        *(bytes([byte]) for byte in b"".join(WHOLE).replace(b"tide", "潮".encode())),
        text=TEXT.replace("tide", "潮"),
        blocks=({"type": "text", "text": TEXT.replace("tide", "潮")},),
    )
    wave = "\\ud83c", "\\udf0a"
    for name, halves, said in (
        ("joined", wave, "🌊"),
        ("alone", (wave[0], ""), "\ufffd"),
        ("swapped", wave[::-1], "\ufffd\ufffd"),
    ):
        pieces = (_say("@").replace(b"@", half.encode()) for half in halves)
        yield _written(
            f"half-characters-{name}",
            "half-characters",
            f"Halves of a surrogate pair in two deltas, {name}",
            _start(),
            _open(),
            *pieces,
            _close(),
            _reason(),
            STOP,
            text=said,
            blocks=({"type": "text", "text": said},),
            differs=("text", "blocks") if name != "alone" else (),
        )


def _responses() -> Iterator[Case]:
    yield _written(
        "message-stop-without-blank-line",
        "last-blank-line",
        "The last blank line is missing",
        *WHOLE[:-1],
        STOP[:-1],
        complete=False,
        differs=("complete",),
    )
    yield _written(
        "media-type-in-capitals",
        "media-type",
        "Content-Type: Text/Event-Stream",
        *WHOLE,
        headers={"content-type": "Text/Event-Stream;Charset=UTF-8"},
    )
    yield _written(
        "informational", "informational", "103 comes before 200", *WHOLE, informational=(103,)
    )
    yield _written("compressed", "identity", "Held back if it is compressed", *WHOLE, gzip=True)


def _halves(piece: bytes, place: int) -> tuple[bytes, bytes]:
    return piece[:place], piece[place:]


def _starts() -> Iterator[Case]:
    yield _written(
        "spliced",
        "second-start",
        "Another answer begins in the middle of the first",
        *BEGUN,
        _start(id="msg_other"),
        _open(),
        _say("Tides follow the moon."),
        *REST[1:],
        **CUT,
        differs=("stop_reason", "usage"),
    )
    yield _written(
        "repeated-start",
        "repeated-start",
        "The same message_start again, after some text",
        *BEGUN,
        WHOLE[0],
        *REST,
    )
    yield _written(
        "start-without-content",
        "start-without-content",
        "message_start without content",
        _start(content=..., stop_sequence=...),
        *WHOLE[1:],
    )
    yield _written(
        "no-message-start",
        "no-start",
        "The first event is content_block_start",
        *WHOLE[1:],
        **NOTHING,
        differs=("text", "blocks", "stop_reason", "usage"),
    )


def _indices() -> Iterator[Case]:
    numbered = tuple(piece.replace(b'"index":0', b'"index":4294967295') for piece in WHOLE)
    yield _written("huge-index", "index-gaps", "The only block has the index 2^32 - 1", *numbered)
    two = ({"type": "text", "text": "High water. "}, {"type": "text", "text": "Low water."})
    both = {"text": "High water. Low water.", "blocks": two}
    yield _written(
        "index-gap",
        "index-gaps",
        "Blocks with the indices 0 and 2",
        _start(),
        _open(),
        _say("High water. "),
        _close(),
        _open(2),
        _say("Low water.", 2),
        _close(2),
        _reason(),
        STOP,
        **both,
    )
    yield _written(
        "interleaved",
        "interleaved",
        "The deltas of two blocks take turns",
        _start(),
        _open(),
        _open(1),
        _say("Low ", 1),
        _say("High "),
        _say("water.", 1),
        _say("water. "),
        _close(1),
        _close(),
        _reason(),
        STOP,
        **both,
        # A program that prints each delta at once cannot put the blocks in their order.
        differs=("text",),
    )
    yield _written(
        "late-delta",
        "late-delta",
        "A delta after its block's content_block_stop",
        *BEGUN,
        REST[1],
        REST[0],
        *REST[2:],
        differs=("text", "blocks"),
    )
    yield _written(
        "unopened-block",
        "unopened-block",
        "A delta for a block that nobody opened",
        *BEGUN,
        _say("(lost) ", 5),
        *REST,
        differs=("text", "blocks"),
    )


def _blocks() -> Iterator[Case]:
    yield _written(
        "text-missing",
        "no-text",
        "A text_delta without text",
        *BEGUN,
        _delta(0, "text_delta"),
        *REST,
    )
    yield _written(
        "text-null",
        "no-text",
        "A text_delta whose text is null",
        *BEGUN,
        _delta(0, "text_delta", text=None),
        *REST,
    )
    yield _written(
        "text-in-block-start",
        "no-deltas",
        "A block with its text in content_block_start",
        _start(),
        _open(type="text", text=TEXT),
        _close(),
        _reason(),
        STOP,
    )
    yield _written(
        "unknown-everything",
        "unknown",
        "An unknown event, delta and block",
        *BEGUN,
        encode({"type": "future_event", "x": 1}),
        _delta(0, "future_delta", y=2),
        *REST[:2],
        _open(1, type="future_block", z=3),
        _close(1),
        *REST[2:],
        blocks=({"type": "text", "text": TEXT}, {"type": "future_block", "z": 3}),
    )


def _after_the_end() -> Iterator[Case]:
    yield _written(
        "message-after-stop",
        "after-stop",
        "A second message after message_stop",
        *WHOLE,
        _start(id="msg_other"),
        *SAID,
        _reason("max_tokens"),
        STOP,
    )
    yield _written(
        "text-after-stop",
        "after-stop",
        "A delta and an error after message_stop",
        *WHOLE,
        _say("(and more)"),
        _error("api_error", "Too late"),
        differs=("error",),
    )
    yield _written(
        "bare-message-stop", "bare-stop", "message_stop and nothing else", STOP, **NOTHING
    )
    yield _written(
        "no-blocks",
        "no-blocks",
        "A refusal before the first word",
        _start(),
        PING,
        _reason("refusal", {"output_tokens": 1}),
        STOP,
        text="",
        blocks=(),
        stop_reason="refusal",
        usage={"input_tokens": 21, "output_tokens": 1},
    )


def _tools() -> Iterator[Case]:
    asks = {"text": "", "stop_reason": "tool_use", "blocks": (_CALL,)}
    port = '{"port": ', '"Brest"}'
    end = _reason("tool_use"), STOP
    yield _written(
        "call",
        "no-input",
        "A call whose input comes in fragments",
        _start(),
        *_call(0, "", *port),
        *end,
        **asks,
    )
    bare = {name: value for name, value in _CALL.items() if name != "input"}
    yield _written(
        "call-without-input",
        "no-input",
        "A call whose start lacks input",
        _start(),
        *_call(0, *port, start=bare),
        *end,
        **asks,
    )
    for name, fragments in (("no-fragment", ()), ("empty-fragment", ("",))):
        yield _written(
            f"call-{name}",
            "no-input",
            f"A call without arguments: {name}",
            _start(),
            *_call(0, *fragments),
            *end,
            **asks | {"blocks": (_CALL | {"input": {}},)},
        )
    merged = '{"port": "Brest"}{"port": "Oslo"}'
    for name, text in (("broken", '{"port": Brest}'), ("merged", merged)):
        kept = _CALL | {"input": {}, "partial_json": text}
        yield _written(
            f"input-{name}",
            "broken-input",
            f"A call's input is {name}: no JSON",
            _start(),
            *_call(0, text),
            *end,
            **asks | {"blocks": (kept,)},
            differs=("blocks", "complete"),
        )


def _endings_with_calls() -> Iterator[Case]:
    asks = {"text": "", "stop_reason": "tool_use", "blocks": (_CALL,)}
    port = '{"port": ', '"Brest"}'
    end = _reason("tool_use"), STOP
    said = {"type": "text", "text": TEXT}
    yield _written(
        "end-turn-with-call",
        "unanswered-call",
        "end_turn after a tool call",
        _start(),
        *SAID,
        *_call(1, *port),
        _reason(),
        STOP,
        blocks=(said, _CALL),
        error="tool call",
        differs=("complete",),
    )
    yield _written(
        "tool-use-without-call",
        "no-call",
        "tool_use without a tool call",
        _start(),
        *SAID,
        *end,
        stop_reason="tool_use",
        error="tool call",
        differs=("complete",),
    )
    half = _CALL | {"input": {}, "partial_json": port[0]}
    yield _written(
        "call-cut",
        "open-block",
        "max_tokens cuts a call, whose block stays open",
        _start(),
        *_call(0, port[0])[:-1],
        _reason("max_tokens"),
        STOP,
        **asks | {"stop_reason": "max_tokens", "blocks": (half,)},
        differs=("blocks",),
    )


def _ends() -> Iterator[Case]:
    yield _written(
        "ended-early", "only-message-stop", "The body ends in the middle of a block", *BEGUN, **CUT
    )
    yield _written(
        "dropped",
        "only-message-stop",
        "The connection breaks in the middle of an event",
        *BEGUN,
        REST[0][:40],
        **CUT,
        end="drop",
    )
    yield _written(
        "no-message-stop",
        "only-message-stop",
        "end_turn, but no message_stop",
        *WHOLE[:-1],
        complete=False,
    )
    yield _written(
        "null-after-reason",
        "later-delta",
        "A later message_delta whose stop reason is null",
        *WHOLE[:-1],
        _reason(None),
        STOP,
    )
    yield _written(
        "thinking-used-up",
        "thinking-used-up",
        "Thinking leaves no token for the text",
        _start(),
        _open(type="thinking", thinking="", signature=""),
        _close(),
        _reason("max_tokens", {"output_tokens": 900}),
        STOP,
        text="",
        blocks=({"type": "thinking", "thinking": "", "signature": ""},),
        stop_reason="max_tokens",
        usage={"input_tokens": 21, "output_tokens": 900},
        error="thinking used",
    )
    yield _written(
        "pings-for-ever",
        "pings-for-ever",
        "Pings instead of message_stop",
        *WHOLE[:-1],
        *[PING] * 40,
        complete=False,
        end="open",
    )
    yield _written(
        "open-after-stop", "open-after-stop", "The connection stays open", *WHOLE, end="open"
    )


def _errors() -> Iterator[Case]:
    yield _written(
        "error-event",
        "error-event",
        "Overloaded, in the middle of the text",
        *BEGUN,
        _error("overloaded_error", "Overloaded"),
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
        yield _written(
            f"error-{name}",
            "error-words",
            f"An error event whose data is {data}",
            *BEGUN,
            _raw("error", data),
            **CUT,
            error="upstream closed",
        )
    yield _written(
        "error-first",
        "error-first",
        "The first event is an error",
        _error("overloaded_error", "Overloaded"),
        **NOTHING,
        error="Overloaded",
    )
    yield _written(
        "stop-after-error",
        "after-error",
        "An error, then the rest of the message",
        *BEGUN,
        _error("api_error", "Internal server error"),
        *REST,
        **CUT,
        error="Internal server error",
        differs=("text", "blocks", "stop_reason", "usage"),
    )
    blocked = "Output blocked by content filtering policy"
    yield _written(
        "content-filter",
        "content-filter",
        "A filter ends the answer",
        *BEGUN,
        _error("invalid_request_error", blocked),
        **CUT,
        error=blocked,
    )


def _other_bodies() -> Iterator[Case]:
    page = (
        b"<!DOCTYPE html>\n<html><head><title>%b</title></head>\n<body><h1>Sorry</h1>\n"
        b"<p>This page has several lines.</p></body></html>\n"
    )
    yield _written(
        "html-200",
        "not-a-stream",
        "A page to sign in, with status 200",
        page % b"Sign in",
        **NOTHING,
        error="text/html",
        headers=_HTML,
    )
    yield _written(
        "html-520",
        "http-error",
        "A proxy's page",
        page % b"520: Web server error",
        **NOTHING,
        error="520",
        headers=_HTML,
        status=520,
    )
    yield _written(
        "empty-520",
        "http-error",
        "A status and no body",
        **NOTHING,
        error="520",
        headers={"content-length": "0"},
        status=520,
    )


def _usage() -> Iterator[Case]:
    yield _written(
        "usage-missing",
        "usage-missing",
        "No usage anywhere",
        _start(usage=...),
        *WHOLE[1:5],
        _reason(usage=None),
        STOP,
        usage={},
    )
    yield _written(
        "usage-null",
        "usage-null",
        "A count that is null at the end",
        *WHOLE[:5],
        _reason(usage={"input_tokens": None, "output_tokens": 12}),
        STOP,
    )
    yield _written(
        "usage-zero",
        "usage-shrinks",
        "Zero instead of the tokens read",
        *WHOLE[:5],
        _reason(usage={"input_tokens": 0, "output_tokens": 12}),
        STOP,
    )
    yield _written(
        "usage-at-end-only",
        "usage-one-event",
        "Usage in message_delta only",
        _start(usage=...),
        *WHOLE[1:5],
        _reason(usage={"input_tokens": 21, "output_tokens": 12}),
        STOP,
    )
    yield _written(
        "usage-twice",
        "usage-cumulative",
        "Two message_delta with usage",
        *WHOLE[:5],
        _reason(None, {"output_tokens": 7}),
        _reason(),
        STOP,
    )
    yield _written(
        "input-grows",
        "input-grows",
        "More input at the end than at the start",
        *WHOLE[:5],
        _reason(usage={"input_tokens": 340, "output_tokens": 12}),
        STOP,
        usage={"input_tokens": 340, "output_tokens": 12},
    )


# By name: a scenario and its fault, the rules, the title, and what is expected otherwise.
_PLAYED: Mapping[str, tuple[str, str, str, Mapping[str, Any]]] = {
    "padding": ("hello", "padding split-anywhere", "A whole answer, with its padding", {}),
    "byte-order-mark": ("hello/bom", "byte-order-mark", "A byte order mark first", {}),
    "no-event-lines": ("hello/unnamed", "no-name", "No event lines", {}),
    "done-marker": ("hello/done-marker", "no-object after-stop", "[DONE] at the end", {}),
    "whole-at-start": (
        "programmatic-tool-call",
        "whole-at-start",
        "message_start has the whole message",
        {},
    ),
    "refusal-midway": ("refusal-midway", "no-deltas", "A refusal after some text", {}),
    "json-200": (
        "hello/not-sse",
        "not-a-stream",
        "JSON instead of a stream",
        dict(NOTHING) | {"error": "application/json"},
    ),
}


def _played() -> Iterator[Case]:
    # Not all of the content, which has the corpus.
    table = protocol.load(CONTENT / "protocol.toml")
    scenarios = load_all(CONTENT / "scenarios", table, models.load(CONTENT / "models.toml"))
    for name, (path, rules, title, expected) in _PLAYED.items():
        scenario, _, fault = path.partition("/")
        answer = make_answer(scenarios[scenario])
        plan: Plan = stream_plan(answer)
        if fault:
            plan = apply_all(plan, read(fault), answer, table)
        message = full_message(answer)
        blocks = tuple(message["content"])
        case = Case(
            name,
            tuple(rules.split()),
            title,
            plan.frames,
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            blocks=blocks,
            stop_reason=message["stop_reason"],
            usage=message["usage"],
            status=plan.status,
            headers=plan.headers,
        )
        yield replace(case, **expected)


def cases() -> dict[str, Case]:
    """All cases by their names."""
    parts = (
        *(_lines, _data, _characters, _responses),
        *(_starts, _indices, _blocks, _after_the_end),
        *(_tools, _endings_with_calls, _ends, _errors, _other_bodies, _usage, _played),
    )
    return {case.name: case for part in parts for case in part()}


def files() -> dict[str, bytes]:
    """The contents of the files of the corpus, by their names."""
    rules = load_rules(CONTENT / "reading.toml")
    found: dict[str, bytes] = {}
    for name, case in cases().items():
        about = case.as_json(rules)
        chunks = about["response"].pop("chunks")
        text = json.dumps(about, ensure_ascii=False, indent=1)
        # Some have very many chunks, so they stand on one line.
        text = text.replace(
            '"response": {', f'"response": {{\n  "chunks": {json.dumps(chunks)},', 1
        )
        found |= {f"{name}.sse": case.body, f"{name}.json": f"{text}\n".encode()}
    return found


def read_otherwise(case: Case, size: int) -> list[str]:
    """What the reader reads otherwise than expected, if it is fed so many bytes at a time."""
    reader = StreamReader(case.status, case.headers.get("content-type", ""))
    for place in range(0, len(case.body), size):
        reader.feed(case.body[place : place + size])
    ending, message = reader.end(), reader.message
    read = {
        "text": message.text,
        "blocks": tuple(map(_well_formed, message.blocks)),
        "stop_reason": message.stop_reason,
        "usage": message.usage,
        "complete": ending.is_complete,
    }
    wrong = [f"{name}: {value}" for name, value in read.items() if value != getattr(case, name)]
    if (case.error or "") not in ending.words:
        wrong.append(f"error: {ending.words}")
    return [f"{case.name}: {one}" for one in wrong]


def _well_formed(block: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: well_formed(value) if isinstance(value, str) else value
        for name, value in block.items()
    }


def main() -> int:
    """Write every file, and remove those that nothing generates any more."""
    FOLDER.mkdir(exist_ok=True)
    found = files()
    for stale in (*FOLDER.glob("*.sse"), *FOLDER.glob("*.json")):
        if stale.name not in found and stale.name != SCHEMA:
            stale.unlink()
    for name, content in found.items():
        (FOLDER / name).write_bytes(content)
    print(f"Wrote {len(found)} files to {FOLDER}")
    wrong = [one for case in cases().values() for one in read_otherwise(case, 4096)]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
