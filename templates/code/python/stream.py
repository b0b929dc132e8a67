%% set simple = not (retry or tool or count)
%% set async_ = "async " if asynchronous else ""
%% set await_ = "await " if asynchronous else ""
%% set client = "AsyncAnthropic" if asynchronous else "Anthropic"
%% set Byte = "AsyncByte" if asynchronous else "SyncByte"
%% set close = "aclose" if asynchronous else "close"
%% set passed_over = " Unknown events are passed over, and pings stay inside the SDK." if all_events else ""
%% set sdk_retries = "" if retry else " Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all."
%% set notes_why = " What the newest models say between calls comes as thinking, and only with this `display`: it goes to stderr, since it is not the answer." if notes else ""
%% set at_once = "Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way."
⟦# The arguments of a request; `inside` is the indentation of the call. #⟧
%% macro arguments(inside, messages)
{{ inside }}    model=MODEL,
{{ inside }}    max_tokens=MAX_TOKENS,
%% if system
{{ inside }}    system=SYSTEM,
%% endif
%% if stop_sequences
{{ inside }}    stop_sequences=STOP_SEQUENCES,
%% endif
%% if display
{{ inside }}    thinking={"type": "adaptive", "display": {{ display }}},
%% endif
%% if effort
{{ inside }}    output_config={"effort": {{ effort }}},
%% endif
%% if tool
{{ inside }}    tools=[TOOL],
%% endif
{{ inside }}    messages={{ messages }},
%% endmacro
⟦# The events of a stream; `shown` is a statement, `ended` are some. #⟧
%% macro events(inside, shown, ended)
%% if request_id
{{ inside }}    print(f"[request {stream.request_id}]", file=sys.stderr)
%% endif
{{ inside }}    {{ async_ }}for event in stream:
%% if all_events
{{ inside }}        match event.type:
{{ inside }}            case "text":
{{ inside }}                {{ shown }}
{{ inside }}                print(event.text, end="", flush=True)
{{ inside }}            case "content_block_start":
{{ inside }}                print(f"\n[{event.content_block.type}]", file=sys.stderr)
{{ inside }}            case "thinking":
{{ inside }}                print(event.thinking, end="", file=sys.stderr, flush=True)
{{ inside }}            case "input_json":
{{ inside }}                print(event.partial_json, end="", file=sys.stderr, flush=True)
{{ inside }}            case "citation":
{{ inside }}                print(f"[cited: {event.citation.cited_text}]", file=sys.stderr)
{{ inside }}            case "message_stop":
%% for line in ended
{{ inside }}                {{ line }}
%% endfor
%% else
{{ inside }}        if event.type == "text":
{{ inside }}            {{ shown }}
{{ inside }}            print(event.text, end="", flush=True)
%% if notes
{{ inside }}        elif event.type == "thinking":
{{ inside }}            print(event.thinking, end="", file=sys.stderr, flush=True)
{{ inside }}        elif event.type == "signature":
{{ inside }}            print(file=sys.stderr)
%% endif
{{ inside }}        elif event.type == "message_stop":
%% for line in ended
{{ inside }}            {{ line }}
%% endfor
%% endif
%% endmacro
%% include "_python/what_it_does.py"

¶ Imports | `httpx2` is the SDK's HTTP library, and comes with it. What breaks after the response has begun is raised as its errors, not as the SDK's.
%% if asynchronous
import asyncio
%% endif
%% if tool
import json
%% endif
%% if retry
import random
%% endif
import sys
%% if (retry and not asynchronous) or breaker
import time
%% endif
%% if save
from collections.abc import {{ "AsyncIterator" if asynchronous else "Iterator" }}
%% endif
%% if breaker
from dataclasses import dataclass
%% endif
%% if save or keep
from pathlib import Path
%% endif

import anthropic
import httpx2
%% if tool
from anthropic.types import (
    Message,
    MessageParam,
    ToolParam,
    ToolResultBlockParam,
    ToolUseBlock,
%% if usage
    Usage,
%% endif
)
%% else
%% set types = ([] if simple else ["Message", "MessageParam"]) + (["Usage"] if usage else [])
%% if types
from anthropic.types import {{ types|join(", ") }}
%% endif
%% endif

¶ What is asked | All that you chose, and what may be raised: measured against the simulator. `OUT_OF_ORDER` is what the SDK raises when a stream is not what it should be. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
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
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
OUT_OF_ORDER = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
FAILURES = (anthropic.AnthropicError, httpx2.HTTPError, OSError, *OUT_OF_ORDER)
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
TOOL: ToolParam = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}},
        "required": ["location"],
    },
}


