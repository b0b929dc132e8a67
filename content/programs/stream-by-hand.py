"""Streams an answer without an SDK: what a client has to do in any language."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

Json = dict[str, Any]

URL = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com") + "/v1/messages"
BODY: Json = {
    "model": "claude-opus-5-5",
    "max_tokens": 4096,
    "stream": True,
    "messages": [{"role": "user", "content": "Is 2,147,483,647 prime?"}],
}


class StreamError(Exception):
    """The stream began and did not end well."""


# region events
def read_events(lines: Iterable[bytes]) -> Iterator[Json]:
    """The JSON of each event that is ended by a blank line."""
    data = ""
    for line in lines:
        text = line.decode().rstrip("\r\n")
        if text.startswith("data:"):
            data += text.removeprefix("data:")
        elif not text and data:
            yield json.loads(data)
            data = ""


# endregion
# region answer
@dataclass
class Answer:
    id: str = ""
    text: str = ""
    stop_reason: str | None = None
    usage: Json = field(default_factory=dict)


def read_answer(events: Iterable[Json]) -> Answer:
    """Print the text as it comes. Raises StreamError unless the stream is complete."""
    answer = Answer()
    for event in events:
        match event:
            case {"type": "message_start", "message": message}:
                answer.id = message["id"]
                answer.stop_reason = message["stop_reason"]
                answer.usage = message["usage"]
            case {"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}}:
                answer.text += text
                print(text, end="", flush=True)
            case {"type": "message_delta", "delta": delta, "usage": usage}:
                answer.stop_reason = delta.get("stop_reason") or answer.stop_reason
                answer.usage |= {name: n for name, n in usage.items() if n is not None}
            case {"type": "message_stop"}:
                return answer
            case {"type": "error", "error": error}:
                raise StreamError(f"{error['type']}: {error['message']}")
            # Everything else is no concern of a client for text: ping, other blocks and
            # deltas, and names that do not exist yet.
    raise StreamError("the stream ended without message_stop")


# endregion
def main() -> str | None:
    headers = {
        "authorization": f"Bearer {os.environ['ANTHROPIC_API_KEY']}",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    request = Request(URL, json.dumps(BODY).encode(), headers)
    try:
        # The timeout is for connecting and for each gap between bytes, not for the whole answer.
        with urlopen(request, timeout=120) as response:
            print(f"request-id: {response.headers['request-id']}", file=sys.stderr)
            answer = read_answer(read_events(response))
    except HTTPError as error:
        return f"HTTP {error.code}: {error.read().decode()}"
    except (StreamError, OSError, HTTPException, ValueError) as error:
        return f"\nincomplete: {error!r}"
    print(f"\n{answer.stop_reason}, {answer.usage.get('output_tokens')} tokens", file=sys.stderr)
    return None if answer.stop_reason in ("end_turn", "stop_sequence") else "not a whole answer"


if __name__ == "__main__":
    sys.exit(main())
