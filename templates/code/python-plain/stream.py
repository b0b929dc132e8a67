%% set simple = not (retry or tool or count)
%% set expected = "expected" if stream and count else '"text/event-stream"' if stream else '"application/json"'
%% set path = '"/v1/messages", ' if count else ""
%% set whole = "Only `message_stop` says that it is whole: a stream may end early in good order, and `event: error` comes after status 200." ~ (" The usage of `message_delta` replaces that of `message_start`: nothing is added up." if usage else "")
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
%% set at_once = "Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way."
⟦# The body of a request. #⟧
%% macro asked_for(messages)
    body = {
        "model": MODEL,
        "max_tokens": MAX_TOKENS,
%% if stream
        "stream": True,
%% endif
%% if system
        "system": SYSTEM,
%% endif
%% if stop_sequences
        "stop_sequences": STOP_SEQUENCES,
%% endif
%% if display
        "thinking": {"type": "adaptive", "display": {{ display }}},
%% endif
%% if effort
        "output_config": {"effort": {{ effort }}},
%% endif
%% if tool
        "tools": [TOOL],
%% endif
        "messages": {{ messages }},
    }
⟦%- endmacro %⟧
⟦# The events of a stream, or the answer; `shown` is a statement, and so is `ended`. #⟧
%% macro exchange(inside, shown, ended)
%% if stream
{{ inside }}for event in receive({{ path }}body):
%% if all_events
{{ inside }}    tell(event)
%% endif
%% if tool
{{ inside }}    collect(event, opened, message.setdefault("content", []))
%% endif
{{ inside }}    match event:
%% if tool or usage
{{ inside }}        case {"type": "message_start", "message": dict(start)}:
{{ inside }}            message = start
%% endif
{{ inside }}        case {"delta": {"type": "text_delta", "text": str(text)}}:
{{ inside }}            {{ shown }}
{{ inside }}            print(text, end="", flush=True)
%% if notes and not all_events
{{ inside }}        case {"delta": {"type": "thinking_delta", "thinking": str(thinking)}}:
{{ inside }}            print(thinking, end="", file=sys.stderr, flush=True)
{{ inside }}        case {"delta": {"type": "signature_delta"}}:
{{ inside }}            print(file=sys.stderr)
%% endif
{{ inside }}        case {"type": "message_delta", "delta": dict(delta)}:
{{ inside }}            message |= delta
%% if usage
{{ inside }}            message["usage"] = newest(message.get("usage"), event.get("usage"))
%% endif
{{ inside }}        case {"type": "error"}:
%% if temporary
{{ inside }}            raise ApiError(event, 200, HTTPMessage())
%% elif simple
{{ inside }}            raise HTTPException(json.dumps(event))
%% else
{{ inside }}            raise HTTPException(explain(event))
%% endif
{{ inside }}        case {"type": "message_stop"}:
{{ inside }}            {{ ended }}
⟦%- else %⟧
{{ inside }}message = post({{ path }}body)
{{ inside }}for block in message["content"]:
{{ inside }}    if block["type"] == "text":
{{ inside }}        {{ shown|replace("text", 'block["text"]') }}
{{ inside }}        print(block["text"], end="", flush=True)
⟦%- if notes %⟧

{{ inside }}    elif block["type"] == "thinking":
{{ inside }}        print(block["thinking"], file=sys.stderr)
⟦%- endif %⟧
⟦%- endif %⟧
⟦%- endmacro %⟧
%% include "_python/what_it_does.py"

¶ Imports | Nothing but Python itself, 3.10 or newer. `http.client` has one limit for connecting and another for silence, which `urllib` has not; it takes no notice of proxy settings.
%% if stream
import io
%% endif
import json
import os
%% if retry
import random
%% endif
import sys
%% if retry or breaker
import time
%% endif
%% if stream
from collections.abc import Iterator
%% endif
from contextlib import closing
%% if breaker
from dataclasses import dataclass
%% endif
%% set imported = ["HTTPConnection", "HTTPException"] + (["HTTPMessage"] if temporary else []) + (["HTTPResponse"] if save else []) + ["HTTPSConnection"]
%% if temporary and save
from http.client import (
%% for name in imported
    {{ name }},
%% endfor
)
%% else
from http.client import {{ imported|join(", ") }}
%% endif
%% if stream
from itertools import chain
%% endif
%% if save or keep
from pathlib import Path
%% endif
from typing import Any
from urllib.parse import urlsplit

