"""The headers of all of the API's responses, including errors."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from random import Random

from streamguide.scenarios.answer import make_request_id

# Invented limits of an organisation, in the order of the API's documentation.
_ORGANIZATION = "5f1c2d34-9a67-4be8-8c10-d2a54b7e6f90"
_LIMITS = {
    "requests": 4000,
    "tokens": 2_400_000,
    "input-tokens": 2_000_000,
    "output-tokens": 400_000,
}
_RESET_SECONDS = 1
# What the names of rate limit headers begin with.
RATE_LIMITS = "anthropic-ratelimit-"


def new_request_id() -> str:
    """An id for a request that is not answered by a scenario."""
    return make_request_id(Random(secrets.randbits(64)))


def response_headers(
    request_id: str, status: int = 200, now: datetime | None = None
) -> dict[str, str]:
    """`request-id`, the organisation, and the rate limits at the start of the response.

    With a 429 there is no remaining request.
    """
    now = now or datetime.now(UTC)
    reset = (now + timedelta(seconds=_RESET_SECONDS)).strftime("%Y-%m-%dT%H:%M:%SZ")
    headers = {"request-id": request_id, "anthropic-organization-id": _ORGANIZATION}
    for name, limit in _LIMITS.items():
        # Remaining tokens are rounded to thousands, so a small request does not change them.
        left = 0 if status == 429 else limit - 1
        remaining = left if name == "requests" else limit
        headers[f"{RATE_LIMITS}{name}-limit"] = str(limit)
        headers[f"{RATE_LIMITS}{name}-remaining"] = str(remaining)
        headers[f"{RATE_LIMITS}{name}-reset"] = reset
    return headers
