"""One stream, two consumers: one shows the text, the other counts characters."""

import asyncio
import sys
from collections.abc import AsyncIterator

from anthropic import AsyncAnthropic

# A consumer that is slow holds back the reading at this many pieces, instead of filling memory.
PIECES = 100


# region fan-out
Piece = str | None  # None is the end


async def read(queues: list[asyncio.Queue[Piece]]) -> None:
    """Give every piece of the answer to each queue. At a failure the task group cancels all."""
    async with (
        AsyncAnthropic() as client,
        client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=16_000,
            messages=[{"role": "user", "content": "Why is the sky blue?"}],
        ) as stream,
    ):
        async for text in stream.text_stream:
            for queue in queues:
                await queue.put(text)
        if (await stream.get_final_message()).stop_reason is None:
            raise RuntimeError("the stream ended early")
    for queue in queues:
        await queue.put(None)


async def pieces(queue: asyncio.Queue[Piece]) -> AsyncIterator[str]:
    while (piece := await queue.get()) is not None:
        yield piece


# endregion


async def show(queue: asyncio.Queue[Piece]) -> None:
    async for text in pieces(queue):
        print(text, end="", flush=True)


async def count(queue: asyncio.Queue[Piece]) -> None:
    characters = 0
    async for text in pieces(queue):
        characters += len(text)
    print(f"\n{characters} characters", file=sys.stderr)


# region main
async def main() -> None:
    queues: list[asyncio.Queue[Piece]] = [asyncio.Queue(PIECES) for _ in range(2)]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read(queues))
        tasks.create_task(show(queues[0]))
        tasks.create_task(count(queues[1]))


# endregion

asyncio.run(main())