¶ What is asked | All that you chose, and what may be raised: measured against the simulator. The last four come from JSON that is broken, or not shaped as it should be. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
Json = dict[str, Any]
%% if ends
# Deprecated: its end of life is {{ ends }}.
%% endif
MODEL = {{ model }}
MAX_TOKENS = {{ max_tokens }}
%% if system
{{ constant("SYSTEM", system) }}
%% endif
{{ constant("PROMPT", prompt) }}
%% if stop_sequences
{{ constant_list("STOP_SEQUENCES", stop_sequences) }}
%% endif
%% if breaker
{{ constant("FALLBACK", fallback) }}
%% endif
KEY = os.environ.get("ANTHROPIC_API_KEY") or sys.exit("Failed: no ANTHROPIC_API_KEY")
BASE = os.environ.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com"
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
FAILURES = (HTTPException, OSError, AttributeError, LookupError, TypeError, ValueError)
%% include "_python/retrying.py"
%% if keep
PARTIAL = Path("partial-answer.txt")
%% endif
%% if save
RAW = Path("stream.sse")
%% endif
%% if tool

¶ The tool | Stands for yours. A call that cannot be done is answered too: Claude reads why, and can try again.
TURNS = 5
TOOL: Json = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


def run(call: Json) -> Json:
    """The result of a call."""
    result = {"type": "tool_result", "tool_use_id": call["id"]}
    match call["name"], call["input"]:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}
%% endif
%% if breaker


%% include "_python/breaker.py"
%% endif


%% if not simple
¶ What went wrong | An HTTP error and an `error` event have the same shape. What is no JSON was sent by something in between, such as a proxy: then the content type has to do.
def explain(told: object) -> str:
    """An error as the API tells it, or what came instead."""
    match told:
        case {"error": {"type": kind, "message": message}, **rest}:
            return f"{kind}: {message} (request {rest.get('request_id', 'unknown')})"
    return f"no {{ "event stream" if stream else "message" }}, but {told!r}"[:200]
%% endif
%% if temporary


class ApiError(HTTPException):
    """An answer that is none, and what it says; status 200 inside a stream."""

    def __init__(self, told: object, status: int, headers: HTTPMessage) -> None:
        super().__init__(f"HTTP {status}: {explain(told)}")
        self.told = told
        self.status = status
        self.headers = headers
%% endif
%% if save


¶ The raw stream | Every byte goes into a file before it is read, pings and padding included.
class Copied(HTTPResponse):
    """A response whose bytes are copied to the file as they come."""

    def read1(self, n: int = -1) -> bytes:
        chunk = super().read1(n)
        with RAW.open("ab") as file:
            file.write(chunk)
        return chunk
%% endif


%% if stream
¶ The events | `TextIOWrapper` does what is easy to get wrong: a line ends with LF, CR LF or CR, and a chunk may end inside a line or a character. Some streams lack the last blank line, so one is added. The limit on silence holds for each read: pings count, so hidden thinking may take its time.
def receive({{ "path: str, " if count else "" }}body: Json) -> Iterator[Json]:
    """Send a request, and give its events. Leaving the loop closes the connection."""
%% else
¶ A request | The limit on silence is set once the connection stands, and holds for each read.
def post({{ "path: str, " if count else "" }}body: Json) -> Json:
    """Send a request, and give what it is answered with."""
%% endif
    url = urlsplit(BASE.rstrip("/") + {{ "path" if count else '"/v1/messages"' }})
    headers = {
        "authorization": f"Bearer {KEY.strip()}",
        "anthropic-version": "2026-10-21",
        "content-type": "application/json",
    }
    connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
    with closing(connect(url.netloc, timeout={{ connect_timeout }})) as connection:
%% if save
        connection.response_class = Copied
%% endif
        connection.connect()
        connection.sock.settimeout({{ silence_timeout }})
        connection.request("POST", url.path, json.dumps(body), headers)
        response = connection.getresponse()
%% if stream and count
        expected = "text/event-stream" if body.get("stream") else "application/json"
%% endif
        came = response.headers.get_content_type()
        if response.status != 200 or came != {{ expected }}:
%% if simple
            told = response.read(1000).decode(errors="replace")
            raise HTTPException(f"HTTP {response.status}, {came}: {told}")
%% else
            told = json.load(response) if came.endswith("json") else came
%% if temporary
            raise ApiError(told, response.status, response.headers)
%% else
            raise HTTPException(f"HTTP {response.status}: {explain(told)}")
%% endif
%% endif
%% if request_id
        print(f"[request {response.headers['request-id']}]", file=sys.stderr)
%% endif
%% if not stream
        answer: Json = json.load(response)
        return answer
%% else
%% if count
        if not body.get("stream"):
            yield json.load(response)
            return
%% endif
        lines = io.TextIOWrapper(response, encoding="utf-8-sig")
        found = ""
        for line in chain(lines, ["\n"]):
            if line.startswith("data:"):
                found += line.removeprefix("data:")
            elif line == "\n" and found:
                yield json.loads(found)
                found = ""
