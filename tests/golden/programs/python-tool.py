"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import json
import random
import sys
import time

import anthropic
import httpx2
from anthropic.types import (
    Message,
    MessageParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
)

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

TURNS = 5
TOOL: ToolParam = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


def run(call: ToolUseBlock) -> ToolResultBlockParam:
    """The result of a call."""
    result: ToolResultBlockParam = {"type": "tool_result", "tool_use_id": call.id}
    match call.name, call.input:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}


def ask(
    client: anthropic.Anthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Print the answer as it comes, and collect it in `shown`."""
    with client.messages.stream(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        thinking={"type": "adaptive", "display": "summarized"},
        tools=[TOOL],
        messages=messages,
    ) as stream:
        for event in stream:
            match event.type:
                case "text":
                    shown.append(event.text)
                    print(event.text, end="", flush=True)
                case "content_block_start":
                    print(f"\n[{event.content_block.type}]", file=sys.stderr)
                case "thinking":
                    print(event.thinking, end="", file=sys.stderr, flush=True)
                case "input_json":
                    print(event.partial_json, end="", file=sys.stderr, flush=True)
                case "citation":
                    print(f"[cited: {event.citation.cited_text}]", file=sys.stderr)
                case "message_stop":
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


def ask_again(
    client: anthropic.Anthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
    tried = 0
    while True:
        try:
            return ask(client, messages, shown)
        except FAILURES as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None or len(shown) > before:
                raise
            print(
                f"[{type(error).__name__}: {error}; again in {wait:.1f} s]",
                file=sys.stderr,
            )
            time.sleep(wait)


def converse(
    client: anthropic.Anthropic, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Ask, run the tools that Claude calls, and ask again until it has answered."""
    for turn in range(1, TURNS + 1):
        message = ask_again(client, messages, shown)
        if message.stop_reason != "tool_use":
            return message
        calls = [block for block in message.content if block.type == "tool_use"]
        names = ", ".join(call.name for call in calls)
        print(f"\n[turn {turn}: {names}]", file=sys.stderr)
        messages = [
            *messages,
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": [run(call) for call in calls]},
        ]
    raise OSError(f"no answer after {TURNS} turns")


def main() -> int:
    timeout = httpx2.Timeout(600, connect=10, read=120)
    client = anthropic.Anthropic(max_retries=0, timeout=timeout)
    messages: list[MessageParam] = [{"role": "user", "content": PROMPT}]
    shown: list[str] = []
    try:
        message = converse(client, messages, shown)
    except FAILURES as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.stop_reason)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
