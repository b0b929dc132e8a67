"""Judges a run by its exit status, output, timing, and requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from streamguide.generator.options import Options
from streamguide.generator.render import FALLBACK
from tools.faults.cases import WATCHED, Case
from tools.faults.plans import Sent
from tools.faults.relays import UNSAID
from tools.faults.running import Ran

# By the API's documentation, and of proxies: other statuses are permanent.
_RETRIED = (408, 409, 429, 500, 502, 503, 504, 520, 522, 524, 529)
_TEMPORARY = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
# No response arrives, not even a status: the SDKs retry.
_UNANSWERED = ("no-response", "slow-headers")
_SDK_RETRIES = 2
# After these the text so far must have been shown, to the last character.
_BREAKS = ("drop", "end-early", "error-event", "connection-close", "http10")
# If the first word is printed later than this many seconds before the end, it was not streamed.
_BEFORE_THE_END = 0.3
# The tolerance between the clocks of two processes, in seconds.
_EARLY = 0.05


@dataclass(frozen=True, slots=True)
class Met:
    """A run, its case, and the response that it got.

    `requests` are the journal's entries of requests for messages, `whole` is the text of the
    answer without a fault, in `turns` requests; `sent` is the response to the first request.
    """

    options: Options
    case: Case
    ran: Ran
    requests: Sequence[dict[str, Any]]
    whole: str
    turns: int
    sent: Sent


def judge(met: Met) -> tuple[str, str]:
    """A letter of `fault_matrix.RESULTS`, and if it is a bad one why."""
    letter, why = _verdict(met)
    if letter in ("u", "w"):
        return letter, why
    for complaint in (_retries(met), _waits(met), _shown(met, letter), _promise(met, letter)):
        if complaint:
            return "u", complaint
    return letter, ""


def _verdict(met: Met) -> tuple[str, str]:
    ran = met.ran
    match ran.code:
        case None:
            return "u", "it still ran when the time was up"
        # The answer speaks of the tool's result, which is an error after a broken call.
        case 0 if ran.out != met.whole and not (met.case.name == "broken-tool-call" and ran.out):
            return "w", f"exit 0 with {len(ran.out)} of {len(met.whole)} characters"
        case 0 if not met.sent.whole and len(met.requests) <= met.turns:
            return "w", "exit 0 on a response that was not whole"
        case 0:
            return ("f" if len(met.requests) <= met.turns else "r"), ""
        case 1 | 3 if UNSAID in ran.err:
            return "u", "the relay did not tell its page what failed"
        case _ if "Traceback" in ran.err or "    at " in ran.err:
            return "u", "it ended with a trace, not with a message"
        case 1 if not ran.out and "Failed: " in ran.err:
            return "x", ""
        case 3 if ran.out and "Incomplete: " in ran.err:
            if not met.whole.startswith(ran.out):
                return "u", "what it printed is not what was sent"
            return "p", ""
        case 6 if ran.out == FALLBACK + "\n" and "Fallback shown: " in ran.err:
            return "b", ""
        case code:
            return "u", f"exit {code} with {len(ran.out)} characters"


def _retries(met: Met) -> str:
    """Whether a request was retried that must not be."""
    count, first = len(met.requests), met.sent
    # An answer in one piece begins when it is done, and Python's SDK retries while it reads it too.
    may_retry = met.options.leaves_retries_to_sdk and not met.options.stream
    most = met.turns + (_SDK_RETRIES if may_retry or _is_for_the_sdk(met) else 0)
    if not met.options.retries and count > most:
        return f"{count} requests, and no recovery was chosen"
    told = first.headers.get("x-should-retry")
    must_not = first.status not in (200, *_RETRIED) if told is None else told == "false"
    # The SDK knows no limit of spending.
    is_spent = "spend_limit_reached" in met.case.fault and not met.options.leaves_retries_to_sdk
    if (is_spent or must_not) and count > 1:
        return f"{count} requests after status {first.status}, which must not be retried"
    return ""


def _is_for_the_sdk(met: Met) -> bool:
    """Whether the SDK retries after the first response, because no answer had begun."""
    told = met.sent.headers.get("x-should-retry")
    is_retried = met.sent.status in _RETRIED if told is None else told == "true"
    return met.options.leaves_retries_to_sdk and (is_retried or met.case.name in _UNANSWERED)


def _waits(met: Met) -> str:
    """Whether a request ignored `retry-after`."""
    told = float(met.sent.headers.get("retry-after", 0))
    for request in met.requests[1:2]:
        if told and request["gap_ms"] / 1000 < told - _EARLY:
            return f"asked again after {request['gap_ms']} ms, told to wait {told:g} s"
    return ""


def _shown(met: Met, letter: str) -> str:
    """Whether the text was streamed, and complete."""
    ran = met.ran
    if met.options.stream and met.case.fault in WATCHED:
        if ran.first is None:
            return "nothing was shown of an answer that came whole"
        if ran.end - ran.first < _BEFORE_THE_END:
            return f"first word after {ran.first:.2f} s, end after {ran.end:.2f} s"
    is_break = met.case.name in _BREAKS and "reset" not in met.case.fault
    # With a tool the first response is a call, and what broke may be a later one.
    if is_break and letter == "p" and len(met.requests) == 1 and ran.out != met.sent.text:
        return f"{len(met.sent.text)} characters were sent, {len(ran.out)} shown"
    return ""


def _promise(met: Met, letter: str) -> str:
    """Whether the program recovered from a temporary fault, as its recovery or the SDK promises."""
    if not met.case.passes or not (met.options.retries or _is_for_the_sdk(met)):
        return ""
    if met.options.has_breaker and letter in ("b", "p"):
        # It opened first.
        return ""
    # Only for a retried request: the second request of a tool loop is another one.
    nothing_shown = met.sent.text == "" or not met.options.stream
    if letter not in ("f", "r") and (nothing_shown or met.options.resumes):
        return "the fault would have passed, and it did not try until then"
    return ""
