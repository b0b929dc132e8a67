"""Stream a long answer for a program: only the whole message counts."""

import sys

import anthropic
import httpx2


def main() -> str | None:
    client = anthropic.Anthropic()
    try:
        with client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=64_000,
            messages=[{"role": "user", "content": "Write a long essay on how text travels."}],
        ) as stream:
            message = stream.get_final_message()
    except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
        return f"failed: {error!r}"
    # A stream that was cut can end without an exception; its message then has no stop reason.
    if message.stop_reason != "end_turn":
        return f"incomplete: {message.stop_reason}"
    print("".join(block.text for block in message.content if block.type == "text"))
    print(f"{message.usage.output_tokens} output tokens", file=sys.stderr)
    return None


if __name__ == "__main__":
    sys.exit(main())