def run(call: ToolUseBlock) -> ToolResultBlockParam:
    """The result of a call."""
    result: ToolResultBlockParam = {"type": "tool_result", "tool_use_id": call.id}
    match call.name, call.input:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}
%% endif
%% if save


¶ The raw stream | Every byte of a stream goes into a file on its way to the SDK, pings and padding included. Compression is switched off, or they would be compressed bytes.
class Copied(httpx2.{{ Byte }}Stream):
    """A response's bytes, copied to the file as they come."""

    def __init__(self, stream: httpx2.{{ Byte }}Stream) -> None:
        self.stream = stream

    {{ async_ }}def {{ "__aiter__" if asynchronous else "__iter__" }}(self) -> {{ "Async" if asynchronous else "" }}Iterator[bytes]:
        with RAW.open("ab") as file:
            {{ async_ }}for chunk in self.stream:
                file.write(chunk)
                file.flush()
                yield chunk

    {{ async_ }}def {{ close }}(self) -> None:
        {{ await_ }}self.stream.{{ close }}()


{{ async_ }}def copy(response: httpx2.Response) -> None:
    """Called for each response, before its body is read."""
    is_stream = "text/event-stream" in response.headers.get("content-type", "")
    if is_stream and isinstance(response.stream, httpx2.{{ Byte }}Stream):
        response.stream = Copied(response.stream)
%% endif
%% if breaker


%% include "_python/breaker.py"
%% endif


%% if not simple and stream


¶ One request | Only `message_stop` says that an answer is whole: a stream that ends early may raise nothing at all.{{ passed_over }}{{ notes_why }}
{{ async_ }}def ask(
    client: anthropic.{{ client }}, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Print the answer as it comes, and collect it in `shown`."""
    {{ async_ }}with client.messages.stream(
{{ arguments("    ", "messages") }}    ) as stream:
{{ events("    ", "shown.append(event.text)", ["return event.message"]) }}    raise ConnectionError("the stream ended before message_stop")
%% elif not simple


¶ One request | {{ at_once }}{{ notes_why }}
{{ async_ }}def ask(
    client: anthropic.{{ client }}, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Print the answer once it is there."""
    message = {{ await_ }}client.messages.create(
{{ arguments("    ", "messages") }}    )
%% if request_id
    print(f"[request {message._request_id}]", file=sys.stderr)
%% endif
    for block in message.content:
        if block.type == "text":
            shown.append(block.text)
            print(block.text, end="", flush=True)
%% if notes
        elif block.type == "thinking":
            print(block.thinking, file=sys.stderr)
%% endif
    return message
%% endif
%% if temporary


%% include "_python/temporary.py"
%% endif
%% if retry


¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, anthropic.APIStatusError):
        return wait
    told = str(error.response.headers.get("retry-after", "0"))
    # A date would need a parser, and hours are no wait for a program.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))
%% endif
%% if resume


¶ Going on after a break | {{ "Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join." }}
%% include "_python/recipe.py"
def ask_for_the_rest(messages: list[MessageParam], text: str) -> list[MessageParam]:
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
¶ Trying again | The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence this loop, and `max_retries=0`. What has been shown stays, and the next request asks for the rest.
%% else
¶ Trying again | The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence this loop, and `max_retries=0`. Once text has been shown, a new answer would only repeat it.
%% endif
{{ async_ }}def ask_again(
    client: anthropic.{{ client }}, messages: list[MessageParam], shown: list[str]
) -> Message:
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
            message = {{ await_ }}ask(client, {{ "wanted" if resume else "messages" }}, shown)
            BREAKER.failures = 0
            return message
%% else
            return {{ await_ }}ask(client, {{ "wanted" if resume else "messages" }}, shown)
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
            {{ "await asyncio" if asynchronous else "time" }}.sleep(wait)
%% elif breaker


¶ One request, guarded | Only failures of the service count: a request that is wrong says nothing about it. A failure counts once the SDK's own retries are used up.
{{ async_ }}def ask_guarded(
    client: anthropic.{{ client }}, messages: list[MessageParam], shown: list[str]
) -> Message:
    """`ask`, unless the circuit is open."""
    BREAKER.check()
    try:
        message = {{ await_ }}ask(client, messages, shown)
    except FAILURES as error:
        if is_temporary(error):
            BREAKER.failed()
        raise
    BREAKER.failures = 0
    return message
%% endif
%% if tool


¶ The loop | Every block goes back as it came, thinking and its signature included. Nothing is run on a call that was cut: its stop reason is another one.
{{ async_ }}def converse(
    client: anthropic.{{ client }}, messages: list[MessageParam], shown: list[str]
) -> Message:
    """Ask, run the tools that Claude calls, and ask again until it has answered."""
    for turn in range(1, TURNS + 1):
        message = {{ await_ }}{{ asking }}(client, messages, shown)
