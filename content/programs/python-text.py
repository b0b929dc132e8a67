"""Ask Claude, and print the answer while it arrives.

The exit status is 0 only if the answer is whole.
"""

import sys

import anthropic
import httpx2

# A read timeout is the longest silence between two bytes, so pings count as life.
client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))


def ask(question: str) -> anthropic.types.Message:
    """The answer, printed as it comes; its stop_reason is None if the stream ended early."""
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        messages=[{"role": "user", "content": question}],
    ) as stream:
        print(f"request {stream.request_id}", file=sys.stderr)
        for text in stream.text_stream:
            print(text, end="", flush=True)
        print()
        return stream.get_final_message()


def main() -> int:
    try:
        message = ask("Why is the sky blue?")
    except (anthropic.APIError, httpx2.HTTPError) as error:
        print(f"\nfailed: {error!r}", file=sys.stderr)
        return 1
    usage = message.usage
    print(f"{message.stop_reason}, {usage.output_tokens} output tokens", file=sys.stderr)
    return 0 if message.stop_reason in ("end_turn", "stop_sequence") else 1


if __name__ == "__main__":
    sys.exit(main())
