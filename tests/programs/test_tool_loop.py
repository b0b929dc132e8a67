"""content/programs/tool-loop.py, against an API whose every answer is another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PROGRAM = Path(__file__).resolve().parents[2] / "content" / "programs" / "tool-loop.py"
_SECONDS = 60.0

THINKING = {"type": "thinking", "thinking": "", "signature": "c2lnbmVk"}
NOTE = {**THINKING, "thinking": "I look up the forecast first."}
ANSWER = {"type": "text", "text": "Yes, take a raincoat."}


def call(id_: str, location: object) -> Json:
    return {"type": "tool_use", "id": id_, "name": "get_forecast", "input": {"location": location}}


def streamed(stop_reason: str, *blocks: Json) -> bytes:
    """A message as a stream, with each block in one delta of each kind that it has."""
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5-5"}
    empty: Json = {"content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    events: list[Json] = [{"type": "message_start", "message": message | empty}]
    for index, block in enumerate(blocks):
        events += ({**event, "index": index} for event in streamed_block(block))
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
        return {"type": "input_json_delta", "partial_json": json.dumps(value)}
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


def run(url: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTHROPIC_")}
    return subprocess.run(
        [sys.executable, str(PROGRAM)],
        env={**kept, "ANTHROPIC_API_KEY": "any", "ANTHROPIC_BASE_URL": url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def test_a_call_is_answered_and_the_thinking_goes_back_as_it_came() -> None:
    called = streamed("tool_use", THINKING, call("toolu_1", "Bergen"), call("toolu_2", "Oslo"))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url)

    assert (ended.returncode, ended.stdout) == (0, ANSWER["text"])
    question, turn, results = bodies[1]["messages"]
    assert bodies[0]["messages"] == [question]
    assert turn["role"] == "assistant"
    assert turn["content"][0] == THINKING
    assert [block["input"] for block in turn["content"][1:]] == [
        {"location": "Bergen"},
        {"location": "Oslo"},
    ]
    assert [result["tool_use_id"] for result in results["content"]] == ["toolu_1", "toolu_2"]
    assert json.loads(results["content"][1]["content"])["location"] == "Oslo"


def test_a_call_that_the_tool_cannot_take_is_answered_with_an_error() -> None:
    called = streamed("tool_use", call("toolu_1", 60.4))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url)

    assert ended.returncode == 0
    (result,) = bodies[1]["messages"][2]["content"]
    assert result["is_error"] is True
    assert "60.4" in result["content"]


def test_what_is_said_between_calls_is_asked_for_and_shown_beside_the_answer() -> None:
    called = streamed("tool_use", NOTE, call("toolu_1", "Bergen"))
    with api(called, streamed("end_turn", ANSWER)) as (url, bodies):
        ended = run(url)

    assert [body["thinking"] for body in bodies] == [
        {"type": "adaptive", "display": "summarized"},
        {"type": "adaptive", "display": "summarized"},
    ]
    assert (ended.returncode, ended.stdout) == (0, ANSWER["text"])
    assert ended.stderr == f"{NOTE['thinking']}\n\n[turn 1: ['get_forecast']]\n"
    assert bodies[1]["messages"][1]["content"][0] == NOTE


def test_a_model_that_calls_again_and_again_is_stopped() -> None:
    calls = [streamed("tool_use", call(f"toolu_{turn}", "Bergen")) for turn in range(3)]
    with api(*calls) as (url, bodies):
        ended = run(url)

    assert ended.returncode == 1
    assert len(bodies) == 3
    assert "[turn 2: ['get_forecast']]" in ended.stderr
    assert "stopped after 3 turns; the last calls were not run" in ended.stderr
