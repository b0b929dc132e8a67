"""Prompt caching as the usage of answers tells it."""

from __future__ import annotations

from typing import Any

from streamguide.simulator.caching import PromptCache
from streamguide.simulator.request import MessagesRequest
from tests.simulator.requests import assistant, made, user

LONG = "Everything about lighthouses. " * 800
CACHED: dict[str, Any] = {"cache_control": {"type": "ephemeral"}}
HOUR: dict[str, Any] = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def text(words: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **fields}


def asked(*blocks: dict[str, Any], **changes: Any) -> MessagesRequest:
    return made(system=[text(LONG, **CACHED)], messages=[user(list(blocks))], **changes)


def counts(cache: PromptCache, request: MessagesRequest, key: str = "k") -> tuple[int, int, int]:
    """Tokens that are read, written, and neither, of a thousand."""
    used = cache.use(request, key)
    assert used is not None
    tokens = used.tokens(1000)
    return (
        tokens["cache_read_input_tokens"],
        tokens["cache_creation_input_tokens"],
        tokens["input_tokens"],
    )


def test_a_request_without_cache_control_leaves_no_trace() -> None:
    assert PromptCache().use(made(system=LONG), "k") is None


def test_the_first_request_writes_a_prefix_and_the_second_reads_it() -> None:
    cache = PromptCache()
    assert counts(cache, asked(text("One?"))) == (0, 999, 1)
    assert counts(cache, asked(text("Two?"))) == (999, 0, 1)


def test_another_key_another_model_and_another_prefix_read_nothing() -> None:
    cache = PromptCache()
    counts(cache, asked(text("One?")))
    assert counts(cache, asked(text("One?")), "another")[0] == 0
    assert counts(cache, asked(text("One?"), model="claude-opus-5"))[0] == 0
    assert counts(cache, asked(text("One?"), tools=[{"name": "a", "input_schema": {}}]))[0] == 0


def test_a_prefix_lives_five_minutes_after_its_last_use_or_an_hour() -> None:
    clock = Clock()
    cache = PromptCache(clock)
    counts(cache, asked(text("One?")))
    clock.now += 299
    assert counts(cache, asked(text("Two?")))[0] > 0
    clock.now += 299
    assert counts(cache, asked(text("Two?")))[0] > 0
    clock.now += 301
    assert counts(cache, asked(text("Two?")))[0] == 0
    hour = made(system=[text(LONG, **HOUR)])
    used = cache.use(hour, "h")
    assert used is not None
    assert used.tokens(1000)["cache_creation"]["ephemeral_1h_input_tokens"] > 900
    clock.now += 3599
    assert counts(cache, hour, "h")[0] > 0


def test_a_conversation_reads_what_it_wrote_and_writes_what_was_added() -> None:
    # Automatic caching: the breakpoint is the end of the request.
    cache = PromptCache()
    messages = [user(LONG)]
    assert counts(cache, made(messages=messages, **CACHED))[:2] == (0, 1000)
    messages += [assistant("Fine."), user(LONG)]
    read, written, rest = counts(cache, made(messages=messages, **CACHED))
    assert 490 <= read <= 510
    assert read + written + rest == 1000


def test_a_breakpoint_finds_a_prefix_up_to_twenty_blocks_before_it() -> None:
    for between, found in ((18, True), (25, False)):
        cache = PromptCache()
        first = [text(LONG, **CACHED)]
        counts(cache, made(messages=[user(first)]))
        more = [text(f"Block {n}.") for n in range(between)]
        later = [text(LONG), *more, text("Last.", **CACHED)]
        assert (counts(cache, made(messages=[user(later)]))[0] > 0) is found
