"""A chat with automatic caching: each turn reads what the one before has written."""

import anthropic
from anthropic.types import MessageParam

client = anthropic.Anthropic()
history: list[MessageParam] = []

# region chat
for question in ("Why is the night sky dark?", "Who asked that first?", "And who answered?"):
    history.append({"role": "user", "content": question})
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        cache_control={"type": "ephemeral"},
        messages=history,
    ) as stream:
        message = stream.get_final_message()
    history.append({"role": "assistant", "content": message.content})
    usage = message.usage
    print(f"read {usage.cache_read_input_tokens}, written {usage.cache_creation_input_tokens}")
# endregion
