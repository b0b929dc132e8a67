"""A program with the Python SDK, as its documentation has it: `sdk.py stream` or `sdk.py create`."""

from __future__ import annotations

import sys
from typing import Any

from anthropic import Anthropic

_REQUEST: dict[str, Any] = {
    "model": "claude-opus-5-5",
    "max_tokens": 1000,
    "messages": [{"role": "user", "content": "Hello"}],
}


def main() -> None:
    client = Anthropic()
    if sys.argv[1] == "stream":
        with client.messages.stream(**_REQUEST) as stream:
            for text in stream.text_stream:
                print(text, end="", flush=True)
            stream.get_final_message()
        return
    for event in client.messages.create(**_REQUEST, stream=True):
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            print(event.delta.text, end="", flush=True)


if __name__ == "__main__":
    main()
