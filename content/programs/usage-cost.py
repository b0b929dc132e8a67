"""Stream an answer, then print its final usage and what it cost. Argument: the model.

The exit status is 3 if the stream ends without a final usage.
"""

import sys
from dataclasses import dataclass

import anthropic
import httpx2
from anthropic.types import Message, Usage


# region prices
@dataclass(frozen=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    write_5m: float
    write_1h: float
    read: float
    output: float


PRICES_OF = "2026-11-28"
PRICES = {
    "claude-fable-5-2": Price(8, 10, 16, 0.20, 40),
    "claude-opus-5-5": Price(4, 5, 8, 0.20, 20),
    "claude-sonnet-5-5": Price(2, 2.50, 4, 0.10, 10),
    "claude-haiku-5-5": Price(0.10, 0.125, 0.20, 0.01, 0.50),
}
# Above 100,000 input tokens, the whole request costs this.
LONG_PRICES = {"claude-haiku-5-5": Price(0.50, 0.625, 1, 0.05, 2.50)}
WEB_SEARCH = 0.01
# endregion


# region cost
def input_tokens(usage: Usage) -> int:
    """All input: `input_tokens` alone is only what follows the last cache breakpoint."""
    cached = (usage.cache_creation_input_tokens or 0) + (usage.cache_read_input_tokens or 0)
    return usage.input_tokens + cached


def cost(model: str, usage: Usage) -> float:
    """US dollars at standard speed, without batch or regional surcharge."""
    price = PRICES[model]
    if input_tokens(usage) > 100_000:
        price = LONG_PRICES.get(model, price)
    written = usage.cache_creation_input_tokens or 0
    written_1h = usage.cache_creation.ephemeral_1h_input_tokens if usage.cache_creation else 0
    searches = usage.server_tool_use.web_search_requests if usage.server_tool_use else 0
    tokens = (
        usage.input_tokens * price.input
        + (written - written_1h) * price.write_5m
        + written_1h * price.write_1h
        + (usage.cache_read_input_tokens or 0) * price.read
        + usage.output_tokens * price.output
    )
    return tokens / 1_000_000 + searches * WEB_SEARCH


# endregion


# region main
def main() -> int:
    model = sys.argv[1] if len(sys.argv) > 1 else "claude-opus-5-5"
    message: Message | None = None
    try:
        with anthropic.Anthropic().messages.stream(
            model=model,
            max_tokens=4096,
            messages=[{"role": "user", "content": "Why is the night sky dark?"}],
        ) as stream:
            for event in stream:
                if event.type == "text":
                    print(event.text, end="", flush=True)
                elif event.type == "message_stop":
                    message = event.message
    except (anthropic.APIError, httpx2.HTTPError) as failure:
        print(f"\n[{failure}]", file=sys.stderr)
    if message is None:
        print("\n[no final usage: the cost is unknown]", file=sys.stderr)
        return 3
    usage = message.usage
    details = usage.output_tokens_details
    thinking = details.thinking_tokens if details else 0
    print(
        f"\n{input_tokens(usage)} tokens in, {usage.output_tokens} out ({thinking} thinking):"
        f" ${cost(model, usage):.6f} at the prices of {PRICES_OF}",
        file=sys.stderr,
    )
    return 0


# endregion


if __name__ == "__main__":
    sys.exit(main())
