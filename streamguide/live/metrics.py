"""A log line for each stream, and metrics; neither contains any of its text."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Collection
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from streamguide.live.limits import LIMITS
from streamguide.live.stream import Record
from streamguide.live.usage import COUNTS, is_final, tokens
from streamguide.protocol.refusal import Refusal

LOG = logging.getLogger("streamguide.live")

# prometheus_client's variable for the folder in which several processes share their metrics. The
# import of the package reads it.
SHARED = "PROMETHEUS_MULTIPROC_DIR"

# Thinking models take seconds to the first event, and minutes to the last.
_FIRST_EVENT_BUCKETS = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60)
_DURATION_BUCKETS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900)
# A stop reason in a log line is not longer.
_MOST_NAME = 200
_OWN_CODES = frozenset(
    {
        *LIMITS,
        "breaker_open",
        "limits_unavailable",
        "live_broken_event",
        "live_dropped",
        "live_ended_early",
        "live_first_event",
        "live_no_message",
        "live_no_stream",
        "live_silent",
        "live_spliced",
        "live_stopping",
        "live_too_long",
        "live_unreachable",
        "stopping",
    }
)


class Metrics:
    """The metrics of this process, and of all processes that share a folder.

    Refusals are counted by code: `codes` are those of the API, in addition to live mode's own.
    """

    CONTENT_TYPE = CONTENT_TYPE_LATEST

    def __init__(self, codes: Collection[str]) -> None:
        self._codes = frozenset(codes) | _OWN_CODES
        LOG.setLevel(logging.INFO)
        if not LOG.hasHandlers():
            # Without a logging configuration, write to standard error.
            LOG.addHandler(logging.StreamHandler())
        self._registry = CollectorRegistry()
        self._streams = Counter(
            "live_streams", "Streams that ended, by how.", ["end"], registry=self._registry
        )
        self._refusals = Counter(
            "live_refusals",
            "Requests that got an error instead of a stream, by its code.",
            ["code"],
            registry=self._registry,
        )
        self._tokens = Counter(
            "live_tokens", "Tokens of finished streams.", ["kind"], registry=self._registry
        )
        self._dollars = Counter(
            "live_dollars", "US dollars of finished streams.", registry=self._registry
        )
        self.open = Gauge(
            "live_open_streams",
            "Streams open now.",
            registry=self._registry,
            # Without the open streams of workers that exited.
            multiprocess_mode="livesum",
        )
        self._first_event = Histogram(
            "live_first_event_seconds",
            "From the request to the first event.",
            buckets=_FIRST_EVENT_BUCKETS,
            registry=self._registry,
        )
        self._duration = Histogram(
            "live_duration_seconds",
            "From the request to the end of a stream.",
            buckets=_DURATION_BUCKETS,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """The metrics of all processes that share the folder, as Prometheus text."""
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        every = CollectorRegistry()
        MultiProcessCollector(every)  # type: ignore[no-untyped-call]
        return generate_latest(every)

    def refused(self, refusal: Refusal) -> None:
        """Count a request that got an error instead of a stream.

        Errors that visitors cause are not logged, because they could fill a log.
        """
        code = str((refusal.details or {}).get("error_code") or refusal.type)
        # The upstream may send any code, and each would become a time series.
        known = next((one for one in (code, refusal.type) if one in self._codes), "other")
        self._refusals.labels(known).inc()
        if refusal.status >= 500:
            line = {"live": "refused", "status": refusal.status, "error": code}
            LOG.info(json.dumps({**line, "request_id": refusal.headers.get("request-id")}))

    def ended(self, record: Record, model: str, dollars: float | None) -> None:
        """Count and log a stream that ended. One that never began was counted by `refused`."""
        end = record.end
        if record.refusal is not None or end is None or record.closed is None:
            return
        self._streams.labels(end.code).inc()
        if record.first_event is not None:
            self._first_event.observe(record.first_event - record.start)
        self._duration.observe(record.closed - record.start)
        if dollars is not None:
            self._dollars.inc(dollars)
            for name in COUNTS:
                number = tokens(record.message.usage, name)
                self._tokens.labels(name.removesuffix("_tokens")).inc(number)
        LOG.info(json.dumps(_line(record, end.code, model, dollars)))


def _line(record: Record, end: str, model: str, dollars: float | None) -> dict[str, Any]:
    message = record.message
    usage = message.usage
    return {
        "live": "ended",
        "end": end,
        "request_id": record.request_id,
        "model": model,
        "stop_reason": message.stop_reason and message.stop_reason[:_MOST_NAME],
        "events": record.events,
        "usage": {name: tokens(usage, name) for name in COUNTS},
        "usage_is_final": is_final(message),
        "dollars": None if dollars is None else round(dollars, 6),
        "first_event_ms": _ms(record.first_event, record.start),
        "duration_ms": _ms(record.closed, record.start),
        "largest_gap_ms": round(record.largest_gap * 1000),
    }


def _ms(moment: float | None, start: float) -> int | None:
    return None if moment is None else round((moment - start) * 1000)
