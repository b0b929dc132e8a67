"""Ask Claude, and say how the answer ended. The exit status is 0 only if it is whole."""

import sys
from dataclasses import dataclass

import anthropic
import httpx2


@dataclass
class Answer:
    text: str = ""
    stop_reason: str | None = None
    complete: bool = False  # message_stop was there
    failure: Exception | None = None


def ask(client: anthropic.Anthropic, question: str) -> Answer:
    answer = Answer()
    try:
        with client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=16_000,
            messages=[{"role": "user", "content": question}],
        ) as stream:
            for event in stream:
                if event.type == "text":
                    answer.text += event.text
                elif event.type == "message_stop":
                    answer.complete = True
                    answer.stop_reason = event.message.stop_reason
    # A line that is not JSON is a ValueError; events without a beginning end in the other two.
    except (anthropic.APIError, httpx2.HTTPError, ValueError, AssertionError, LookupError) as error:
        answer.failure = error
    return answer


def main() -> int:
    answer = ask(anthropic.Anthropic(), "Why is the sky blue?")
    print(answer.text)
    print(f"{answer.stop_reason}, {answer.failure!r}", file=sys.stderr)
    return 0 if answer.complete and answer.stop_reason == "end_turn" else 1


if __name__ == "__main__":
    sys.exit(main())
