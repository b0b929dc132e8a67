"""Limits for each visitor of a public site. A local site has none."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping

from flask import Flask, request
from werkzeug.exceptions import TooManyRequests

from streamguide.settings import Settings, is_loopback
from streamguide.web.visitor import FORWARDED, address_of, visitor_of

_MINUTE = 60
# The blueprints whose responses take longer than a cached page.
_DEAR = ("simulator", "simulator_page", "generator", "models_page", "data")
_FREE = "data.healthz"


def register(app: Flask, settings: Settings) -> None:
    """Refuse requests over a visitor's limit, before their body is read."""
    if settings.is_local:
        return
    minute = Minute(settings.visitor_per_minute)

    @app.before_request
    def check_rate() -> None:
        if request.blueprint not in _DEAR or request.endpoint == _FREE:
            return
        wait = minute.wait(visitor_of(address(settings)))
        if wait:
            raise TooManyRequests(retry_after=wait)


def address(settings: Settings) -> str:
    """The address of the current request's client, behind trusted proxies."""
    return address_of(
        request.remote_addr or "",
        ",".join(request.headers.getlist("X-Forwarded-For")),
        settings.trusted_proxies,
    )


def is_this_machine(settings: Settings) -> bool:
    """Whether the current request's client is this machine itself, and no proxy on it."""
    was_passed_on = any(name in request.headers for name in FORWARDED)
    is_told = not was_passed_on or bool(settings.trusted_proxies)
    return is_told and is_loopback(address(settings))


class Minute:
    """Counts requests by name, from zero each minute. `clock` is monotonic, in seconds.

    It keeps one number per visitor, while live mode's store keeps the time of each request.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._ends = 0.0
        self._counts: Counter[str] = Counter()

    def wait(self, name: str) -> int:
        """Count a request: returns 0, or for one too many the whole seconds until there is room."""
        now = self._clock()
        if now >= self._ends:
            self._ends = now + _MINUTE
            self._counts.clear()
        self._counts[name] += 1
        return math.ceil(self._ends - now) if self._counts[name] > self._most else 0


class Places:
    """Open streams by name."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def take(self, most: Mapping[str, int]) -> str | None:
        """Take a place under each name, unless one has as many as it may: then that name."""
        for name, limit in most.items():
            if self._open[name] >= limit:
                return name
        self._open.update(most.keys())
        return None

    def give_back(self, most: Mapping[str, int]) -> None:
        """Give the places back."""
        self._open.subtract(most.keys())
        for name in most:
            if self._open[name] <= 0:
                del self._open[name]
