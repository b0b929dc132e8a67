"""Verdicts on a client, from the journal of its key.

Each rule is about what the requests show. A rule that nothing has put to the test is not met, and
fails nobody.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from streamguide.simulator.journal import Entry
from streamguide.simulator.plan import JSON, Plan

Result = Literal["passed", "failed", "not met"]

SILENCE_SECONDS = 60
MOST_SILENCE_SECONDS = 3600
# Clocks and rounding.
_TOLERANCE = 0.05
# The same request later than this is not taken for another try.
_SAME_TRY_SECONDS = 60
_WAITS = 3
_GROWTH = 1.5
_STORM_REQUESTS = 10
_STORM_SECONDS = 10
# Of the statuses below 500, those that the SDKs try again.
_RETRIED = (408, 409, 429)


class ClientReport(BaseModel):
    """What a client says of an answer: whether it took it for complete.

    Without `request_id` it is about the last request of its key.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    complete: bool
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the requests show about a rule. `threshold` says what passes, `words` what was seen.

    `requests` are the ids of those that show it, the oldest first.
    """

    rule: str
    title: str
    threshold: str
    result: Result
    words: str
    requests: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The verdict in `verdicts.json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Something that is right or wrong by a rule, and the requests that show it."""

    is_right: bool
    words: str
    entries: tuple[Entry, ...]


Look = Callable[["_KeyRequests"], Iterator[_Seen]]


@dataclass(frozen=True, slots=True)
class _KeyRequests:
    """The requests of a key, the oldest first, and its limit on silence in seconds."""

    entries: Sequence[Entry]
    silence: float

    def tries(self) -> list[list[Entry]]:
        """The requests in groups with the same path and body: one and its other tries."""
        groups: list[list[Entry]] = []
        last: dict[str, list[Entry]] = {}
        for entry in self.entries:
            asked = entry.evidence.asked
            group = last.get(asked)
            if group is None or _wait(group[-1], entry) > _longest_wait(group[-1]):
                group = last[asked] = []
                groups.append(group)
            group.append(entry)
        return groups

    def retries(self) -> Iterator[tuple[Entry, Entry]]:
        """Each request that had ended, with its next try."""
        for group in self.tries():
            yield from ((one, again) for one, again in pairwise(group) if _wait(one, again) >= 0)


def _longest_wait(entry: Entry) -> float:
    """The seconds within which the same request is another try."""
    return _SAME_TRY_SECONDS + (entry.evidence.retry_after or 0)


def _wait(one: Entry, again: Entry) -> float:
    """The seconds from the end of a response to the next try; below 0 if it had not ended."""
    if one.after_ms is None:
        return -1
    return again.arrived - one.arrived - one.after_ms / 1000


def observe(entry: Entry, plan: Plan, never_retried: Iterable[str]) -> None:
    """Note what verdicts need to know of a response; `never_retried` are codes of errors."""
    evidence, headers = entry.evidence, plan.headers
    evidence.is_readable = plan.streamed and "content-encoding" not in headers
    evidence.is_answer = plan.status == 200 and (plan.streamed or headers == JSON)
    evidence.is_altered = plan.altered
    if plan.status >= 400:
        body = b"".join(frame.data for frame in plan.frames)
        is_final = any(code.encode() in body for code in never_retried)
        by_status = plan.status in _RETRIED or plan.status >= 500
        said = headers.get("x-should-retry")
        evidence.is_temporary = said == "true" if said else by_status and not is_final
        if "retry-after" in headers:
            evidence.retry_after = float(headers["retry-after"])


def _retry_after(journal: _KeyRequests) -> Iterator[_Seen]:
    for one, again in journal.retries():
        if (asked := one.evidence.retry_after) is not None:
            waited = _wait(one, again)
            words = f"Asked to wait {asked:g} s, it waited {waited:.2f} s."
            yield _Seen(waited >= asked - _TOLERANCE, words, (one, again))


def _not_retried(journal: _KeyRequests) -> Iterator[_Seen]:
    again = {id(one): next_ for one, next_ in journal.retries()}
    for one in journal.entries:
        if one.status >= 400 and not one.evidence.is_temporary and one.ended is not None:
            if id(one) in again:
                words = f"HTTP {one.status} was asked again, and can only fail again."
                yield _Seen(False, words, (one, again[id(one)]))
            else:
                yield _Seen(True, f"HTTP {one.status} was left alone.", (one,))


def _back_off(journal: _KeyRequests) -> Iterator[_Seen]:
    for group in journal.tries():
        chain: list[Entry] = []
        waits: list[float] = []
        for one, again in pairwise(group):
            if not one.evidence.is_temporary or one.evidence.retry_after is not None:
                break
            chain = [*(chain or [one]), again]
            waits.append(_wait(one, again))
        if len(waits) >= _WAITS:
            grew = max(waits) >= _GROWTH * min(waits) and max(waits) != waits[0]
            shown = ", ".join(f"{wait:.2f}" for wait in waits)
            yield _Seen(grew, f"It waited {shown} s.", tuple(chain))


