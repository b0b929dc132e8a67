%% set asynchronous, async_, await_ = false, "", ""
%% set tool, save = false, false
%% set many = resume or chat
%% import "_python/relay.py" as shared with context
¶ What it does | Whatever is shipped to a page can be read by its visitors: so the key stays here, and the page asks this relay.
"""A relay: its page asks it, it asks Claude, and passes the stream on.

Start it with `python relay.py`, and open http://127.0.0.1:5000. Whoever can reach it spends
your key: add sign-in and limits per visitor before others can.
"""

¶ Imports | `httpx2` is the SDK's HTTP library, and comes with it. What breaks after the response has begun is raised as its errors, not as the SDK's.
import html
import json
import logging
import os
%% if retry
import random
%% endif
import sys
import time
from collections.abc import Generator, Iterator
%% if breaker
from dataclasses import dataclass
%% endif
from typing import Any

import anthropic
import httpx2
from anthropic.types import MessageParam
from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

{{ shared.constants() }}
¶ The server and the client | `read` limits the silence between two bytes, not the whole answer: pings count, so hidden thinking may take its time.{{ "" if retry else " Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all." }} On its way a compressed stream may be held back to its end, so none is asked for.
logging.basicConfig(level=logging.INFO)
log = logging.getLogger("relay")
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
client = anthropic.Anthropic(
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
{{ shared.reading("Stream", "Generator") }}
%% if temporary
{{ shared.is_temporary() }}
%% endif
%% if retry
{{ shared.pause() }}


¶ Trying again | The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence this loop, and `max_retries=0`. As long as the page has got nothing, it need not know.
def begin(
    messages: list[MessageParam],
) -> tuple[httpx2.Response, Generator[bytes], bytes]:
    """A response, its events and the first of them, tried again until it comes."""
    tried = 0
    while True:
        try:
            response = ask(messages)
            events = events_of(response)
            return response, events, next(events)
        except Exception as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None:
                raise
            log.warning("%s: %s; again in %.1f s", type(error).__name__, error, wait)
            time.sleep(wait)
%% endif
%% if resume
{{ shared.recipe() }}
%% endif
{{ shared.is_own() }}
{{ shared.errors() }}


@app.errorhandler(400)
@app.errorhandler(403)
@app.errorhandler(413)
def refuse(error: HTTPException) -> Response:
    """What is wrong with a request of the page."""
    body = problem("invalid_request_error", str(error.description))
    return Response(body, error.code, mimetype="application/json")


¶ Passing it on | The status 200 is out by now, so a failure must travel inside the stream: an end without a word would look like a whole answer. Flask notices that the page has left when it writes: at the next event, not while Claude is silent.
def pass_on(first: bytes, events: Generator[bytes]) -> Generator[bytes]:
    """The events; if they break off, one `error` event says so."""
    try:
        yield first
        yield from events
%% if breaker
        BREAKER.failures = 0
%% endif
    except Exception as error:
        _, body = explain(error)
        yield f"event: error\ndata: {body}\n\n".encode()
    finally:
        # Also when the page has left, which shows at a `yield`: nobody would read the rest.
        events.close()


%% if chat
¶ The history | It comes from the page, so a visitor can write both sides of it. What a system message says is decided here.
def is_turn(message: object) -> bool:
    """Whether a message is one that the page may send."""
    match message:
        case {"role": "user" | "assistant"}:
            return True
    return False


%% endif
¶ The answer | The first event is waited for: until then every failure is an HTTP error with a status of its own.
@app.post("/answer")
def answer() -> Response:
    """Ask Claude for the page, and stream the answer."""
    if not is_own(request.headers.get("host", ""), request.headers.get("origin", "")):
        abort(403, "Only this relay's own page may ask.")
    match request.get_json(silent=True):
%% if chat
        case {"question": str(question), "history": list(history){{ ", **rest" if resume }}}:
            {{ 'partial = str(rest.get("partial") or "")' if resume else "pass" }}
        case _:
            question, history{{ ", partial" if resume }} = "", []{{ ', ""' if resume }}
    if not all(is_turn(message) for message in history):
        question = ""
%% elif resume
        case {"question": str(question), "partial": str(partial)}:
            pass
        case {"question": str(question)}:
            partial = ""
        case _:
            question = partial = ""
%% else
        case {"question": str(question)}:
            pass
        case _:
            question = ""
%% endif
    if not question.strip() or len(question) > MOST_CHARACTERS:
%% if chat
        needed = f"Send a question as JSON, of 1 to {MOST_CHARACTERS} characters, and the history."
        abort(400, needed)
%% else
        abort(400, f"Send a question as JSON, of 1 to {MOST_CHARACTERS} characters.")
%% endif
%% if breaker
    if not BREAKER.lets_through():
        body = problem("overloaded_error", FALLBACK, error_code="circuit_open")
        return Response(body, 503, mimetype="application/json")
%% endif
%% if resume
    messages = conversation({{ "history, " if chat }}question, partial)
%% else
    messages: list[MessageParam] = [{{ "*history, " if chat }}{"role": "user", "content": question}]
%% endif
    try:
%% if retry
        {{ "response" if request_id else "_" }}, events, first = begin(messages)
%% elif request_id
        response = ask(messages)
        events = events_of(response)
        first = next(events)
%% else
        events = events_of(ask(messages))
        first = next(events)
%% endif
    except Exception as error:
        status, body = explain(error)
        return Response(body, status, mimetype="application/json")
%% if request_id
    request_id = response.headers.get("request-id", "")
    log.info("request-id %s", request_id)
    headers = HEADERS | {"request-id": request_id}
    return Response(pass_on(first, events), headers=headers)
%% else
    return Response(pass_on(first, events), headers=HEADERS)
%% endif
{{ shared.page() }}

@app.get("/")
def page() -> str:
    """The page, with its first question."""
    return PAGE.replace("{PROMPT}", html.escape(PROMPT))


¶ Start | Flask's own server is enough to try it out. In production, run `gunicorn --worker-class gevent relay:app`: it holds many streams at once, and its framing lets the SDKs for Python and JavaScript notice a broken connection.
if __name__ == "__main__":
    if not os.environ.get("ANTHROPIC_API_KEY"):
        sys.exit("Failed: ANTHROPIC_API_KEY is not set.")
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "5000")))
