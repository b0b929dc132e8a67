"""Ask twice about the same document: the time of the first word, and what the cache gave."""

import time

import anthropic

DOCUMENT = "The night sky is dark because the universe is young. " * 400

client = anthropic.Anthropic()


# region ask
def ask(question: str) -> None:
    """Prints the answer's first word with its time, then the usage of its input."""
    started = time.monotonic()
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        system=[{"type": "text", "text": DOCUMENT, "cache_control": {"type": "ephemeral"}}],
        messages=[{"role": "user", "content": question}],
    ) as stream:
        word = next(iter(stream.text_stream), "")
        print(f"{time.monotonic() - started:.2f} s: {word!r}")
        usage = stream.get_final_message().usage
    print(f"written {usage.cache_creation_input_tokens}", end=", ")
    print(f"read {usage.cache_read_input_tokens}, neither {usage.input_tokens}")


ask("Why is the night sky dark?")
ask("How old is the universe?")
# endregion