def _storm(journal: _KeyRequests) -> Iterator[_Seen]:
    for group in journal.tries():
        failed = [one for one in group if one.is_whole is False]
        bursts = (failed[n : n + _STORM_REQUESTS + 1] for n in range(len(failed) - _STORM_REQUESTS))
        took = [(burst[-1].arrived - burst[0].arrived, burst) for burst in bursts]
        shortest, burst = min(took, key=lambda one: one[0], default=(math.inf, failed))
        if shortest < _STORM_SECONDS:
            words = f"{len(burst)} tries failed within {shortest:.1f} s."
            yield _Seen(False, words, tuple(burst))
        elif len(failed) > 1:
            yield _Seen(True, f"{len(failed)} tries failed.", tuple(failed))


def _shown_once(journal: _KeyRequests) -> Iterator[_Seen]:
    again = {id(one): next_ for one, next_ in journal.retries()}
    for one in journal.entries:
        if one.evidence.has_text and one.is_whole is False:
            if id(one) in again:
                words = "It had text, broke off, and was asked again from the start."
                yield _Seen(False, words, (one, again[id(one)]))
            else:
                yield _Seen(True, "It broke off after text, and was not asked again.", (one,))


def _left_silence(journal: _KeyRequests) -> Iterator[_Seen]:
    for one in journal.entries:
        longest, last = one.evidence.silence, one.evidence.last_silence
        if longest > journal.silence:
            yield _Seen(False, f"It stayed for {longest:.1f} s of silence.", (one,))
        elif one.ended == "left" and last >= 1:
            yield _Seen(True, f"It left after {last:.1f} s of silence.", (one,))


def _complete(journal: _KeyRequests) -> Iterator[_Seen]:
    for one in journal.entries:
        claimed, is_whole = one.evidence.claimed, one.is_whole
        if claimed is not None and is_whole is not None:
            was = "whole" if is_whole else "not whole"
            took = "complete" if claimed else "incomplete"
            words = f"The answer was {was}, and the client took it for {took}."
            yield _Seen(claimed == is_whole, words, (one,))


# By the rule's name: title, threshold and what looks for it.
_RULES: dict[str, tuple[str, str, Look]] = {
    "retry-after": (
        "retry-after is obeyed",
        "Another try is not sent before the time that the response asked for.",
        _retry_after,
    ),
    "not-retried": (
        "What cannot succeed is not asked again",
        "After an error of the request's own, a spend limit or x-should-retry: false, the same "
        f"request is not sent within {_SAME_TRY_SECONDS} s.",
        _not_retried,
    ),
    "back-off": (
        "Waits grow",
        f"Of {_WAITS} waits or more without retry-after, the longest is at least {_GROWTH:g} times "
        "the shortest, and is not the first.",
        _back_off,
    ),
    "storm": (
        "No storm",
        f"At most {_STORM_REQUESTS} tries of one request fail within {_STORM_SECONDS} s.",
        _storm,
    ),
    "shown-once": (
        "Not asked again after text",
        "A stream that broke off after its first text is not asked again from the start, which "
        "would show the text twice.",
        _shown_once,
    ),
    "silence": (
        "A silent stream is left",
        "The client leaves a stream that says nothing for {silence:g} s.",
        _left_silence,
    ),
    "complete": (
        "A broken answer is not taken for complete",
        "What the client said of an answer, by POST /simulator/outcome, is what happened to it.",
        _complete,
    ),
}


def verdicts_on(entries: Sequence[Entry], silence: float = SILENCE_SECONDS) -> list[Verdict]:
    """A verdict for each rule on a key's requests, the oldest first. `silence` is in seconds.

    Those of the simulator's own page are a visitor's clicks, and are left out.
    """
    theirs = [one for one in entries if one.headers.get("sec-fetch-site") != "same-origin"]
    journal = _KeyRequests(theirs, silence)
    return [
        _verdict(name, title, threshold.format(silence=silence), list(look(journal)))
        for name, (title, threshold, look) in _RULES.items()
    ]


def _verdict(name: str, title: str, threshold: str, seen: list[_Seen]) -> Verdict:
    if not seen:
        words = "No request has put this to the test."
        return Verdict(name, title, threshold, "not met", words, ())
    wrong = [one for one in seen if not one.is_right]
    shown = (wrong or seen)[-1]
    more = f" {len(wrong)} times in all." if len(wrong) > 1 else ""
    ids = tuple(entry.request_id for one in wrong or seen for entry in one.entries)
    result: Result = "failed" if wrong else "passed"
    return Verdict(name, title, threshold, result, shown.words + more, tuple(dict.fromkeys(ids)))
