"""The events as the API sends them, with nothing accumulated."""

import sys

import anthropic

client = anthropic.Anthropic()

output_tokens, stop_reason, finished = 0, None, False
with client.messages.create(
    model="claude-opus-5-5",
    max_tokens=16_000,
    messages=[{"role": "user", "content": "Why is the sky blue?"}],
    stream=True,
) as stream:
    for event in stream:
        match event.type:
            case "message_start":
                stop_reason = event.message.stop_reason  # almost always None
            case "content_block_delta" if event.delta.type == "text_delta":
                print(event.delta.text, end="", flush=True)
            case "message_delta":
                stop_reason = event.delta.stop_reason or stop_reason
                output_tokens = event.usage.output_tokens  # a running total: overwrite it
            case "message_stop":
                finished = True

print(f"\n{stop_reason}, {output_tokens} output tokens", file=sys.stderr)
sys.exit(0 if finished else "the stream ended early")
