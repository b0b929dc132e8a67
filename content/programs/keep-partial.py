"""Stream an answer, keep what arrives, and exit with a status that says how it ended.

0 complete, 1 failed before any text, 3 broken off in the middle, 4 ended for another reason.
"""

import sys
from dataclasses import dataclass

import anthropic
import httpx2
from anthropic.types import Message


# region ask
@dataclass
class Answer:
    text: str = ""
    message: Message | None = None  # set only by message_stop
    failure: Exception | None = None


def ask(client: anthropic.Anthropic, prompt: str) -> Answer:
    answer = Answer()
    try:
        with client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=4096,
            messages=[{"role": "user", "content": prompt}],
        ) as stream:
            for event in stream:
                if event.type == "text":
                    answer.text += event.text
                    print(event.text, end="", flush=True)
                elif event.type == "message_stop":
                    answer.message = event.message
    # The network's errors are httpx2's, and a line that is not JSON is a ValueError.
    except (anthropic.APIError, httpx2.HTTPError, ValueError) as failure:
        answer.failure = failure
    return answer


# endregion


# region report
def report(answer: Answer) -> int:
    if answer.message is None:
        print(
            f"\n[{describe(answer.failure)}; kept {len(answer.text)} characters]", file=sys.stderr
        )
        return 3 if answer.text else 1
    reason = answer.message.stop_reason
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in ("end_turn", "stop_sequence") else 4


def describe(failure: Exception | None) -> str:
    if failure is None:
        return "the stream ended without message_stop"
    if isinstance(failure, anthropic.APIStatusError):
        return f"{failure.type}, HTTP {failure.status_code}, request {failure.request_id}"
    return f"{type(failure).__name__}: {failure}"


# endregion


def main() -> int:
    # No byte for 120 seconds is a failure. Pings count as bytes.
    client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))
    return report(ask(client, "Why is the night sky dark?"))


if __name__ == "__main__":
    sys.exit(main())
