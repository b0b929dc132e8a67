"""A circuit breaker: after failures in a row, a fallback at once. Arguments: the questions.

The exit status is 1 if a request failed for a reason of its own, such as a spend limit.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

import anthropic
import httpx2

FALLBACK = "The assistant is not available right now. Please try again in a minute."
TEMPORARY = {"overloaded_error", "api_error", "rate_limit_error", "timeout_error"}
NEVER_RETRIED = ("enforced_spend_limit_reached", "contract_spend_limit_reached")


# region breaker
@dataclass
class Breaker:
    """Open after `limit` failures in a row; every `pause` seconds one more try."""

    limit: int = 2
    pause: float = 60
    failures: int = 0
    next_try: float = 0

    def lets_through(self) -> bool:
        if self.failures < self.limit:
            return True
        if time.monotonic() < self.next_try:
            return False
        self.next_try = time.monotonic() + self.pause
        return True

    def succeeded(self) -> None:
        self.failures = 0

    def failed(self) -> None:
        self.failures += 1
        self.next_try = time.monotonic() + self.pause


# endregion


# region answer
def answer(
    client: anthropic.Anthropic,
    breaker: Breaker,
    question: str,
) -> None:
    if not breaker.lets_through():
        print("[circuit open, no request]", file=sys.stderr)
        print(FALLBACK)
        return
    shown = stream_text(client, question)
    if shown is None:
        breaker.succeeded()
        return
    breaker.failed()
    print(f"\n[failure {breaker.failures}]", file=sys.stderr)
    print("\n(The answer was interrupted.)" if shown else FALLBACK)


# endregion


def stream_text(client: anthropic.Anthropic, question: str) -> str | None:
    """Print the answer. Returns None if it is complete, else the text up to the break."""
    text = ""
    try:
        with client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=4096,
            messages=[{"role": "user", "content": question}],
        ) as stream:
            for event in stream:
                if event.type == "text":
                    text += event.text
                    print(event.text, end="", flush=True)
                elif event.type == "message_stop":
                    print()
                    return None
    except (anthropic.APIConnectionError, httpx2.TransportError):
        pass
    except anthropic.APIStatusError as failure:
        # A request that is wrong says nothing about the service, nor does a spend limit.
        is_temporary = failure.type in TEMPORARY or failure.status_code >= 500
        if failure.error_code in NEVER_RETRIED or not is_temporary:
            raise
    return text


def give_up_on_spend_limits(
    request: anthropic.APIRequest, call_next: anthropic.CallNext
) -> anthropic.APIResponse[Any]:
    """Keeps the SDK from a retry that it would make after every 429."""
    response = call_next(request)
    if response.status_code == 429 and any(code in response.text() for code in NEVER_RETRIED):
        response.headers["x-should-retry"] = "false"
    return response


def main() -> str | None:
    client, breaker = anthropic.Anthropic(middleware=[give_up_on_spend_limits]), Breaker()
    try:
        for question in sys.argv[1:] or ["Why is the night sky dark?"]:
            answer(client, breaker, question)
    except anthropic.APIStatusError as failure:
        return f"failed: {failure.error_code or failure.type}: {failure.api_message}"
    return None


if __name__ == "__main__":
    sys.exit(main())
