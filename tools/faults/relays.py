"""Relays, asked by the script of their own page; what it shows is judged like a program's run."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from streamguide.generator.options import Options
from tools.faults.forked import forked
from tools.faults.running import Ran, run
from tools.server import START_SECONDS, Server, started

# No error reached the page, or none that helps a visitor.
UNSAID = "Unsaid: "

_PAGE = Path(__file__).with_name("page.mjs")
_ADDRESS = re.compile(r"(http://127\.0\.0\.1:[0-9]+)")
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
# The page's text for an HTTP error whose body it cannot read.
_ONLY_A_STATUS = re.compile(r"status [0-9]+")


def ask(
    options: Options,
    command: Sequence[str],
    node: str,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float,
) -> list[tuple[str, Ran]]:
    """Start a relay, and let its page ask: each question, and what the page showed of its answer as
    if it had been a program that prints it. Its `err` begins with what the relay has logged.

    The page asks once; of a relay with a breaker as long as it fails, until that must have opened.
    `seconds` are for each question. Raises RuntimeError if the relay never listens.
    """
    times = _QUESTIONS if options.has_breaker else 1
    with _serving(command, folder, {**environment, "PORT": "0"}) as relay:
        page_command = [node, str(_PAGE), relay.url, str(times)]
        page = run(page_command, folder, environment, times * seconds)
    relay.finish_log()
    log = relay.log()
    asked = [_asked(json.loads(line), log) for line in page.out.splitlines()]
    if page.code == 0:
        return asked
    # The page never came to an end: with its last question, or before the first.
    return [*asked, ("", replace(page, out="", err=log + page.err))]


@contextmanager
def _serving(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[Server]:
    if command[0].endswith(".py"):
        with forked(command, folder, environment, together=True) as (child, out, _):
            output = os.fdopen(os.dup(out.fileno()), errors="replace")
            yield Server(output, child.pid or 0, _ADDRESS, START_SECONDS)
    else:
        with started(command, environment, _ADDRESS, folder=folder, stop=signal.SIGKILL) as server:
            yield server


def split(
    asked: Sequence[tuple[str, Ran]], requests: Sequence[dict[str, Any]]
) -> list[tuple[Ran, list[dict[str, Any]]]]:
    """Each run with the journal's entries that belong to its question."""
    texts = [json.loads(request["body"])["messages"][0]["content"] for request in requests]
    return [
        (ran, [one for one, text in zip(requests, texts, strict=True) if text == question])
        for question, ran in asked
    ]


def _asked(shown: Mapping[str, Any], log: str) -> tuple[str, Ran]:
    """A question, from a line that `page.mjs` prints."""
    code, told = _told(shown["status"], shown["last"])
    out = shown["answer"] + ("\n" if code == 6 else "")
    return shown["question"], Ran(code, out, f"{log}\n{told}\n", shown["first"], shown["end"])


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
