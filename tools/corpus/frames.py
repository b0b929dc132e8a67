"""The cases of the areas frames and transport: lines, data, characters and responses."""

from __future__ import annotations

from collections.abc import Iterator

from tools.corpus.case import (
    BEGUN,
    CUT,
    REST,
    STOP,
    TEXT,
    WHOLE,
    Case,
    block_start,
    block_stop,
    message_delta,
    message_start,
    raw,
    say,
    written,
)


def _lines() -> Iterator[Case]:
    yield written("plain", "split-anywhere", "Nothing is wrong here", *WHOLE)
    yield written(
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
    yield written(
        "id-and-retry",
        "other-fields",
        "Lines with id, retry and an unknown field",
        b"retry: 3000\n\n",
        *(b"id: 7\nx-trace: a:b\n" + piece for piece in WHOLE),
    )
    yield written(
        "no-space",
        "no-space",
        "No space after a field's colon",
        *(piece.replace(b": ", b":", 1).replace(b"\ndata: ", b"\ndata:") for piece in WHOLE),
    )
    yield written(
        "two-data-lines",
        "data-lines",
        "The data of a delta on two lines",
        *BEGUN,
        REST[0].replace(b',"delta"', b',\ndata: "delta"'),
        *REST[1:],
    )
    for name, end in (("cr", b"\r"), ("crlf", b"\r\n")):
        yield written(
            f"line-ends-{name}",
            "line-ends",
            f"Lines end with {name.upper()}",
            *(piece.replace(b"\n", end) for piece in WHOLE),
        )
    yield written(
        "crlf-divided",
        "line-ends split-anywhere",
        "A chunk ends between CR and LF",
        *(bit for piece in WHOLE for bit in _halves(piece.replace(b"\n", b"\r\n"), -1)),
    )
    yield written(
        "no-data",
        "no-data",
        "Frames of an event line only, and three blank lines",
        *BEGUN,
        b"event: message_stop\n\n",
        b"\n\n\n",
        *REST,
    )


def _data() -> Iterator[Case]:
    yield written(
        "unknown-name-plain-text",
        "no-object unknown",
        "An unknown event with plain text",
        *BEGUN,
        raw("gateway_trace", "hop 3"),
        *REST,
    )
    yield written(
        "ping-without-object",
        "no-object",
        "Pings whose data is empty or a number",
        *BEGUN,
        raw("ping", ""),
        raw("ping", "17"),
        *REST,
    )
    yield written(
        "half-of-an-event",
        "no-object",
        "A delta with half of its JSON",
        *BEGUN,
        raw("content_block_delta", REST[0].decode().partition("data: ")[2][:30]),
        *REST,
        **CUT,
    )
    long = REST[0][:-3] + b" " * 300_000 + REST[0][-3:]
    yield written(
        "long-line", "too-long padding", "300,000 spaces on one line", *BEGUN, long, *REST[1:]
    )


def _characters() -> Iterator[Case]:
    yield written(
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
        pieces = (say("@").replace(b"@", half.encode()) for half in halves)
        yield written(
            f"half-characters-{name}",
            "half-characters",
            f"Halves of a surrogate pair in two deltas, {name}",
            message_start(),
            block_start(),
            *pieces,
            block_stop(),
            message_delta(),
            STOP,
            text=said,
            blocks=({"type": "text", "text": said},),
            differs=("text", "blocks") if name != "alone" else (),
        )


def _responses() -> Iterator[Case]:
    yield written(
        "message-stop-without-blank-line",
        "last-blank-line",
        "The last blank line is missing",
        *WHOLE[:-1],
        STOP[:-1],
        complete=False,
        differs=("complete",),
    )
    yield written(
        "media-type-in-capitals",
        "media-type",
        "Content-Type: Text/Event-Stream",
        *WHOLE,
        headers={"content-type": "Text/Event-Stream;Charset=UTF-8"},
    )
    yield written(
        "informational", "informational", "103 comes before 200", *WHOLE, informational=(103,)
    )
    yield written("compressed", "identity", "Held back if it is compressed", *WHOLE, gzip=True)


def _halves(piece: bytes, place: int) -> tuple[bytes, bytes]:
    return piece[:place], piece[place:]


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _lines()
    yield from _data()
    yield from _characters()
    yield from _responses()
