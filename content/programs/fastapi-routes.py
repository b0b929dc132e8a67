"""Three routes that stream: python fastapi-routes.py PORT. The second one stops the server."""

import sys
from collections.abc import AsyncIterator, Iterator

import anthropic
import uvicorn
from anthropic.types import MessageParam
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

# region right
MODEL = "claude-opus-5-5"
MESSAGES: list[MessageParam] = [{"role": "user", "content": "Why is the sea salty?"}]
HEADERS = {"cache-control": "no-store, no-transform", "x-accel-buffering": "no"}

app = FastAPI()
awaiting = anthropic.AsyncAnthropic()


@app.post("/ask")
async def ask() -> StreamingResponse:
    async def text() -> AsyncIterator[str]:
        async with awaiting.messages.stream(
            model=MODEL, max_tokens=16_000, messages=MESSAGES
        ) as stream:
            async for piece in stream.text_stream:
                yield piece

    return StreamingResponse(text(), media_type="text/event-stream", headers=HEADERS)


# endregion

# region wrong
blocking = anthropic.Anthropic()


@app.post("/blocks")
async def blocks() -> StreamingResponse:
    async def text() -> AsyncIterator[str]:
        with blocking.messages.stream(model=MODEL, max_tokens=16_000, messages=MESSAGES) as stream:
            for piece in stream.text_stream:  # while this waits, the whole server waits
                yield piece

    return StreamingResponse(text(), media_type="text/event-stream", headers=HEADERS)


# endregion


# region threads
@app.post("/in-a-thread")
def in_a_thread() -> StreamingResponse:
    def text() -> Iterator[str]:
        with blocking.messages.stream(model=MODEL, max_tokens=16_000, messages=MESSAGES) as stream:
            yield from stream.text_stream

    return StreamingResponse(text(), media_type="text/event-stream", headers=HEADERS)


# endregion


@app.get("/alive")
async def alive() -> str:
    return "yes"


uvicorn.run(app, port=int(sys.argv[1]))
