"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import asyncio
import random
import sys

import anthropic
import httpx2
from anthropic.types import Message, MessageParam

MODEL = "claude-opus-5-5"
MAX_TOKENS = 1024
PROMPT = "Explain in three sentences why the sky is blue."
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
OUT_OF_ORDER = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
FAILURES = (anthropic.AnthropicError, httpx2.HTTPError, OSError, *OUT_OF_ORDER)
# An error inside a stream comes with status 200. These are worth another try.
TEMPORARY = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
# No retry gets past a spend limit.
NEVER_RETRIED = ["enforced_spend_limit_reached", "contract_spend_limit_reached"]
ATTEMPTS = 3
LONGEST_WAIT = 60.0


async def ask(
    client: anthropic.AsyncAnthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Print the answer as it comes, and collect it in `shown`."""
    async with client.messages.stream(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        messages=messages,
    ) as stream:
        async for event in stream:
            if event.type == "text":
                shown.append(event.text)
                print(event.text, end="", flush=True)
            elif event.type == "message_stop":
                return event.message
    raise ConnectionError("the stream ended before message_stop")


def is_temporary(error: Exception) -> bool:
    """Whether another request may do better."""
    if not isinstance(error, anthropic.APIStatusError):
        return not isinstance(error, TypeError)
    if error.error_code in NEVER_RETRIED:
        return False
    if error.status_code == 200:
        return str(error.type) in TEMPORARY
    told = str(error.response.headers.get("x-should-retry"))
    if told in ("true", "false"):
        return told == "true"
    status: int = error.status_code
    return status in (408, 409, 429) or status >= 500


def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, anthropic.APIStatusError):
        return wait
    told = str(error.response.headers.get("retry-after", "0"))
    # A date would need a parser, and hours are no wait for a program.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))


async def ask_again(
    client: anthropic.AsyncAnthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
    tried = 0
    while True:
        try:
            return await ask(client, messages, shown)
        except FAILURES as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None or len(shown) > before:
                raise
            print(
                f"[{type(error).__name__}: {error}; again in {wait:.1f} s]",
                file=sys.stderr,
            )
            await asyncio.sleep(wait)


async def main() -> int:
    timeout = httpx2.Timeout(600, connect=10, read=120)
    client = anthropic.AsyncAnthropic(max_retries=0, timeout=timeout)
    messages: list[MessageParam] = [{"role": "user", "content": PROMPT}]
    shown: list[str] = []
    try:
        message = await ask_again(client, messages, shown)
    except FAILURES as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.stop_reason)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(asyncio.run(main()))
