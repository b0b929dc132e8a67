"""Shows that the SDK refuses to wait for a long answer in one piece."""

import sys

import anthropic

client = anthropic.Anthropic()
try:
    message = client.messages.create(
        model="claude-opus-5-5",
        max_tokens=21_334,
        messages=[{"role": "user", "content": "Write a long essay on how text travels."}],
    )
except ValueError as error:
    # Not an anthropic.APIError: the SDK raises this before it sends anything.
    print(f"refused without a request: {error}", file=sys.stderr)
else:
    print(message.stop_reason)
