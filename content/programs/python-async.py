"""Two answers at once, each with a limit on its whole duration."""

import asyncio
import sys

from anthropic import AsyncAnthropic


async def ask(client: AsyncAnthropic, question: str) -> str:
    async with (
        asyncio.timeout(300),
        client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=16_000,
            messages=[{"role": "user", "content": question}],
        ) as stream,
    ):
        async for text in stream.text_stream:
            print(f"{question} {len(text)} more characters", file=sys.stderr)
        message = await stream.get_final_message()
    if message.stop_reason != "end_turn":
        raise RuntimeError(f"stop reason {message.stop_reason}")
    return "".join(block.text for block in message.content if block.type == "text")


async def main() -> None:
    async with AsyncAnthropic() as client, asyncio.TaskGroup() as tasks:
        answers = [
            tasks.create_task(ask(client, question))
            for question in ("Why is the sky blue?", "Why is the sea salty?")
        ]
    for answer in answers:
        print(answer.result())


asyncio.run(main())
