"""How a relayed stream can end, in words and as the event that tells the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streamguide.protocol.sse import encode


@dataclass(frozen=True, slots=True)
class End:
    """The end of a stream that has begun.

    `code` is stable and goes into logs, metrics and the event's details; `type` is an error type
    of the API. Without a `type` the browser has been told already, or is gone.
    """

    code: str
    type: str = ""
    message: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether it speaks against the API's health."""
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

COMPLETE = End("complete")
# Claude's own error event went on unchanged.
TOLD = End("error_event")
LEFT = End("left")
DROPPED = End(
    "live_dropped",
    "api_error",
    f"The connection to Claude broke in the middle of the answer. {_KEPT}",
)
ENDED_EARLY = End(
    "live_ended_early",
    "api_error",
    f"Claude's answer ended without message_stop. {_KEPT}",
)
TOO_LONG = End(
    "live_too_long",
    "timeout_error",
    f"The answer took longer than this site allows. {_KEPT}",
)
STOPPING = End(
    "live_stopping",
    "api_error",
    f"This site is being restarted, and had to end the answer. {_KEPT}",
)


def silent(seconds: float) -> End:
    """Nothing came for so many seconds, not even a ping."""
    return End(
        "live_silent",
        "timeout_error",
        f"Nothing came from Claude for {seconds:g} s, not even a ping. {_KEPT}",
    )


def broken_event(why: str) -> End:
    """An event came that nobody can read."""
    return End(
        "live_broken_event",
        "api_error",
        f"An event came that cannot be read. {why} {_KEPT}",
    )
