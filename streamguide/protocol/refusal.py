"""Errors before a stream: an HTTP status, and the API's envelope as the body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The API has no such limit. A message quotes the request, whose values can be of any length.
_LONGEST_MESSAGE = 2000


class Refusal(Exception):
    """The request is answered with an error.

    `status` is the HTTP status, `type` the error's type in the envelope, `details` its optional
    details (`{"error_code": …}`), and `headers` are added to those of every response. A message of
    more than 2,000 characters is cut.
    """

    def __init__(
        self,
        status: int,
        type_: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if len(message) > _LONGEST_MESSAGE:
            message = message[: _LONGEST_MESSAGE - 1] + "…"
        super().__init__(message)
        self.status = status
        self.type = type_
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


def invalid(message: str) -> Refusal:
    """A 400 invalid_request_error."""
    return Refusal(400, "invalid_request_error", message)


def envelope(refusal: Refusal, request_id: str) -> dict[str, Any]:
    """The body of an error: `{"type": "error", "error": {…}, "request_id": …}`."""
    error: dict[str, Any] = {"type": refusal.type, "message": refusal.message}
    if refusal.details is not None:
        error["details"] = dict(refusal.details)
    return {"type": "error", "error": error, "request_id": request_id}
