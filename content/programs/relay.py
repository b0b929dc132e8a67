"""A relay for a page: it adds the key, and hands the API's stream on byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator

import anthropic
import httpx2
from anthropic.types import RawMessageStreamEvent
from flask import Flask, Response, abort, request

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 64 * 1024
client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))


# region answer
@app.post("/answer")
def answer() -> Response:
    """The page sends a question. Model and limits are decided here, never by the page."""
    match request.get_json():
        case {"question": str(question)}:
            pass
        case _:
            abort(400)
    try:
        stream = client.messages.create(
            model="claude-opus-5-5",
            max_tokens=2048,
            messages=[{"role": "user", "content": question}],
            stream=True,
        )
    except anthropic.APIStatusError as refused:
        return Response(refused.response.content, refused.status_code, mimetype="application/json")
    except anthropic.APIConnectionError:
        return Response(problem("The API cannot be reached."), 502, mimetype="application/json")
    headers = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-cache, no-transform",
        "X-Accel-Buffering": "no",
        "request-id": stream.response.headers.get("request-id", ""),
    }
    return Response(frames(stream), headers=headers)


# endregion


# region frames
def frames(stream: anthropic.Stream[RawMessageStreamEvent]) -> Iterator[bytes]:
    """Whole events as they came. A stream that breaks off is closed with an `error` event."""
    ended = False
    rest = b""
    with stream:  # closed when the answer is over, and also when the visitor has left
        try:
            for chunk in stream.response.iter_bytes():
                *complete, rest = (rest + chunk).split(b"\n\n")
                for frame in complete:
                    ended |= frame.startswith((b"event: message_stop\n", b"event: error\n"))
                    yield frame + b"\n\n"
        except httpx2.HTTPError as error:
            app.logger.warning("The stream broke off: %r", error)
    if not ended:
        yield b"event: error\ndata: " + problem("The stream broke off.") + b"\n\n"


def problem(message: str) -> bytes:
    """An error in the shape that the API gives its own."""
    error = {"type": "api_error", "message": message}
    return json.dumps({"type": "error", "error": error}).encode()


# endregion
