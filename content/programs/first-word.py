"""Measure a stream: its beginning, its first word and its end."""

import sys
from time import perf_counter

import anthropic
import httpx2


def main() -> str | None:
    client = anthropic.Anthropic()
    times: dict[str, float] = {}
    start = perf_counter()
    try:
        with client.messages.create(
            model="claude-opus-5-5",
            max_tokens=4096,
            stream=True,
            messages=[{"role": "user", "content": "Is 2,147,483,647 prime?"}],
        ) as stream:
            times["headers"] = perf_counter() - start
            for event in stream:
                match event.type:
                    case "content_block_delta" if event.delta.type == "text_delta":
                        times.setdefault("first word", perf_counter() - start)
                    case "message_start" | "message_stop":
                        times[event.type] = perf_counter() - start
    except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
        return f"failed: {error!r}"
    for name, seconds in times.items():
        print(f"{seconds:7.2f} s  {name}")
    return None if "message_stop" in times else "the stream ended without message_stop"


if __name__ == "__main__":
    sys.exit(main())
