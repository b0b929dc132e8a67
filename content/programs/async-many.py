"""Many questions, a few at a time. Arguments: the questions.

The exit status is 0 if every answer came whole.
"""

import asyncio
import sys

import httpx2
from anthropic import AsyncAnthropic

AT_ONCE = 3


# region many
async def answer(client: AsyncAnthropic, places: asyncio.Semaphore, question: str) -> str:
    """The whole answer. Raises if there is none."""
    async with (
        places,
        client.messages.stream(
            model="claude-opus-5-5",
            max_tokens=16_000,
            messages=[{"role": "user", "content": question}],
        ) as stream,
    ):
        message = await stream.get_final_message()
    if message.stop_reason not in ("end_turn", "stop_sequence"):
        raise EOFError(f"stop reason {message.stop_reason}")
    return "".join(block.text for block in message.content if block.type == "text")


async def main(questions: list[str]) -> int:
    places = asyncio.Semaphore(AT_ONCE)
    async with AsyncAnthropic(timeout=httpx2.Timeout(600, connect=5, read=120)) as client:
        answers = await asyncio.gather(
            *(answer(client, places, question) for question in questions),
            return_exceptions=True,
        )
    for question, result in zip(questions, answers, strict=True):
        print(f"{question} {result!r}")
    return sum(isinstance(result, BaseException) for result in answers)


# endregion

if __name__ == "__main__":
    sys.exit(1 if asyncio.run(main(sys.argv[1:])) else 0)
