"""Programs on the streams of the corpus: what they print, and what they call complete."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.generator.combinations import some_languages
from tests.generator.relays import program
from tools.corpus import FOLDER
from tools.faults.running import Ran, run
from tools.server import environment

CORPUS = {path.stem: path for path in sorted(FOLDER.glob("*.json")) if path.stem != "schema"}
# With others of their kind they are in `make soak`.
FEW = ("spliced", "error-string", "half-characters-joined", "text-null", "null-after-reason")
# A program prints text as it comes, in whichever order, and before it knows of no message_start.
PRINTED = {"interleaved": "Low High water.water. ", "no-message-start": None}
# What the SDK itself does not read: an error, never a complete answer.
NOT_BY_THE_SDK = ("no-event-lines", "unknown-name-plain-text")
NOT_READ = {
    "python": ("byte-order-mark", *NOT_BY_THE_SDK),
    "python-async": ("byte-order-mark", *NOT_BY_THE_SDK),
    "javascript": NOT_BY_THE_SDK,
}
# Not TypeScript, which has the template of JavaScript.
LANGUAGES = ("python", "python-async", "python-plain", "javascript", "javascript-fetch")
CODES = {"refusal": 4, "max_tokens": 5}
SECONDS = 60.0
AT_ONCE = 4


def played(language: str, names: tuple[str, ...], site: str, folder: Path) -> dict[str, Ran]:
    """The runs of a program with nothing chosen but a short limit on silence, by the stream."""
    with program(language, silence_timeout="5") as (interpreter, file):
        command = [file] if file.endswith(".py") else [interpreter, file]

        def one(name: str) -> Ran:
            base = f"{site}/simulator/corpus:{name}"
            variables = {"ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": base}
            return run(command, folder, environment({**variables, "HOME": str(folder)}), SECONDS)

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return dict(zip(names, pool.map(one, names), strict=True))


def wrong(name: str, ran: Ran, expected: dict[str, Any], language: str) -> str:
    """What a run did otherwise than expected; empty if nothing."""
    if name in NOT_READ.get(language, ()):
        return "" if ran.code in (1, 3) and "Traceback" not in ran.err else f"{name}: {ran}"
    reason = expected["stop_reason"]
    codes = {CODES.get(reason, 0)} if expected["complete"] else {1, 3}
    codes |= {0} if "complete" in expected["may_differ"] else set()
    text = PRINTED.get(name, expected["text"])
    is_right = ran.code in codes and (text is None or ran.out == text)
    told = expected["error"]
    # A program without tools tells no more of a call than the stop reason.
    if told and told != "tool call":
        is_right = is_right and told in ran.err
    if "text" in expected["may_differ"]:
        is_right = ran.code in codes
    return "" if is_right and "Traceback" not in ran.err else f"{name}: {ran}"


def assert_read(language: str, names: tuple[str, ...], site: str, folder: Path) -> None:
    found = [
        wrong(name, ran, json.loads(CORPUS[name].read_text())["expected"], language)
        for name, ran in played(language, names, site, folder).items()
    ]
    assert not any(found), "\n".join(filter(None, found))


@pytest.mark.parametrize("language", some_languages(LANGUAGES))
def test_a_few_streams_are_read_as_expected(site: str, tmp_path: Path, language: str) -> None:
    assert_read(language, FEW, site, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stream_is_read_as_expected(site: str, tmp_path: Path, language: str) -> None:
    assert_read(language, tuple(CORPUS), site, tmp_path)
