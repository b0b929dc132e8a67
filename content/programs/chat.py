"""A chat whose history can always be sent, whatever became of a turn. Arguments: the questions.

The exit status is 0 if Claude finished every answer.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import anthropic
import httpx2
from anthropic.types import ContentBlock, ContentBlockParam, Message, MessageParam

# region kept
FINISHED = ("end_turn", "stop_sequence")
INTERRUPTED = "\n\n[The answer was interrupted here.]"


def kept(message: Message | None, ended: str | None) -> list[ContentBlock | ContentBlockParam]:
    """The blocks of an answer that the next request may send."""
    if message is None or message.stop_reason == "refusal":
        return []
    if ended in FINISHED:
        return [block for block in message.content if block.type != "text" or block.text.strip()]
    text = "".join(block.text for block in message.content if block.type == "text").strip()
    return [{"type": "text", "text": text + ("" if ended else INTERRUPTED)}] if text else []


# endregion


# region turn
@dataclass
class Chat:
    """A conversation. A question enters the history together with its answer, or not at all."""

    client: anthropic.Anthropic
    history: list[MessageParam] = field(default_factory=list)
    # The stop reason of the last answer; None if it broke off.
    ended: str | None = None

    def ask(self, question: str) -> Iterator[str]:
        """The pieces of the answer. Raises what broke it off, once the history is in order."""
        asked: MessageParam = {"role": "user", "content": question}
        message, self.ended = None, None
        try:
            with self.client.messages.stream(
                model="claude-opus-5-5",
                max_tokens=16_000,
                cache_control={"type": "ephemeral"},
                messages=[*self.history, asked],
            ) as stream:
                for event in stream:
                    message = stream.current_message_snapshot
                    if event.type == "text":
                        yield event.text
                    elif event.type == "message_stop":
                        self.ended = message.stop_reason
            if self.ended is None:
                raise EOFError("the stream ended early")
        finally:
            if content := kept(message, self.ended):
                self.history += [asked, {"role": "assistant", "content": content}]


# endregion


def main() -> int:
    chat = Chat(anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120)))
    unfinished = 0
    for question in sys.argv[1:]:
        why: object = None
        try:
            for text in chat.ask(question):
                print(text, end="", flush=True)
        except (anthropic.APIError, httpx2.HTTPError, ValueError, EOFError) as error:
            why = error
        print()
        if chat.ended not in FINISHED:
            unfinished += 1
            print(f"[{chat.ended or repr(why)}]", file=sys.stderr)
        print(f"[{len(chat.history)} messages]", file=sys.stderr)
    return 1 if unfinished else 0


if __name__ == "__main__":
    sys.exit(main())
