%% set asynchronous, async_, await_ = true, "async ", "await "
%% set tool, save = false, false
%% set many = resume or chat
%% import "_python/relay.py" as shared with context
¶ What it does | Whatever is shipped to a page can be read by its visitors: so the key stays here, and the page asks this relay.
"""A relay: its page asks it, it asks Claude, and passes the stream on.

Start it with `python relay.py`, and open http://127.0.0.1:5000. Whoever can reach it spends
your key: add sign-in and limits per visitor before others can.
"""

¶ Imports | `httpx2` is the SDK's HTTP library, and comes with it. What breaks after the response has begun is raised as its errors, not as the SDK's.
import asyncio
import html
import json
import logging
import os
%% if retry
import random
%% endif
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator
%% if breaker
from dataclasses import dataclass
%% endif
from typing import {{ "Any, Literal" if chat else "Any" }}

import anthropic
import httpx2
import uvicorn
from anthropic.types import MessageParam
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from pydantic import BaseModel, Field

{{ shared.constants() }}
¶ The server and the client | `read` limits the silence between two bytes, not the whole answer: pings count, so hidden thinking may take its time.{{ "" if retry else " Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} On its way a compressed stream may be held back to its end, so none is asked for.
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("relay")
app = FastAPI()
client = anthropic.AsyncAnthropic(
%% if retry
    max_retries=0,
%% endif
    timeout=httpx2.Timeout(600, connect={{ connect_timeout }}, read={{ silence_timeout }}),
    default_headers={"accept-encoding": "identity"},
)


%% include "_python/watched.py"
%% if breaker
{{ shared.breaker_class() }}
%% endif
{{ shared.reading("AsyncStream", "AsyncGenerator") }}
%% if temporary
{{ shared.is_temporary() }}
%% endif
%% if retry
{{ shared.pause() }}
%% endif


%% if retry
¶ The first event | The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence the loop, and `max_retries=0`. As long as the page has got nothing, it need not know. It may leave meanwhile: the framework says so only once it streams.
%% else
¶ The first event | Until it comes every failure is an HTTP error with a status of its own. The page may leave meanwhile: the framework says so only once it streams.
%% endif
Begun = tuple[httpx2.Response, AsyncGenerator[bytes], bytes]


async def begin(messages: list[MessageParam]) -> Begun:
%% if retry
    """A response, its events and the first of them, tried again until it comes."""
    tried = 0
    while True:
        try:
            response = await ask(messages)
            events = events_of(response)
            return response, events, await anext(events)
        except Exception as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None:
                raise
            log.warning("%s: %s; again in %.1f s", type(error).__name__, error, wait)
            await asyncio.sleep(wait)
%% else
    """A response, its events and the first of them."""
    response = await ask(messages)
    events = events_of(response)
    return response, events, await anext(events)
%% endif


async def begin_unless_left(
    request: Request, messages: list[MessageParam]
) -> Begun | None:
    """`begin`; None if the page leaves before it is done."""
    begun = asyncio.ensure_future(begin(messages))
    # The body has been read: what can still be received is that the page has left.
    left = asyncio.ensure_future(request.receive())
    both: list[asyncio.Future[Any]] = [begun, left]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return begun.result() if begun.done() else None
    finally:
        begun.cancel()
        left.cancel()
%% if resume
{{ shared.recipe() }}
%% endif
{{ shared.is_own() }}
{{ shared.errors() }}


@app.exception_handler(HTTPException)
async def refuse(request: Request, error: HTTPException) -> Response:
    """What is wrong with a request of the page."""
    body = problem("invalid_request_error", str(error.detail))
    return Response(body, error.status_code, media_type="application/json")


¶ The question | FastAPI has no limit on the size of a body, so it is read here. Other types than JSON are refused, because a foreign page may send those without asking.
%% if chat
class Turn(BaseModel):
    """A message of the history. What a system message says is decided here."""

    role: Literal["user", "assistant"]
    content: Any


%% endif
class Asked(BaseModel):
    """What the page sends."""

    question: str = Field(max_length=MOST_CHARACTERS, pattern=r"\S")
%% if chat
    history: list[Turn]
%% endif
%% if resume
    partial: str = ""
%% endif


async def read(request: Request) -> Asked:
    """What is asked. Raises HTTPException."""
    if not is_own(request.headers.get("host", ""), request.headers.get("origin", "")):
        raise HTTPException(403, "Only this relay's own page may ask.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"At most {MOST_BYTES} bytes, please.")
    kind = request.headers.get("content-type", "")
    try:
        if not kind.startswith("application/json"):
            raise ValueError("not JSON")
        return Asked.model_validate_json(body)
    except ValueError as error:
        needed = f"Send a question as JSON, of 1 to {MOST_CHARACTERS} characters{{ ", and the history" if chat }}."
        raise HTTPException(400, needed) from error


¶ Passing it on | The status 200 is out by now, so a failure must travel inside the stream: an end without a word would look like a whole answer. When the page leaves, this is cancelled at once, also while Claude is silent.
async def pass_on(first: bytes, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The events; if they break off, one `error` event says so."""
    try:
        yield first
        async for event in events:
            yield event
%% if breaker
        BREAKER.failures = 0
%% endif
    except Exception as error:
        _, body = explain(error)
        yield f"event: error\ndata: {body}\n\n".encode()
    finally:
        # Also when the page has left: nobody would read the rest.
        await events.aclose()


¶ The answer | Model and limits come from here, the question from the page.
@app.post("/answer")
async def answer(request: Request) -> Response:
    """Ask Claude for the page, and stream the answer."""
    asked = await read(request)
%% if breaker
    if not BREAKER.lets_through():
        body = problem("overloaded_error", FALLBACK, error_code="circuit_open")
        return Response(body, 503, media_type="application/json")
%% endif
    try:
%% if chat
        history: list[Any] = [turn.model_dump() for turn in asked.history]
%% endif
%% if resume
        messages = conversation({{ "history, " if chat }}asked.question, asked.partial)
%% elif chat
        messages = [*history, {"role": "user", "content": asked.question}]
%% else
        messages: list[MessageParam] = [{"role": "user", "content": asked.question}]
%% endif
        begun = await begin_unless_left(request, messages)
    except Exception as error:
        status, body = explain(error)
        return Response(body, status, media_type="application/json")
    if begun is None:
        # Nobody reads it: the status that logs know for a client that has left.
        return Response(status_code=499)
    {{ "response" if request_id else "_" }}, events, first = begun
%% if request_id
    request_id = response.headers.get("request-id", "")
    log.info("request-id %s", request_id)
    headers = HEADERS | {"request-id": request_id}
    return StreamingResponse(pass_on(first, events), headers=headers)
%% else
    return StreamingResponse(pass_on(first, events), headers=HEADERS)
%% endif
{{ shared.page() }}

@app.get("/")
async def page() -> HTMLResponse:
    """The page, with its first question."""
    return HTMLResponse(PAGE.replace("{PROMPT}", html.escape(PROMPT)))


¶ Start | One process holds hundreds of streams at once. For more, start several with `uvicorn --workers 4 relay:app`.
if __name__ == "__main__":
    if not os.environ.get("ANTHROPIC_API_KEY"):
        sys.exit("Failed: ANTHROPIC_API_KEY is not set.")
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
