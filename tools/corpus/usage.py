"""The cases of the area usage."""

from __future__ import annotations

from collections.abc import Iterator

from tools.corpus.case import STOP, WHOLE, Case, message_delta, message_start, written


def cases() -> Iterator[Case]:
    """All of them."""
    yield written(
        "usage-missing",
        "usage-missing",
        "No usage anywhere",
        message_start(usage=...),
        *WHOLE[1:5],
        message_delta(usage=None),
        STOP,
        usage={},
    )
    yield written(
        "usage-null",
        "usage-null",
        "A count that is null at the end",
        *WHOLE[:5],
        message_delta(usage={"input_tokens": None, "output_tokens": 12}),
        STOP,
    )
    yield written(
        "usage-zero",
        "usage-shrinks",
        "Zero instead of the tokens read",
        *WHOLE[:5],
        message_delta(usage={"input_tokens": 0, "output_tokens": 12}),
        STOP,
    )
    yield written(
        "usage-at-end-only",
        "usage-one-event",
        "Usage in message_delta only",
        message_start(usage=...),
        *WHOLE[1:5],
        message_delta(usage={"input_tokens": 21, "output_tokens": 12}),
        STOP,
    )
    yield written(
        "usage-twice",
        "usage-cumulative",
        "Two message_delta with usage",
        *WHOLE[:5],
        message_delta(None, {"output_tokens": 7}),
        message_delta(),
        STOP,
    )
    yield written(
        "input-grows",
        "input-grows",
        "More input at the end than at the start",
        *WHOLE[:5],
        message_delta(usage={"input_tokens": 340, "output_tokens": 12}),
        STOP,
        usage={"input_tokens": 340, "output_tokens": 12},
    )
