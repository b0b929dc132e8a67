"""A circuit breaker: it refuses requests for a while after consecutive failures."""

from __future__ import annotations

import math
import time

from streamguide.protocol.refusal import Refusal


class Breaker:
    """The breaker of a process. While open it refuses requests; then it tries one at a time.

    A request is identified by an object. Only the result of the trial closes the breaker or opens
    it again; the results of streams that began before do not matter.
    """

    def __init__(self, failures: int, seconds: float) -> None:
        self._most = failures
        self._seconds = seconds
        # Consecutive ones.
        self._failures = 0
        # While open: the monotonic time at which a trial may begin.
        self._open_until: float | None = None
        self._trial: object = None

    @property
    def is_open(self) -> bool:
        """Whether there were too many failures, and no trial has succeeded since."""
        return self._open_until is not None

    def admit(self, request: object) -> None:
        """Let a request pass, or raise Refusal. `ended` must be called for each one that passed."""
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
        """Report the first event of a request's stream, with which a trial has succeeded."""
        if request is self._trial:
            self._close()

    def ended(self, request: object, has_answered: bool | None) -> None:
        """Report the end of a request: whether the API answered it, or None if that is unknown."""
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
