"""The corpus as its files, and what the site's reader reads otherwise than they expect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from streamguide.files import CONTENT
from streamguide.reading.events import well_formed
from streamguide.reading.reader import StreamReader
from streamguide.reading.rules import load as load_rules
from tools.corpus import ends, frames, order, played, usage
from tools.corpus.case import Case

FOLDER = CONTENT / "corpus"
SCHEMA = "schema.json"


def cases() -> dict[str, Case]:
    """All cases by their names."""
    parts = (frames, order, ends, usage, played)
    return {case.name: case for part in parts for case in part.cases()}


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
