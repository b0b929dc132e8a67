"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import sys

import anthropic
import httpx2

MODEL = "claude-opus-5-5"
MAX_TOKENS = 1024
PROMPT = "Explain in three sentences why the sky is blue."
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
OUT_OF_ORDER = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
FAILURES = (anthropic.AnthropicError, httpx2.HTTPError, OSError, *OUT_OF_ORDER)


def main() -> int:
    timeout = httpx2.Timeout(600, connect=10, read=120)
    client = anthropic.Anthropic(timeout=timeout)
    shown = False
    try:
        with client.messages.stream(
            model=MODEL,
            max_tokens=MAX_TOKENS,
            messages=[{"role": "user", "content": PROMPT}],
        ) as stream:
            for event in stream:
                if event.type == "text":
                    shown = True
                    print(event.text, end="", flush=True)
                elif event.type == "message_stop":
                    message = event.message
                    break
            else:
                raise ConnectionError("the stream ended before message_stop")
    except FAILURES as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.stop_reason)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
