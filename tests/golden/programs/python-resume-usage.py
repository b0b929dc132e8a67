"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import random
import sys
import time
from pathlib import Path

import anthropic
import httpx2
from anthropic.types import Message, MessageParam, Usage

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
PARTIAL = Path("partial-answer.txt")


def ask(
    client: anthropic.Anthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Print the answer as it comes, and collect it in `shown`."""
    with client.messages.stream(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        messages=messages,
    ) as stream:
        print(f"[request {stream.request_id}]", file=sys.stderr)
        for event in stream:
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


CONTINUE = """\
Your answer was interrupted. This much arrived:

<partial_answer>
{text}
</partial_answer>

Continue exactly where it stops. Repeat nothing."""


def ask_for_the_rest(messages: list[MessageParam], text: str) -> list[MessageParam]:
    """The messages of a request that goes on after the text that came."""
    return [*messages, {"role": "user", "content": CONTINUE.format(text=text)}]


def keep(shown: list[str]) -> None:
    """Save the text that came."""
    text = "".join(shown)
    if text:
        PARTIAL.write_text(text, encoding="utf-8")
        print(f"Kept {len(text)} characters in {PARTIAL}", file=sys.stderr)


def ask_again(
    client: anthropic.Anthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """`ask`, tried again after temporary failures, for what has not come yet."""
    before, wanted = len(shown), messages
    tried = 0
    while True:
        try:
            return ask(client, wanted, shown)
        except FAILURES as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None:
                raise
            came = "".join(shown[before:])
            if came:
                wanted = ask_for_the_rest(messages, came)
            print(
                f"\n[{type(error).__name__}: {error}; {len(came)} characters came, "
                f"going on in {wait:.1f} s]",
                file=sys.stderr,
            )
            time.sleep(wait)


# US dollars for a million tokens, as of 2026-11-28.
INPUT, OUTPUT = 4, 20
CACHE_WRITE_5M, CACHE_WRITE_1H, CACHE_READ = 5, 8, 0.2


def report(usage: Usage) -> None:
    """Tokens and cost, without surcharges for speed or region."""
    written = usage.cache_creation_input_tokens or 0
    created = usage.cache_creation
    written_1h = created.ephemeral_1h_input_tokens if created else 0
    read = usage.cache_read_input_tokens or 0
    thinking = usage.output_tokens_details
    cost = (
        usage.input_tokens * INPUT
        + (written - written_1h) * CACHE_WRITE_5M
        + written_1h * CACHE_WRITE_1H
        + read * CACHE_READ
        + usage.output_tokens * OUTPUT
    ) / 1_000_000
    print(
        f"\n[{usage.input_tokens + written + read} tokens in, {usage.output_tokens} out, "
        f"{thinking.thinking_tokens if thinking else 0} of them thinking: ${cost:.6f}]",
        file=sys.stderr,
    )


def main() -> int:
    timeout = httpx2.Timeout(600, connect=10, read=120)
    client = anthropic.Anthropic(max_retries=0, timeout=timeout)
    messages: list[MessageParam] = [{"role": "user", "content": PROMPT}]
    shown: list[str] = []
    try:
        message = ask_again(client, messages, shown)
    except FAILURES as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
        keep(shown)
        return 3 if shown else 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        keep(shown)
        return 130
    report(message.usage)
    reason = str(message.stop_reason)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
