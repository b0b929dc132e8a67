"""Leaving the API alone for a while after failures in a row."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pybreaker

from streamguide.protocol.refusal import Refusal


class _Failure(Exception):
    """What a request's failure is to the library."""


class Breaker:
    """One process's own. While it is open, requests are refused; then one tries.

    The library's `calling` would count a visitor who left as a success, and let everybody try at
    once; so each outcome is told to it by itself.
    """

    def __init__(self, failures: int, seconds: float) -> None:
        self._seconds = seconds
        self._storage = pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures,
            # Passing requests through is decided here, by `admit`; the library only counts.
            reset_timeout=seconds,
            state_storage=self._storage,
        )
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether it has had enough, and no request has succeeded since."""
        return self._breaker.current_state != pybreaker.STATE_CLOSED

    def admit(self) -> None:
        """Let a request pass, or raise Refusal. Each that passes is told about afterwards."""
        if not self.is_open:
            return
        left = self._left()
        if self._trying or left > 0:
            raise Refusal(
                503,
                "overloaded_error",
                "Claude's API failed several times in a row, so it is left alone for a moment.",
                details={"error_code": "breaker_open"},
                headers={"retry-after": str(max(1, math.ceil(left)))},
            )
        self._trying = True

    def succeeded(self) -> None:
        """The API answered."""
        self._told(lambda: None)

    def failed(self) -> None:
        """The API failed."""

        def fail() -> None:
            raise _Failure

        self._told(fail)

    def neither(self) -> None:
        """The request said nothing about the API: its visitor left, or it was wrong."""
        self._trying = False

    def _told(self, outcome: Callable[[], None]) -> None:
        self._trying = False
        with suppress(_Failure, pybreaker.CircuitBreakerError):
            self._breaker.call(outcome)

    def _left(self) -> float:
        opened = self._storage.opened_at
        if opened is None:
            return 0.0
        return (opened + timedelta(seconds=self._seconds) - datetime.now(UTC)).total_seconds()
