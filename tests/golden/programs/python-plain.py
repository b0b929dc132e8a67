"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import codecs
import io
import json
import os
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
MODEL = "claude-opus-5-5"
MAX_TOKENS = 1024
PROMPT = "Explain in three sentences why the sky is blue."
KEY = os.environ.get("ANTHROPIC_API_KEY") or sys.exit("Failed: no ANTHROPIC_API_KEY")
BASE = os.environ.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
# In seconds: a whole answer, and what follows its stop reason.
LONGEST, LAST = 3600, 20
MOST_CHARACTERS = 32_000_000


def words(error: Exception) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


class Answer(HTTPResponse):
    """A response. Interim ones, of status 1xx, are passed over."""

    def begin(self) -> None:
        super().begin()
        while self.status < 200:
            self.headers = None  # type: ignore[assignment]
            super().begin()


@contextmanager
def post(path: str, **body: Any) -> Generator[HTTPResponse]:
    """Send a request, and give its response, which ends with the block."""
    url = urlsplit(BASE.rstrip("/") + path)
    headers = {
        "authorization": f"Bearer {KEY.strip()}",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
        "accept-encoding": "identity",
    }
    connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
    with closing(connect(url.netloc, timeout=10)) as connection:
        connection.response_class = Answer
        connection.connect()
        connection.sock.settimeout(120)
        connection.request("POST", url.path, json.dumps(body), headers)
        response = connection.getresponse()
        came = response.headers.get_content_type()
        expected = "text/event-stream" if body.get("stream") else "application/json"
        if response.status != 200 or came != expected:
            read = b"a page" if came == "text/html" else response.read(100_000)
            told = read.decode(errors="replace")
            raise HTTPException(f"HTTP {response.status}, {came}: {told}")
        yield response


def event_of(name: str, data: str) -> Json:
    """The event of a frame, {} if it is none. Raises ValueError for an unreadable part."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = None
    if isinstance(event, dict):
        return {"type": name} | event
    if name.startswith(("message_", "content_block_")):
        raise ValueError(f"{name} with data that is no JSON object: {data}")
    return {}


def events(**body: Any) -> Generator[Json]:
    """Send a request, and give its events. Leaving them closes the connection."""
    name = data = ""
    deadline = time.monotonic() + LONGEST
    with post("/v1/messages", **body) as response:
        lines = io.TextIOWrapper(response, "utf-8-sig", "replace")
        while line := lines.readline(MOST_CHARACTERS):
            if time.monotonic() > deadline:
                raise TimeoutError("message_stop did not come in time")
            if len(data) + len(line) > MOST_CHARACTERS:
                raise ValueError(f"an event of more than {MOST_CHARACTERS} characters")
            field, _, value = line.removesuffix("\n").partition(":")
            if field == "event":
                name = value.strip()
            elif field == "data":
                data += value.removeprefix(" ") + "\n"
            elif line == "\n":
                if data:
                    event = event_of(name, data)
                    if "error" in (name, event.get("type")):
                        raise HTTPException(data)
                    if (event.get("delta") or {}).get("stop_reason"):
                        deadline = min(deadline, time.monotonic() + LAST)
                    yield event
                name = data = ""


HALVES = codecs.getincrementaldecoder("utf-16-le")("replace")
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="replace")


def show(text: str, shown: list[str], final: bool = False) -> None:
    """Print a piece of the answer, and collect it in `shown`."""
    text = HALVES.decode(text.encode("utf-16-le", "surrogatepass"), final)
    if text:
        shown.append(text)
        print(text, end="", flush=True)


def ask(messages: list[Json], shown: list[str]) -> Json:
    """Print the answer as it comes, and collect its text in `shown`."""
    message: Json = {}
    stream = events(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        messages=messages,
        stream=True,
    )
    with closing(stream):
        for event in stream:
            match event:
                case {"type": "message_start", "message": dict(start)}:
                    if message.setdefault("id", start.get("id")) != start.get("id"):
                        raise ConnectionError("another answer began inside this one")
                    message = start | message
                    for block in start.get("content") or []:
                        show(block.get("text") or "", shown)
                case {"delta": {"text": str(text)}} | {"content_block": {"text": text}}:
                    show(text or "", shown)
                case {"type": "message_delta", "delta": dict(delta)}:
                    message |= {name: delta[name] for name in delta if delta[name]}
                case {"type": "message_stop"} if "id" in message:
                    show("", shown, final=True)
                    return message
    raise ConnectionError("the stream ended before message_stop")


def main() -> int:
    shown: list[str] = []
    try:
        message = ask([{"role": "user", "content": PROMPT}], shown)
    except Exception as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {words(error)}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.get("stop_reason"))
    if reason == "max_tokens" and not shown:
        print("\nNo text came: thinking used it up.", file=sys.stderr)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
