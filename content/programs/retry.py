"""Ask, and ask again after a temporary failure, for as long as nothing was shown.

The exit status is 0 for a whole answer, 3 if it broke off, 1 if no try succeeded.
"""

import random
import sys
import time

import anthropic
import httpx2

# region rules
ATTEMPTS = 4
# In seconds: for all tries together, and for one wait.
DEADLINE, LONGEST_WAIT = 120, 30
TEMPORARY = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
NEVER_RETRIED = ("enforced_spend_limit_reached", "contract_spend_limit_reached")


def is_temporary(error: Exception) -> bool:
    """Whether the same request may succeed later."""
    if not isinstance(error, anthropic.APIStatusError):
        return True  # the network's: no connection, cut, silent, or ended early
    if error.error_code in NEVER_RETRIED:
        return False
    if error.status_code == 200:  # inside the stream
        return error.type in TEMPORARY
    return error.status_code in (408, 409, 429) or error.status_code >= 500


def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try: longer each time, at random, as the server says. None: stop."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    longest = min(0.5 * 2**tried, 8)
    wait = random.uniform(longest / 2, longest)
    if isinstance(error, anthropic.APIStatusError):
        told = error.response.headers.get("retry-after", "")
        if told.isdecimal():
            wait = max(wait, float(told))
    return wait if wait <= LONGEST_WAIT else None


# endregion


def ask(client: anthropic.Anthropic, question: str, shown: list[str]) -> None:
    """Print the answer, and collect it in `shown`. Raises if it does not come whole."""
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        messages=[{"role": "user", "content": question}],
    ) as stream:
        for event in stream:
            if event.type == "text":
                shown.append(event.text)
                print(event.text, end="", flush=True)
            elif event.type == "message_stop":
                return
    raise EOFError("the stream ended early")


# region loop
def ask_again(client: anthropic.Anthropic, question: str, shown: list[str]) -> None:
    """`ask`, with more tries while nothing is shown."""
    end = time.monotonic() + DEADLINE
    tried = 0
    while True:
        try:
            return ask(client, question, shown)
        except (anthropic.APIError, httpx2.HTTPError, EOFError) as error:
            tried += 1
            wait = pause(error, tried)
            if shown or wait is None or time.monotonic() + wait > end:
                raise
            print(f"[{error!r}; try {tried + 1} in {wait:.1f} s]", file=sys.stderr)
        time.sleep(wait)


# endregion


def main() -> int:
    # This loop is the only one: the SDK's own tries would multiply with it.
    client = anthropic.Anthropic(max_retries=0, timeout=httpx2.Timeout(600, connect=5, read=120))
    shown: list[str] = []
    try:
        ask_again(client, "Why is the night sky dark?", shown)
    except (anthropic.APIError, httpx2.HTTPError, EOFError) as error:
        print(f"\n[{error!r}]", file=sys.stderr)
        return 3 if shown else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