%% endif
%% if stream and tool


¶ Putting it together | The tool's loop needs the whole message. A block counts once it is closed: a call that was cut is never run. Blocks of unknown types are kept as they came.
def collect(event: Json, opened: dict[int, Json], content: list[Json]) -> None:
    """Put what an event brings into the content of the message."""
    match event:
        case {"type": "content_block_start", "index": int(index)}:
            opened[index] = event["content_block"]
        case {"index": index} if index not in opened:
            raise ValueError(f"block {index} was never opened")
        case {"type": "content_block_delta", "index": index, "delta": delta}:
            add(delta, opened[index])
        case {"type": "content_block_stop", "index": index}:
            block = opened.pop(index)
            if "partial_json" in block:
                block["input"] = json.loads(block.pop("partial_json") or "{}")
            content.append(block)


def add(delta: Json, block: Json) -> None:
    """Put a delta into its block. Those of unknown types are passed over."""
    match delta:
        case {"type": "text_delta", "text": text}:
            block["text"] += text
        case {"type": "input_json_delta", "partial_json": part}:
            block["partial_json"] = block.get("partial_json", "") + part
        case {"type": "thinking_delta", "thinking": thinking}:
            block["thinking"] += thinking
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] = signature
        case {"type": "citations_delta", "citation": citation}:
            block["citations"] = [*(block.get("citations") or []), citation]
%% endif
%% if stream and all_events


¶ Every event | What is not text goes to stderr. Events, blocks and deltas of unknown types are passed over.
def tell(event: Json) -> None:
    """Show what comes beside the text."""
    match event:
        case {"type": "ping"}:
            print("[ping]", file=sys.stderr)
        case {"type": "content_block_start", "content_block": {"type": kind}}:
            print(f"\n[{kind}]", file=sys.stderr)
        case {"delta": {"type": "thinking_delta", "thinking": thinking}}:
            print(thinking, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "input_json_delta", "partial_json": part}}:
            print(part, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "citations_delta", "citation": {"cited_text": cited}}}:
            print(f"[cited: {cited}]", file=sys.stderr)
%% endif


%% if not simple
¶ One answer | {{ whole if stream else at_once }}{{ notes_why }}
def ask(messages: list[Json], shown: list[str]) -> Json:
    """Print the answer {{ "as it comes" if stream else "once it is there" }}, and collect it in `shown`."""
{{ asked_for("messages") }}
%% if stream
    message: Json = {}
%% if tool
    opened: dict[int, Json] = {}
%% endif
%% endif
{{ exchange("    ", "shown.append(text)", "return message") }}
%% if stream
    raise ConnectionError("the stream ended before message_stop")
%% else
    return message
%% endif
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
%% if retry


¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, ApiError):
        return wait
    told = str(error.headers.get("retry-after", "0"))
    # A date would need a parser, and hours are no wait for a program.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))
%% endif
%% if resume


¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }}
%% include "_python/recipe.py"
def ask_for_the_rest(messages: list[Json], text: str) -> list[Json]:
    """The messages of a request that goes on after the text that came."""
%% if prefill
    return [*messages, {"role": "assistant", "content": text.rstrip()}]
%% else
    return [*messages, {"role": "user", "content": CONTINUE.format(text=text)}]
%% endif
%% endif
%% if keep


%% include "_python/keep.py"
%% endif
%% if retry


%% if resume
¶ Trying again | What has been shown stays, and the next request asks for the rest.
%% else
¶ Trying again | Once text has been shown, a new answer would only repeat it.
%% endif
def ask_again(messages: list[Json], shown: list[str]) -> Json:
%% if resume
    """`ask`, tried again after temporary failures, for what has not come yet."""
    before, wanted = len(shown), messages
%% else
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
%% endif
    tried = 0
    while True:
%% if breaker
        BREAKER.check()
%% endif
        try:
%% if breaker
            message = ask({{ "wanted" if resume else "messages" }}, shown)
            BREAKER.failures = 0
            return message
%% else
            return ask({{ "wanted" if resume else "messages" }}, shown)
%% endif
        except FAILURES as error:
            tried += 1
%% if breaker
            if is_temporary(error):
                BREAKER.failed()
%% endif
            wait = pause(error, tried)
%% if resume
            if wait is None:
                raise
            came = "".join(shown[before:])
            if came:
                wanted = ask_for_the_rest(messages, came)
            print(
                f"\n[{type(error).__name__}: {error}; {len(came)} characters came, "
                f"going on in {wait:.1f} s]",
                file=sys.stderr,
            )
%% else
            if wait is None or len(shown) > before:
                raise
            print(
                f"[{type(error).__name__}: {error}; again in {wait:.1f} s]",
                file=sys.stderr,
            )
