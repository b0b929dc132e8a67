"""Why a relayed stream closed: in words, and as an event for the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamguide.protocol.sse import encode


@dataclass(frozen=True, slots=True)
class CloseReason:
    """Why a stream closed after it had begun.

    `code` is stable, and stands in logs, metrics and the event's details. `type` is an error type
    of the API; it is empty if the browser knows the reason already, or has disconnected.
    """

    code: str
    type: str = ""
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the circuit breaker counts it as a failure of the API."""
        return self.code not in ("complete", "left", "live_too_long", "live_stopping")

    def event(self, request_id: str) -> bytes:
        """The `error` event with this reason."""
        error: dict[str, Any] = {
            "type": self.type,
            "message": self.message,
            "details": {"error_code": self.code},
        }
        return encode({"type": "error", "error": error, "request_id": request_id})


_KEPT = "What came before is kept, but it is not the whole answer."

COMPLETE = CloseReason("complete")
# Claude's own error event was sent on.
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
SPLICED = CloseReason(
    "live_spliced",
    "api_error",
    f"Another message began before this one was complete. {_KEPT}",
)
NO_MESSAGE = CloseReason(
    "live_no_message",
    "api_error",
    f"The answer's message_stop came without message_start. {_KEPT}",
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
    """The API was silent for this number of seconds, without a ping."""
    return CloseReason(
        "live_silent",
        "timeout_error",
        f"Nothing came from Claude for {seconds:g} s, not even a ping. {_KEPT}",
    )


def broken_event(why: str) -> CloseReason:
    """An event that cannot be read."""
    return CloseReason(
        "live_broken_event",
        "api_error",
        f"An event came that cannot be read. {why} {_KEPT}",
    )
