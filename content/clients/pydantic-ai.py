import asyncio

from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

provider = AnthropicProvider(base_url="http://127.0.0.1:8000/simulator/hello", api_key="any")
model = AnthropicModel("claude-opus-5-5", provider=provider)
agent = Agent(model, model_settings={"timeout": 300})


async def main():
    async with agent.run_stream("Hello") as result:
        async for text in result.stream_text(delta=True):
            print(text, end="", flush=True)
    return result


result = asyncio.run(main())
