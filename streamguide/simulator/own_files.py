"""A user's own files: scenarios, recordings and texts of a folder, which the simulator plays by name.

`NAME.toml` is a scenario, `NAME.txt` or `NAME.md` the text of an answer, `NAME.json` an answer as
`PUT /simulator/answers` takes it. `NAME.sse` is a recording, which `NAME.json` may describe as in
the corpus, and `NAME.jsonl` one with an event a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from streamguide.content_file import ContentError, inside, parse
from streamguide.models import Models
from streamguide.protocol.refusal import Refusal
from streamguide.protocol.table import Table
from streamguide.recordings import Recording
from streamguide.scenarios.load import Scenario, own_scenario
from streamguide.simulator.answers import OwnAnswer, parse_answers
from streamguide.simulator.directive import AUTO
from streamguide.simulator.own_recordings import described, of_lines, undescribed

MOST_FILES = 400
MOST_TEXT_BYTES = 1024 * 1024
# Each request parses the events again: 4 MB take about a quarter of a second.
MOST_RECORDING_BYTES = 4 * 1024 * 1024
MOST_TOTAL_BYTES = 64 * 1024 * 1024

# A path and a message (`simulate: NAME`) can name it.
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9-]{0,99}")
# These have a meaning of their own in a base URL.
_RESERVED = (AUTO, "v1")


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """Scenarios and recordings by the names that play them."""

    scenarios: Mapping[str, Scenario] = field(default_factory=lambda: MappingProxyType({}))
    recordings: Mapping[str, Recording] = field(default_factory=lambda: MappingProxyType({}))


NONE = OwnFiles()


def load(folder: str, table: Table, models: Models, taken: Container[str]) -> OwnFiles:
    """Read and check the files of a folder; hidden ones are left out, and "" has none.

    `taken` are names that mean something else. Raises ContentError for the first file that cannot
    be played.
    """
    if not folder:
        return NONE
    try:
        return _loaded(_paths(Path(folder)), table, models, taken)
    except OSError as error:
        raise ContentError(f"{error.filename}: cannot be read: {error.strerror}") from None


def _loaded(paths: list[Path], table: Table, models: Models, taken: Container[str]) -> OwnFiles:
    names: dict[str, str] = {}
    scenarios: dict[str, Scenario] = {}
    recordings: dict[str, Recording] = {}
    rest = MOST_TOTAL_BYTES
    for path in paths:
        with inside(path.name):
            _check_name(path, taken, names)
            if _describes(path):
                continue
            body = _read(path, min(rest, _MOST_BYTES[path.suffix]))
            rest -= len(body)
            if path.suffix == ".json":
                scenarios[path.stem] = _scenario_of_answer(path.stem, body, table, models)
                continue
            if path.suffix in _SCENARIOS:
                values = _SCENARIOS[path.suffix](_text(body))
                scenarios[path.stem] = own_scenario(path.stem, values, table, models)
                continue
        recordings[path.stem] = _RECORDINGS[path.suffix](path, body)
    return OwnFiles(MappingProxyType(scenarios), MappingProxyType(recordings))


def _paths(folder: Path) -> list[Path]:
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if len(paths) > MOST_FILES:
        raise ContentError(f"{folder}: has {len(paths)} files; it takes up to {MOST_FILES}")
    return paths


def _check_name(path: Path, taken: Container[str], names: dict[str, str]) -> None:
    """Note the name in `names`, by which the file is played. Raises ContentError."""
    if path.suffix not in _MOST_BYTES or not path.is_file():
        kinds = ", ".join(f"NAME{suffix}" for suffix in _MOST_BYTES)
        raise ContentError(f"the folder takes files called {kinds}")
    if not _NAME.fullmatch(path.stem):
        raise ContentError(
            "a name has letters, digits and -, and at most 100 of them, as it stands in a base URL"
        )
    if path.stem in _RESERVED or path.stem in taken:
        raise ContentError(f"{path.stem} already has a meaning in a base URL; take another name")
    if _describes(path):
        return
    if path.stem in names:
        raise ContentError(f"has the name of {names[path.stem]}; take another name")
    names[path.stem] = path.name


def _describes(path: Path) -> bool:
    """Whether it is the description of a recording."""
    return path.suffix == ".json" and path.with_suffix(".sse").is_file()


def _read(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        body = file.read(most + 1)
    if len(body) > most:
        raise ContentError(
            f"is too large: {path.suffix} takes up to {_MOST_BYTES[path.suffix]:,} bytes, and all "
            f"files together up to {MOST_TOTAL_BYTES:,}"
        )
    return body


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ContentError(f"line {line}: takes text in UTF-8") from None


def _scenario_of_text(text: str) -> dict[str, Any]:
    if not text.strip():
        raise ContentError("has no text")
    # An editor ends the last line, which is no part of the answer.
    block = {"type": "text", "text": text.removesuffix("\n")}
    return {"blocks": [block], "end": {"stop_reason": "end_turn"}}


def _scenario_of_answer(name: str, body: bytes, table: Table, models: Models) -> Scenario:
    try:
        answers = parse_answers(body, table, models, _none)
    except Refusal as refusal:
        missing = f"If it describes a recording, {name}.sse is missing"
        raise ContentError(f"{refusal.message} {missing}.") from None
    scenario = answers[0].scenario
    if len(answers) > 1 or replace(answers[0], scenario=None) != OwnAnswer() or scenario is None:
        raise ContentError(
            "takes one answer, without `when`, faults and a pace; a list is for PUT "
            "/simulator/answers, and an HTTP error is the fault `status`"
        )
    return replace(scenario, name=name)


def _none(name: str) -> None:
    """A file's answer is made of itself."""


def _recording_of_stream(path: Path, body: bytes) -> Recording:
    description = path.with_suffix(".json")
    if not description.exists():
        with inside(path.name):
            return undescribed(path.stem, body)
    with inside(description.name):
        return described(path.stem, body, _read(description, _MOST_BYTES[".json"]))


def _recording_of_lines(path: Path, body: bytes) -> Recording:
    with inside(path.name):
        return of_lines(path.stem, _text(body))


_SCENARIOS: Mapping[str, Callable[[str], dict[str, Any]]] = MappingProxyType(
    {".toml": parse, ".txt": _scenario_of_text, ".md": _scenario_of_text}
)
_RECORDINGS: Mapping[str, Callable[[Path, bytes], Recording]] = MappingProxyType(
    {".sse": _recording_of_stream, ".jsonl": _recording_of_lines}
)
_MOST_BYTES: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(_SCENARIOS, MOST_TEXT_BYTES),
        **dict.fromkeys(_RECORDINGS, MOST_RECORDING_BYTES),
        ".json": MOST_TEXT_BYTES,
    }
)
