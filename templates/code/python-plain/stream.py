%% set asynchronous, async_, await_ = false, "", ""
%% set Message, Tool, Result = "Json", "Json", "Json"
%% set Refused, response_headers = "ApiError", "error.headers"
%% set sdk, opening = False, "python-plain/opening.py"
%% set in_log = false
%% set sdk_loop, sleep = "", "time.sleep"
%% set whole = "Only `message_stop` says that it is whole: a stream may end early in good order."
%% set breaker_limit, breaker_note = 2, ""
%% include "_python/what_it_does.py"

¶ Imports | Nothing but Python itself, 3.10 or newer. `http.client` has one limit for connecting and another for silence, which `urllib` has not; it takes no notice of proxy settings.
import codecs
import io
import json
import os
%% if retry
import random
%% endif
import sys
%% if stream or retry or breaker
import time
%% endif
from collections.abc import Generator
from contextlib import closing, contextmanager
%% if breaker
from dataclasses import dataclass
%% endif
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
%% if save or keep
from pathlib import Path
%% endif
from typing import Any
from urllib.parse import urlsplit

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
Json = dict[str, Any]
%% include "_python/settings.py"
KEY = os.environ.get("ANTHROPIC_API_KEY") or sys.exit("Failed: no ANTHROPIC_API_KEY")
BASE = os.environ.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
%% include "_python/limits.py"
%% if stream
MOST_CHARACTERS = 32_000_000
%% endif
%% include "_python/retrying.py"
%% if tool
%% include "_python/tool.py"
%% endif
%% if breaker


%% include "_python/breaker.py"
%% endif


¶ What went wrong | An HTTP error and an `error` event have the same shape. What is no JSON was sent by something in between, such as a proxy: of its page the status is enough.
def words(error: Exception) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
%% if temporary


class ApiError(HTTPException):
    """An answer that is none, and what it says; status 200 inside a stream."""

    def __init__(self, told: str, response: HTTPResponse) -> None:
        self.status, self.headers = response.status, response.headers
        kind = self.headers.get_content_type()
        super().__init__(f"HTTP {self.status}, {kind}: {told}")
        try:
            self.told = json.loads(told)
        except ValueError:
            self.told = told
%% endif


¶ A request | The limit on silence is set once the connection stands, and holds for each read. On its way a compressed answer may be held back to its end, so none is asked for.
class Answer(HTTPResponse):
    """A response{{ " whose bytes are copied to the file as they come" if save else "" }}. Interim ones, of status 1xx, are passed over."""

    def begin(self) -> None:
        super().begin()
        while self.status < 200:
            self.headers = None  # type: ignore[assignment]
            super().begin()
%% if save

    def read1(self, n: int = -1) -> bytes:
        chunk = super().read1(n)
        with RAW.open("ab") as file:
            file.write(chunk)
        return chunk
%% endif


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
    with closing(connect(url.netloc, timeout={{ connect_timeout }})) as connection:
        connection.response_class = Answer
        connection.connect()
        connection.sock.settimeout({{ silence_timeout }})
        connection.request("POST", url.path, json.dumps(body), headers)
        response = connection.getresponse()
        came = response.headers.get_content_type()
        expected = "text/event-stream" if body.get("stream") else "application/json"
        if response.status != 200 or came != expected:
            read = b"a page" if came == "text/html" else response.read(100_000)
            told = read.decode(errors="replace")
%% if temporary
            raise ApiError(told, response)
%% else
            raise HTTPException(f"HTTP {response.status}, {came}: {told}")
%% endif
        yield response
%% if stream


¶ The events | `TextIOWrapper` does what is easy to get wrong: a line ends with LF, CR LF or CR, and a chunk may end inside a line or a character. A comment begins with a colon, so it is a field without a name. The limit on time is also for what only repeats pings or comments.
%% include "_python/event_of.py"


def events(**body: Any) -> Generator[Json]:
    """Send a request, and give its events. Leaving them closes the connection."""
    name = data = ""
    deadline = time.monotonic() + LONGEST
    with post("/v1/messages", **body) as response:
%% if request_id
        print(f"[request {response.headers['request-id']}]", file=sys.stderr)
%% endif
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
%% if temporary
                        raise ApiError(data, response)
%% else
                        raise HTTPException(data)
%% endif
                    if (event.get("delta") or {}).get("stop_reason"):
                        deadline = min(deadline, time.monotonic() + LAST)
                    yield event
                name = data = ""
%% endif
%% if temporary


¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
def is_temporary(error: Exception) -> bool:
    """Whether another request may do better."""
    if not isinstance(error, ApiError):
        return True
    match error.told:
        case {"error": {"details": {"error_code": code}}} if code in NEVER_RETRIED:
            return False
        case {"error": {"type": kind}} if error.status == 200:
            return kind in TEMPORARY
    told = error.headers.get("x-should-retry")
    if told in ("true", "false"):
        return told == "true"
    # What comes with status 200 and is no stream may be the page of a proxy.
    return error.status in (200, 408, 409, 429) or error.status >= 500
%% endif


%% include "_python/program.py"
