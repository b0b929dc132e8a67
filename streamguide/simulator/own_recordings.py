"""Recordings of a user's own, from a file's bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from streamguide.content_file import STRICT, ContentError, checked_json
from streamguide.recordings import Expected, Recorded, Recording, check_response, has_event
from streamguide.simulator.plan import SSE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """`NAME.json`. A copy of one of the corpus is one too; what it expects is only checked."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT

    response: Recorded
    title: str = ""
    request: Mapping[str, Any] | None = None
    expected: Expected | None = None


_DESCRIPTION = TypeAdapter(_Description)


def described(name: str, body: bytes, about: bytes) -> Recording:
    """The recording that `NAME.json` describes. Raises ContentError."""
    found = checked_json(_DESCRIPTION, about)
    check_response(found.response, body)
    return Recording(name, found.title, found.response, body)


def undescribed(name: str, body: bytes) -> Recording:
    """The stream `NAME.sse` without times: all of it at once. Raises ContentError."""
    if not has_event(body):
        raise ContentError("has no event: it takes lines that begin with data:")
    response = Recorded(
        status=200,
        headers=SSE,
        chunks=((0, len(body)),),
        end="whole",
        informational=(),
        gzip=False,
    )
    return Recording(name, "", response, body)


def of_lines(name: str, text: str) -> Recording:
    """The stream of `NAME.jsonl`, which has an event a line, as JSON. Raises ContentError."""
    frames = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            frames.append(f"event: {_type_of(line, number)}\ndata: {line}\n\n")
    if not frames:
        raise ContentError("has no event: it takes one a line, as JSON")
    return undescribed(name, "".join(frames).encode())


def _type_of(line: str, number: int) -> str:
    try:
        event = json.loads(line)
        type_ = event["type"]
    except (ValueError, TypeError, KeyError, RecursionError):
        type_ = None
    if not isinstance(type_, str) or not type_.isprintable() or "\r" in line:
        raise ContentError(f"line {number}: takes an event as a JSON object with a type")
    return type_
