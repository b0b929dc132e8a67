"""Stream an answer; if it breaks off, ask once for the rest. Argument: the model.

The exit status is 0 if the answer is complete, 3 if it is not. What no second request can mend
is raised.
"""

import random
import sys
import time
from typing import Any

import anthropic
import httpx2
from anthropic.types import MessageParam

QUESTION = "Why is the night sky dark?"

# region recipe
# Claude 4.5 and earlier continue an assistant message; from 4.6 on that is a 400.
CONTINUES_ASSISTANT = ("claude-haiku-4-5",)

CONTINUE = """\
Your answer was interrupted. This much arrived:

<partial_answer>
{text}
</partial_answer>

Continue exactly where it stops. Repeat nothing, and do not comment on the interruption."""


def ask_for_the_rest(model: str, messages: list[MessageParam], text: str) -> list[MessageParam]:
    """The messages of a request that goes on after the text that arrived."""
    if model.startswith(CONTINUES_ASSISTANT):
        return [*messages, {"role": "assistant", "content": text.rstrip()}]
    return [*messages, {"role": "user", "content": CONTINUE.format(text=text)}]


# endregion

TEMPORARY = {"overloaded_error", "api_error", "rate_limit_error", "timeout_error"}

# region spend-limits
NEVER_RETRIED = ("enforced_spend_limit_reached", "contract_spend_limit_reached")


def give_up_on_spend_limits(
    request: anthropic.APIRequest, call_next: anthropic.CallNext
) -> anthropic.APIResponse[Any]:
    """Keeps the SDK from a retry that it would make after every 429."""
    response = call_next(request)
    if response.status_code == 429 and any(code in response.text() for code in NEVER_RETRIED):
        response.headers["x-should-retry"] = "false"
    return response


# endregion


def breaks_a_stream(failure: Exception) -> bool:
    """Whether it is temporary and came inside the stream: before it, the SDK has tried again."""
    if isinstance(failure, anthropic.APIStatusError):
        return failure.status_code == 200 and failure.type in TEMPORARY
    return isinstance(failure, httpx2.TransportError)


def stream_text(
    client: anthropic.Anthropic, model: str, messages: list[MessageParam]
) -> str | None:
    """Print the answer. Returns None if it is complete, else the text up to the break."""
    text = ""
    try:
        with client.messages.stream(model=model, max_tokens=4096, messages=messages) as stream:
            for event in stream:
                if event.type == "text":
                    text += event.text
                    print(event.text, end="", flush=True)
                elif event.type == "message_stop":
                    return None
    except (anthropic.APIError, httpx2.HTTPError) as failure:
        if not breaks_a_stream(failure):
            raise
    return text


# region main
def main() -> int:
    model = sys.argv[1] if len(sys.argv) > 1 else "claude-opus-5-5"
    client = anthropic.Anthropic(middleware=[give_up_on_spend_limits])
    messages: list[MessageParam] = [{"role": "user", "content": QUESTION}]
    text = stream_text(client, model, messages)
    if text is None:
        return 0
    if text:
        messages = ask_for_the_rest(model, messages, text)
    print(f"\n[interrupted; asking again, last role {messages[-1]['role']}]", file=sys.stderr)
    time.sleep(random.uniform(0.5, 1))
    return 0 if stream_text(client, model, messages) is None else 3


# endregion


if __name__ == "__main__":
    sys.exit(main())
