"""An answer with a deadline for the whole of it. Argument: the seconds.

The exit status is 0 for a whole answer, 3 if the deadline ended it.
"""

import asyncio
import sys

from anthropic import AsyncAnthropic


async def main(seconds: float) -> int:
    # region deadline
    try:
        async with (
            AsyncAnthropic() as client,
            asyncio.timeout(seconds),
            client.messages.stream(
                model="claude-opus-5-5",
                max_tokens=16_000,
                messages=[{"role": "user", "content": "Why is the night sky dark?"}],
            ) as stream,
        ):
            async for text in stream.text_stream:
                print(text, end="", flush=True)
    except TimeoutError:
        print(f"\n[stopped after {seconds:g} s]", file=sys.stderr)
        return 3
    # endregion
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 120)))
