"""Relays: asked by the script of their own page, and what it showed as the run of a program."""

from __future__ import annotations

import json
import re
import selectors
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any

from scripts.process import ROOT
from scripts.survival.running import Ran, Serving, run
from streamguide.generator.options import Options

# What relays import beside the SDK.
IMPORTS = ("flask", "fastapi", "uvicorn")
# Nothing of an error reached the page, or nothing that a visitor can use.
UNSAID = "Unsaid: "

_PAGE = ROOT / "scripts" / "survival" / "page.mjs"
# With what comes after it: the number may still be on its way.
_ADDRESS = re.compile(r"(http://127\.0\.0\.1:[0-9]+)[^0-9]")
_START_SECONDS = 60.0
_READ_BYTES = 65536
# A breaker lets three failures in a row pass.
_QUESTIONS = 4
_FALLBACK = "A fallback: Claude was not asked."
# The page's other words, as the exit status that programs have for the same.
_STATUS = {
    "Complete.": 0,
    "Claude declined to answer.": 4,
    "Cut at the length limit.": 5,
    "Cut: the conversation is too long.": 5,
}
_OTHER = 2
# What the page says of an HTTP error whose body it cannot read.
_ONLY_A_STATUS = re.compile(r"status [0-9]+")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and what became of it.

    `ran` is what the page showed, as if it had been a program that prints it: `judge` knows only
    these. Its `err` begins with what the relay has logged.
    """

    question: str
    ran: Ran


def questions(options: Options) -> int:
    """How often the page asks as long as it fails: with a breaker, until that must have opened."""
    return _QUESTIONS if options.has_breaker else 1


def ask(
    serving: Serving,
    node: str,
    folder: Path,
    environment: Mapping[str, str],
    times: int,
    seconds: float,
) -> list[Asked]:
    """Let the relay's page ask, and end the relay. `seconds` are for all questions together.

    Raises RuntimeError if the relay never listens.
    """
    log = _log_until_it_listens(serving.log)
    found = _ADDRESS.search(log)
    if not found:
        raise RuntimeError(f"the relay does not listen:\n{log}")
    page = run([node, str(_PAGE), found[1], str(times)], folder, environment, seconds)
    serving.kill()
    log += serving.log.readall().decode(errors="replace")
    asked = [_asked(json.loads(line), log) for line in page.out.splitlines()]
    if page.code == 0:
        return asked
    # The page never came to an end: with its last question, or before the first.
    return [*asked, Asked("", replace(page, out="", err=log + page.err))]


def split(asked: Sequence[Asked], requests: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The journal's entries by the question that they belong to."""
    texts = [json.loads(request["body"])["messages"][0]["content"] for request in requests]
    return [
        [request for request, text in zip(requests, texts, strict=True) if text == one.question]
        for one in asked
    ]


def _log_until_it_listens(pipe: FileIO) -> str:
    text = ""
    deadline = time.monotonic() + _START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while not _ADDRESS.search(text):
            ready = selector.select(deadline - time.monotonic())
            data = pipe.read(_READ_BYTES) if ready else b""
            if not data:
                break
            text += data.decode(errors="replace")
    return text


def _asked(shown: Mapping[str, Any], log: str) -> Asked:
    """A question from what the page tells of it: see `page.mjs`."""
    code, told = _told(shown["status"], shown["last"])
    out = shown["answer"] + ("\n" if code == 6 else "")
    return Asked(
        shown["question"], Ran(code, out, f"{log}\n{told}\n", shown["first"], shown["end"])
    )


def _told(status: str, last: str | None) -> tuple[int, str]:
    """The page's words as an exit status and a message, as programs have them."""
    how, _, message = status.partition(": ")
    # A stream has to end with an event that tells how it ended; None is no stream at all.
    is_told = last in ("error", None) and not _ONLY_A_STATUS.fullmatch(message)
    match how:
        case _ if status == _FALLBACK:
            return 6, f"Fallback shown: {message}"
        case "Failed":
            return 1, f"Failed: {message}" if is_told else UNSAID + message
        case "Interrupted":
            return 3, f"Incomplete: {message}" if is_told else UNSAID + message
        case _:
            return _STATUS.get(status, _OTHER), status
