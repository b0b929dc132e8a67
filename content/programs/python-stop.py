"""Stop an answer when there is enough of it, and keep what has arrived."""

import sys

import anthropic

client = anthropic.Anthropic()

with client.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    messages=[{"role": "user", "content": "Tell me about lighthouses."}],
) as stream:
    characters = 0
    for text in stream.text_stream:
        print(text, end="", flush=True)
        characters += len(text)
        if characters >= 100:
            break
    partial = stream.current_message_snapshot  # does not read on, unlike get_final_message()

# Leaving the block has closed the connection.
print(f"\nstopped, stop_reason {partial.stop_reason}", file=sys.stderr)
