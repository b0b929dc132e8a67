"""Programs on the streams of the corpus: what they print, and what they call complete."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from streamguide.generator.languages import LANGUAGES
from streamguide.generator.options import read
from streamguide.generator.render import render
from tests.generator.combinations import MODELS, TABLE, some_languages
from tools.corpus import FOLDER
from tools.faults.running import Ran, run
from tools.server import environment

CORPUS = {path.stem: path for path in sorted(FOLDER.glob("*.json")) if path.stem != "schema"}
# With others of their kind they are in `make soak`.
FEW = ("spliced", "error-string", "half-characters-joined", "text-null", "null-after-reason")
# A program prints text as it comes, in whichever order, and before it knows of no message_start.
PRINTED = {"interleaved": "Low High water.water. ", "no-message-start": None}
# What the SDK itself does not read: an error, never a complete answer.
NOT_BY_THE_SDK = ("byte-order-mark", "no-event-lines", "unknown-name-plain-text")
CODES = {"refusal": 4, "max_tokens": 5}
SECONDS = 60.0
AT_ONCE = 4


def played(language: str, names: tuple[str, ...], site: str, folder: Path) -> dict[str, Ran]:
    """The runs of a program with nothing chosen but a short limit on silence, by the stream."""
    options = read({"language": [language], "silence_timeout": ["5"]}, MODELS)
    program = folder / LANGUAGES[language].file
    program.write_text(render(options, MODELS, TABLE).text, encoding="utf-8")

    def one(name: str) -> Ran:
        base = f"{site}/simulator/corpus:{name}"
        variables = {"ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": base, "HOME": str(folder)}
        return run([str(program)], folder, environment(variables), SECONDS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(names, pool.map(one, names), strict=True))


def wrong(name: str, ran: Ran, expected: dict[str, Any], uses_sdk: bool) -> str:
    """What a run did otherwise than expected; empty if nothing."""
    if uses_sdk and name in NOT_BY_THE_SDK:
        return "" if ran.code in (1, 3) and "Traceback" not in ran.err else f"{name}: {ran}"
    reason = expected["stop_reason"]
    codes = {CODES.get(reason, 0)} if expected["complete"] else {1, 3}
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
    uses_sdk = language in ("python", "python-async")
    found = [
        wrong(name, ran, json.loads(CORPUS[name].read_text())["expected"], uses_sdk)
        for name, ran in played(language, names, site, folder).items()
    ]
    assert not any(found), "\n".join(filter(None, found))


@pytest.mark.parametrize("language", some_languages(["python", "python-async", "python-plain"]))
def test_a_few_streams_are_read_as_expected(site: str, tmp_path: Path, language: str) -> None:
    assert_read(language, FEW, site, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("language", ["python", "python-async", "python-plain"])
def test_every_stream_is_read_as_expected(site: str, tmp_path: Path, language: str) -> None:
    assert_read(language, tuple(CORPUS), site, tmp_path)