%% endif
            time.sleep(wait)
%% elif breaker


¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it.
def ask_guarded(messages: list[Json], shown: list[str]) -> Json:
    """`ask`, unless the circuit is open."""
    BREAKER.check()
    try:
        message = ask(messages, shown)
    except FAILURES as error:
        if is_temporary(error):
            BREAKER.failed()
        raise
    BREAKER.failures = 0
    return message
%% endif
%% if tool


¶ The loop | Every block goes back as it came, thinking and its signature included.{{ "" if stream else " Nothing is run on a call that was cut: its stop reason is another one." }}
def converse(messages: list[Json], shown: list[str]) -> Json:
    """Ask, run the tools that Claude calls, and ask again until it has answered."""
    for turn in range(1, TURNS + 1):
        message = {{ asking }}(messages, shown)
%% if usage
        report(message.get("usage") or {})
%% endif
        if message.get("stop_reason") != "tool_use":
            return message
        calls = [block for block in message["content"] if block["type"] == "tool_use"]
        names = ", ".join(call["name"] for call in calls)
        print(f"\n[turn {turn}: {names}]", file=sys.stderr)
        messages = [
            *messages,
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": [run(call) for call in calls]},
        ]
    raise OSError(f"no answer after {TURNS} turns")
%% endif
%% if usage


¶ Usage and cost | The usage of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_python/prices.py"


def report(usage: Json) -> None:
    """Tokens and cost, without surcharges for speed or region."""
    fresh = usage.get("input_tokens") or 0
    output = usage.get("output_tokens") or 0
    written = usage.get("cache_creation_input_tokens") or 0
    created = usage.get("cache_creation") or {}
    written_1h = created.get("ephemeral_1h_input_tokens") or 0
    read = usage.get("cache_read_input_tokens") or 0
    details = usage.get("output_tokens_details") or {}
    cost = (
        fresh * INPUT
        + (written - written_1h) * CACHE_WRITE_5M
        + written_1h * CACHE_WRITE_1H
        + read * CACHE_READ
        + output * OUTPUT
    ) / 1_000_000
    print(
        f"\n[{fresh + written + read} tokens in, {output} out, "
        f"{details.get('thinking_tokens') or 0} of them thinking: ${cost:.6f}]",
        file=sys.stderr,
    )
%% if stream


def newest(before: Json | None, after: Json | None) -> Json:
    """The usage as of now: later numbers replace earlier ones, and null says nothing."""
    told = {name: value for name, value in (after or {}).items() if value is not None}
    return {**(before or {}), **told}
%% endif
%% endif
%% if count


¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
def count(messages: list[Json]) -> None:
    """Tell how many tokens the request has."""
    body = {
        "model": MODEL,
%% if system
        "system": SYSTEM,
%% endif
%% if tool
        "tools": [TOOL],
%% endif
        "messages": messages,
    }
    try:
%% if stream
        [counted] = receive("/v1/messages/count_tokens", body)
%% else
        counted = post("/v1/messages/count_tokens", body)
%% endif
        tokens = counted["input_tokens"]
    except FAILURES as error:
        print(f"[not counted: {type(error).__name__}: {error}]", file=sys.stderr)
    else:
        print(f"[about {tokens} tokens in]", file=sys.stderr)
%% endif


%% if simple
¶ The answer | {{ whole if stream else at_once }}
%% else
¶ From start to end | Every failure ends here, with a message and a status of its own.
%% endif
def main() -> int:
%% if save
    RAW.unlink(missing_ok=True)
%% endif
%% if simple
{{ asked_for('[{"role": "user", "content": PROMPT}]') }}
%% if stream
    message: Json = {}
%% endif
    shown = False
    try:
{{ exchange("        ", "shown = True", "break") }}
%% if stream
        else:
            raise ConnectionError("the stream ended before message_stop")
%% endif
%% else
%% if count
    messages: list[Json] = [{"role": "user", "content": PROMPT}]
%% endif
    shown: list[str] = []
    try:
%% if count
        count(messages)
%% endif
        message = {{ "converse" if tool else asking }}({{ "messages" if count else '[{"role": "user", "content": PROMPT}]' }}, shown)
%% endif
    except FAILURES as error:
%% if breaker
        if not shown and is_temporary(error):
            print(f"Fallback shown: {type(error).__name__}: {error}", file=sys.stderr)
            print(FALLBACK)
            return 6
%% endif
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {type(error).__name__}: {error}", file=sys.stderr)
%% if keep
        keep(shown)
%% endif
        return 3 if shown else 1
%% if stop
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
%% if keep
        keep(shown)
%% endif
        return 130
%% endif
%% if usage and not tool
    report(message.get("usage") or {})
%% endif
    reason = str(message.get("stop_reason"))
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(main())
