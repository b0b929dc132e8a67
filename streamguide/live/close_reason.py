"""Why a relayed stream closed, in words and as the event that tells the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamguide.protocol.sse import encode


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why a stream that has begun closed.

    `code` is stable and goes into logs, metrics and the event's details; `type` is an error type
    of the API. Without a `type` the browser has been told already, or is gone.
    """

    code: str
    type: str = ""
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the circuit breaker counts it as a failure of the API's."""
        return self.code not in ("complete", "left", "live_too_long", "live_stopping")

    def event(self, request_id: str) -> bytes:
        """The `error` event that says it."""
        error: dict[str, Any] = {
            "type": self.type,
            "message": self.message,
            "details": {"error_code": self.code},
        }
        return encode({"type": "error", "error": error, "request_id": request_id})


_KEPT = "What came before is kept, but it is not the whole answer."

COMPLETE = CloseReason("complete")
# Claude's own error event was passed on.
UPSTREAM_ERROR = CloseReason("error_event")
LEFT = CloseReason("left")
DROPPED = CloseReason(
    "live_dropped",
    "api_error",
    f"The connection to Claude broke in the middle of the answer. {_KEPT}",
)
ENDED_EARLY = CloseReason(
    "live_ended_early",
    "api_error",
    f"Claude's answer ended without message_stop. {_KEPT}",
)
TOO_LONG = CloseReason(
    "live_too_long",
    "timeout_error",
    f"The answer took longer than this site allows. {_KEPT}",
)
STOPPING = CloseReason(
    "live_stopping",
    "api_error",
    f"This site is being restarted, and had to end the answer. {_KEPT}",
)


def silent(seconds: float) -> CloseReason:
    """Nothing came for so many seconds, not even a ping."""
    return CloseReason(
        "live_silent",
        "timeout_error",
        f"Nothing came from Claude for {seconds:g} s, not even a ping. {_KEPT}",
    )


def broken_event(why: str) -> CloseReason:
    """An event came that nobody can read."""
    return CloseReason(
        "live_broken_event",
        "api_error",
        f"An event came that cannot be read. {why} {_KEPT}",
    )
