"""One client in two event loops: the second use fails."""

import asyncio

from anthropic import APIConnectionError, AsyncAnthropic

# region loops
client = AsyncAnthropic(max_retries=0)


# region short
async def ask() -> str:
    async with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        messages=[{"role": "user", "content": "Why is the night sky dark?"}],
    ) as stream:
        return await stream.get_final_text()


# endregion


print(asyncio.run(ask())[:10])
try:
    print(asyncio.run(ask())[:10])  # another loop
except APIConnectionError as error:
    print(f"{error!r} because of {error.__cause__!r}")
# endregion
