"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import chain
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
FAILURES = (HTTPException, OSError, AttributeError, LookupError, TypeError, ValueError)


def receive(body: Json) -> Iterator[Json]:
    """Send a request, and give its events. Leaving the loop closes the connection."""
    url = urlsplit(BASE.rstrip("/") + "/v1/messages")
    headers = {
        "authorization": f"Bearer {KEY.strip()}",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
    with closing(connect(url.netloc, timeout=10)) as connection:
        connection.connect()
        connection.sock.settimeout(120)
        connection.request("POST", url.path, json.dumps(body), headers)
        response = connection.getresponse()
        came = response.headers.get_content_type()
        if response.status != 200 or came != "text/event-stream":
            told = response.read(1000).decode(errors="replace")
            raise HTTPException(f"HTTP {response.status}, {came}: {told}")
        lines = io.TextIOWrapper(response, encoding="utf-8-sig")
        found = ""
        for line in chain(lines, ["\n"]):
            if line.startswith("data:"):
                found += line.removeprefix("data:")
            elif line == "\n" and found:
                yield json.loads(found)
                found = ""


def main() -> int:
    body = {
        "model": MODEL,
        "max_tokens": MAX_TOKENS,
        "stream": True,
        "messages": [{"role": "user", "content": PROMPT}],
    }
    message: Json = {}
    shown = False
    try:
        for event in receive(body):
            match event:
                case {"delta": {"type": "text_delta", "text": str(text)}}:
                    shown = True
                    print(text, end="", flush=True)
                case {"type": "message_delta", "delta": dict(delta)}:
                    message |= delta
                case {"type": "error"}:
                    raise HTTPException(json.dumps(event))
                case {"type": "message_stop"}:
                    break
        else:
            raise ConnectionError("the stream ended before message_stop")
    except FAILURES as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.get("stop_reason"))
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
