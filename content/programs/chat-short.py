"""A chat in its shortest form. Arguments: the questions."""

import sys

import anthropic
from anthropic.types import MessageParam

client = anthropic.Anthropic()

# region loop
history: list[MessageParam] = []

for question in sys.argv[1:]:
    history.append({"role": "user", "content": question})
    with client.messages.stream(
        model="claude-opus-5-5", max_tokens=16_000, messages=history
    ) as stream:
        for text in stream.text_stream:
            print(text, end="", flush=True)
        history.append({"role": "assistant", "content": stream.get_final_message().content})
# endregion

print(f"\n[{len(history)} messages]", file=sys.stderr)
