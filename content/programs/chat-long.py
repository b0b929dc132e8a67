"""Shorten a long chat: Claude sums it up, and a new history begins with that.

Argument: the number of tokens above which a history is too long.
"""

import sys

import anthropic
from anthropic.types import MessageParam

MODEL = "claude-opus-5-5"
SUM_UP = "Sum up our conversation for yourself: facts, decisions, open questions. Nothing else."

client = anthropic.Anthropic()


# region shorten
def shortened(history: list[MessageParam], most_tokens: int) -> list[MessageParam]:
    """The history, or if it is too long a new one, which begins with a summary."""
    messages: list[MessageParam] = [*history, {"role": "user", "content": SUM_UP}]
    if client.messages.count_tokens(model=MODEL, messages=messages).input_tokens <= most_tokens:
        return history
    with client.messages.stream(model=MODEL, max_tokens=16_000, messages=messages) as stream:
        message = stream.get_final_message()
    if message.stop_reason != "end_turn":
        return history
    summary = "".join(block.text for block in message.content if block.type == "text")
    return [
        {"role": "user", "content": f"This is what we have said so far:\n\n{summary}"},
        {"role": "assistant", "content": "I have it. Please go on."},
    ]


# endregion

if __name__ == "__main__":
    chat: list[MessageParam] = []
    for number in range(1, 4):
        chat.append({"role": "user", "content": f"Tell me fact {number} about the sky."})
        chat.append({"role": "assistant", "content": f"Fact {number} is that it is above us."})
    new = shortened(chat, int(sys.argv[1]))
    print(f"{len(chat)} messages, then {len(new)}")
    print(new[0]["content"])
