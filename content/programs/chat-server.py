"""A chat with a page: run it, and open http://127.0.0.1:8765/. Argument: another port."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import anthropic
import httpx2
from chat import Chat
from flask import Flask, Response, request, send_file

app = Flask(__name__)
client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))

# region server
# By the id that the page makes up. They are lost with the process: yours belong into a database.
chats: dict[str, Chat] = defaultdict(lambda: Chat(client))
busy: dict[str, Lock] = defaultdict(Lock)


@app.post("/chats/<id_>")
def ask(id_: str) -> Response:
    """The answer, one JSON object per line."""
    lines = answer(id_, request.get_json()["question"][:4000])
    headers = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
    return Response(lines, mimetype="application/x-ndjson", headers=headers)


def answer(id_: str, question: str) -> Iterator[str]:
    """Its pieces, then how it ended. A second question to the same chat has to wait its turn."""
    if not busy[id_].acquire(blocking=False):
        yield json.dumps({"error": "The last answer is still on its way."}) + "\n"
        return
    try:
        for text in chats[id_].ask(question):
            yield json.dumps({"text": text}) + "\n"
        yield json.dumps({"ended": chats[id_].ended}) + "\n"
    except (anthropic.APIError, httpx2.HTTPError, ValueError, EOFError) as error:
        app.logger.warning("%r", error)
        yield json.dumps({"error": "The answer was interrupted."}) + "\n"
    finally:
        busy[id_].release()


# endregion


@app.get("/")
def page() -> Response:
    return send_file(Path(__file__).with_name("chat.html"))


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 8765)