%% if usage
        report(message.usage)
%% endif
        if message.stop_reason != "tool_use":
            return message
        calls = [block for block in message.content if block.type == "tool_use"]
        names = ", ".join(call.name for call in calls)
        print(f"\n[turn {turn}: {names}]", file=sys.stderr)
        messages = [
            *messages,
            {"role": "assistant", "content": message.content},
            {"role": "user", "content": [run(call) for call in calls]},
        ]
    raise OSError(f"no answer after {TURNS} turns")
%% endif
%% if usage


¶ Usage and cost | The usage of a whole message: thinking is part of the output, and what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
%% include "_python/prices.py"


def report(usage: Usage) -> None:
    """Tokens and cost, without surcharges for speed or region."""
    written = usage.cache_creation_input_tokens or 0
    created = usage.cache_creation
    written_1h = created.ephemeral_1h_input_tokens if created else 0
    read = usage.cache_read_input_tokens or 0
    thinking = usage.output_tokens_details
    cost = (
        usage.input_tokens * INPUT
        + (written - written_1h) * CACHE_WRITE_5M
        + written_1h * CACHE_WRITE_1H
        + read * CACHE_READ
        + usage.output_tokens * OUTPUT
    ) / 1_000_000
    print(
        f"\n[{usage.input_tokens + written + read} tokens in, {usage.output_tokens} out, "
        f"{thinking.thinking_tokens if thinking else 0} of them thinking: ${cost:.6f}]",
        file=sys.stderr,
    )
%% endif
%% if count


¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
{{ async_ }}def count(client: anthropic.{{ client }}, messages: list[MessageParam]) -> None:
    """Tell how many tokens the request has."""
    try:
        counted = {{ await_ }}client.messages.count_tokens(
            model=MODEL,
%% if system
            system=SYSTEM,
%% endif
%% if tool
            tools=[TOOL],
%% endif
            messages=messages,
        )
    except FAILURES as error:
        print(f"[not counted: {type(error).__name__}: {error}]", file=sys.stderr)
    else:
        print(f"[about {counted.input_tokens} tokens in]", file=sys.stderr)
%% endif


%% if simple
¶ The answer | {{ "Only `message_stop` says that it is whole: a stream that ends early may raise nothing at all." ~ passed_over if stream else at_once }} `read` limits the silence between two bytes, pings included.{{ sdk_retries }}
%% else
¶ From start to end | `read` limits the silence between two bytes, not the whole answer: pings count, so hidden thinking may take its time.{{ sdk_retries }}
%% endif
{{ async_ }}def main() -> int:
%% if save
    RAW.unlink(missing_ok=True)
%% endif
    timeout = httpx2.Timeout(600, connect={{ connect_timeout }}, read={{ silence_timeout }})
%% if save
    client = anthropic.{{ client }}(
%% if retry
        max_retries=0,
%% endif
        timeout=timeout,
        default_headers={"accept-encoding": "identity"},
        http_client=anthropic.Default{{ "Async" if asynchronous else "" }}HttpxClient(event_hooks={"response": [copy]}),
    )
%% else
    client = anthropic.{{ client }}({{ "max_retries=0, " if retry else "" }}timeout=timeout)
%% endif
%% if simple
    shown = False
    try:
%% if stream
        {{ async_ }}with client.messages.stream(
{{ arguments("        ", '[{"role": "user", "content": PROMPT}]') }}        ) as stream:
{{ events("        ", "shown = True", ["message = event.message", "break"]) }}            else:
                raise ConnectionError("the stream ended before message_stop")
%% else
        message = {{ await_ }}client.messages.create(
{{ arguments("        ", '[{"role": "user", "content": PROMPT}]') }}        )
%% if request_id
        print(f"[request {message._request_id}]", file=sys.stderr)
%% endif
        for block in message.content:
            if block.type == "text":
                print(block.text, end="", flush=True)
                shown = True
%% endif
%% else
    messages: list[MessageParam] = [{"role": "user", "content": PROMPT}]
    shown: list[str] = []
    try:
%% if count
        {{ await_ }}count(client, messages)
%% endif
        message = {{ await_ }}{{ "converse" if tool else asking }}(client, messages, shown)
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
    except {{ "(KeyboardInterrupt, asyncio.CancelledError)" if asynchronous else "KeyboardInterrupt" }}:
        print("\nStopped.", file=sys.stderr)
%% if keep
        keep(shown)
%% endif
        return 130
%% endif
%% if usage and not tool
    report(message.usage)
%% endif
    reason = str(message.stop_reason)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit({{ "asyncio.run(main())" if asynchronous else "main()" }})
