"""Leaving the API alone for a while after failures in a row."""

from __future__ import annotations

import math
import time

from streamguide.protocol.refusal import Refusal


class Breaker:
    """One process's own. While it is open, requests are refused; then one at a time tries.

    A request is known by any object of its own: only what became of the trial itself closes the
    breaker, or opens it anew, and not what becomes of streams from before.
    """

    def __init__(self, failures: int, seconds: float) -> None:
        self._most = failures
        self._seconds = seconds
        # In a row.
        self._failures = 0
        # While open: when a trial may begin, by the monotonic clock.
        self._open_until: float | None = None
        self._trial: object = None

    @property
    def is_open(self) -> bool:
        """Whether it has had enough, and no trial has succeeded since."""
        return self._open_until is not None

    def admit(self, request: object) -> None:
        """Let a request pass, or raise Refusal. The end of each that passes is told by `ended`."""
        if self._open_until is None:
            return
        left = self._open_until - time.monotonic()
        if self._trial is not None or left > 0:
            raise Refusal(
                503,
                "overloaded_error",
                "Claude's API failed several times in a row, so it is left alone for a moment.",
                details={"error_code": "breaker_open"},
                headers={"retry-after": str(max(1, math.ceil(left)))},
            )
        self._trial = request

    def began(self, request: object) -> None:
        """The first event of a request's stream came. A trial has succeeded with it."""
        if request is self._trial:
            self._close()

    def ended(self, request: object, has_answered: bool | None) -> None:
        """The end of a request: whether the API answered it, None where it says nothing of that."""
        is_trial = request is self._trial
        if is_trial:
            self._trial = None
        if has_answered is None or (self.is_open and not is_trial):
            return
        if has_answered:
            self._close()
            return
        self._failures += 1
        if is_trial or self._failures >= self._most:
            self._open_until = time.monotonic() + self._seconds

    def _close(self) -> None:
        self._failures = 0
        self._open_until = self._trial = None
