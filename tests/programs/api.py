"""An API whose every answer is another one, for programs of several requests."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FOLDER = Path(__file__).resolve().parents[2] / "content" / "programs"
_SECONDS = 60.0


def streamed(stop_reason: str | None, *blocks: Json) -> bytes:
    """A message as a stream, with each block in one delta of each kind that it has.

    Without a stop reason it breaks off inside its last block. A call's input that is text is sent
    as it is.
    """
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5"}
    empty: Json = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    events: list[Json] = [{"type": "message_start", "message": message | empty}]
    for index, block in enumerate(blocks):
        events += ({**event, "index": index} for event in streamed_block(block))
    if stop_reason is None:
        events.pop()
    else:
        end = {"stop_reason": stop_reason, "stop_sequence": None}
        events.append({"type": "message_delta", "delta": end, "usage": usage})
        events.append({"type": "message_stop"})
    return "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events).encode()


def streamed_block(block: Json) -> Iterator[Json]:
    empty: Json = {"thinking": "", "signature": "", "text": "", "input": {}}
    start = block | {name: value for name, value in empty.items() if name in block}
    yield {"type": "content_block_start", "content_block": start}
    for name in empty:
        if block.get(name):
            yield {"type": "content_block_delta", "delta": delta(name, block[name])}
    yield {"type": "content_block_stop"}


def delta(name: str, value: object) -> Json:
    if name == "input":
        text = value if isinstance(value, str) else json.dumps(value)
        return {"type": "input_json_delta", "partial_json": text}
    return {"type": f"{name}_delta", name: value}


@contextmanager
def api(*answers: bytes) -> Iterator[tuple[str, list[Json]]]:
    """Gives these answers one after another: its address, and the bodies of the requests."""
    waiting, bodies = list(answers), list[Json]()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            answer = waiting.pop(0)
            self.send_response(200)
            self.send_header("content-type", "text/event-stream; charset=utf-8")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to say."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", bodies
        server.shutdown()


def environment(url: str) -> Mapping[str, str]:
    """For a program that asks this address with any key."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    return {**kept, "ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": url}


def run(url: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder of the guide's programs."""
    return subprocess.run(
        command,
        cwd=FOLDER,
        env=environment(url),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
