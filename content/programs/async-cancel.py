"""Cancel an answer from outside, and keep what came. Argument: the seconds until then."""

import asyncio
import sys

from anthropic import AsyncAnthropic


# region cancel
async def ask(client: AsyncAnthropic, parts: list[str]) -> None:
    """Collects the answer in `parts`, as far as it comes."""
    async with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        messages=[{"role": "user", "content": "Why is the night sky dark?"}],
    ) as stream:
        async for text in stream.text_stream:
            parts.append(text)


async def main(seconds: float) -> None:
    async with AsyncAnthropic() as client:
        parts: list[str] = []
        task = asyncio.create_task(ask(client, parts))
        await asyncio.sleep(seconds)  # stands for the reader who leaves
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled after:", "".join(parts))


# endregion

asyncio.run(main(float(sys.argv[1])))
