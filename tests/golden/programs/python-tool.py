"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import codecs
import io
import json
import random
import sys
import time
from collections.abc import Iterator
from typing import Any

import anthropic
import httpx2
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam

Json = dict[str, Any]
MODEL = "claude-opus-5-5"
MAX_TOKENS = 1024
PROMPT = "Explain in three sentences why the sky is blue."
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
# In seconds: a whole answer, and what follows its stop reason.
LONGEST, LAST = 3600, 20
# An error inside a stream comes with status 200. These are worth another try.
TEMPORARY = ("overloaded_error", "api_error", "rate_limit_error", "timeout_error")
# No retry gets past a spend limit.
NEVER_RETRIED = ["enforced_spend_limit_reached", "contract_spend_limit_reached"]
ATTEMPTS = 3
LONGEST_WAIT = 60.0

client = anthropic.Anthropic(
    max_retries=0,
    timeout=httpx2.Timeout(600, connect=10, read=120),
    default_headers={"accept-encoding": "identity"},
)


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


def run(call: Json) -> ToolResultBlockParam:
    """The result of a call."""
    result: ToolResultBlockParam = {"type": "tool_result", "tool_use_id": call["id"]}
    match call["name"], call["input"]:
        case "get_forecast", {"location": str(location)}:
            forecast = {"location": location, "rain_mm": 11, "high_celsius": 7}
            return {**result, "content": json.dumps(forecast)}
        case name, given:
            content = f"{name} cannot take {given}"
            return {**result, "content": content, "is_error": True}


class Watched(httpx2.SyncByteStream):
    """The bytes of a response, until a deadline."""

    def __init__(self, body: Any) -> None:
        self.body, self.deadline = body, time.monotonic() + LONGEST

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.body:
            if time.monotonic() > self.deadline:
                raise TimeoutError("message_stop did not come in time")
            yield chunk

    def close(self) -> None:
        self.body.close()


def words(error: Exception) -> str:
    """An error in one line."""
    told = " ".join(str(error).split())[:300]
    if isinstance(error, anthropic.APIStatusError) and told.startswith("<"):
        told = f"HTTP {error.status_code} with a page"
    return f"{type(error).__name__}: {told}"


def is_temporary(error: Exception) -> bool:
    """Whether another request may do better."""
    if not isinstance(error, anthropic.APIStatusError):
        # Without a key, or with half a character, nothing can be sent.
        return not isinstance(error, (TypeError, UnicodeEncodeError))
    if error.error_code in NEVER_RETRIED:
        return False
    if error.status_code == 200:
        return str(error.type) in TEMPORARY
    told = str(error.response.headers.get("x-should-retry"))
    if told in ("true", "false"):
        return told == "true"
    status: int = error.status_code
    return status in (408, 409, 429) or status >= 500


HALVES = codecs.getincrementaldecoder("utf-16-le")("replace")
if isinstance(sys.stdout, io.TextIOWrapper):
    sys.stdout.reconfigure(errors="replace")


def show(text: str, shown: list[str], final: bool = False) -> None:
    """Print a piece of the answer, and collect it in `shown`."""
    text = HALVES.decode(text.encode("utf-16-le", "surrogatepass"), final)
    if text:
        shown.append(text)
        print(text, end="", flush=True)


def collect(event: Json, blocks: dict[Any, Json]) -> None:
    """Put what an event brings into the blocks of the message, kept by their index."""
    block = blocks.get(event.get("index"), {})
    match event:
        case {"type": "message_start", "message": {"content": list(content)}}:
            blocks.update(enumerate(content))
        case {"index": index, "content_block": dict(new)}:
            blocks[index] = new
            if str(new.get("type")).endswith("tool_use"):
                new["fragments"] = ""
        case {"type": "content_block_delta", "delta": dict(delta)}:
            add(delta, block)
        case {"type": "content_block_stop"} if "fragments" in block:
            block["input"] = input_of(block.pop("fragments"), block)


def add(delta: Json, block: Json) -> None:
    """Put a delta into its block. Those of unknown types are passed over."""
    match delta:
        case {"type": "text_delta", "text": str(text)}:
            block["text"] = (block.get("text") or "") + text
        case {"type": "input_json_delta", "partial_json": str(part)}:
            block["fragments"] = block.get("fragments", "") + part
        case {"type": "thinking_delta", "thinking": str(thinking)}:
            block["thinking"] = (block.get("thinking") or "") + thinking
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] = signature
        case {"type": "citations_delta", "citation": citation}:
            block["citations"] = [*(block.get("citations") or []), citation]


def input_of(fragments: str, call: Json) -> Json:
    """The input of a call. Raises ValueError if it is no JSON object."""
    value = json.loads(fragments) if fragments else call.get("input") or {}
    if not isinstance(value, dict):
        raise ValueError(f"a tool's input is no JSON object: {fragments}")
    return value


def whole(blocks: dict[Any, Json], reason: object) -> list[Json]:
    """The content of a message. Raises ValueError if a call is to be run but was cut."""
    if reason == "tool_use" and any("fragments" in block for block in blocks.values()):
        raise ValueError("the input of a tool's call was cut")
    # Halves of a character that came in two pieces are joined.
    content = json.dumps([*blocks.values()], ensure_ascii=False)
    text = content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return list(json.loads(text))


def tell(event: Json) -> None:
    """Show what comes beside the text."""
    match event:
        case {"type": "ping"}:
            print("[ping]", file=sys.stderr)
        case {"type": "content_block_start", "content_block": {"type": kind}}:
            print(f"\n[{kind}]", file=sys.stderr)
        case {"delta": {"type": "thinking_delta", "thinking": str(thinking)}}:
            print(thinking, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "input_json_delta", "partial_json": str(part)}}:
            print(part, end="", file=sys.stderr, flush=True)
        case {"delta": {"type": "citations_delta", "citation": {"cited_text": cited}}}:
            print(f"[cited: {cited}]", file=sys.stderr)


def ask(messages: list[MessageParam], shown: list[str]) -> Json:
    """Print the answer as it comes, and collect its text in `shown`."""
    message: Json = {}
    blocks: dict[Any, Json] = {}
    with client.messages.create(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        thinking={"type": "adaptive", "display": "summarized"},
        tools=[TOOL],
        messages=messages,
        stream=True,
    ) as stream:
        kind = stream.response.headers.get("content-type", "no content-type")
        if not kind.lower().startswith("text/event-stream"):
            raise ConnectionError(f"no event stream, but {kind}")
        stream.response.stream = body = Watched(stream.response.stream)
        for received in stream:
            event: Json = received.to_dict()
            tell(event)
            collect(event, blocks)
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
                    if message.get("stop_reason"):
                        body.deadline = min(body.deadline, time.monotonic() + LAST)
                case {"type": "message_stop"} if "id" in message:
                    show("", shown, final=True)
                    message["content"] = whole(blocks, message.get("stop_reason"))
                    return message
    raise ConnectionError("the stream ended before message_stop")


def pause(error: Exception, tried: int) -> float | None:
    """Seconds until the next try, or None if there should be none."""
    if tried == ATTEMPTS or not is_temporary(error):
        return None
    wait = 0.5 * 2.0 ** (tried - 1) * random.uniform(0.75, 1)
    if not isinstance(error, anthropic.APIStatusError):
        return wait
    told = str(error.response.headers.get("retry-after", "0"))
    # A date would need a parser, and nobody waits for hours.
    if not told.replace(".", "", 1).isdecimal() or float(told) > LONGEST_WAIT:
        return None
    return max(wait, float(told))


def ask_again(messages: list[MessageParam], shown: list[str]) -> Json:
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
    tried = 0
    while True:
        try:
            return ask(messages, shown)
        except Exception as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None or len(shown) > before:
                raise
            again = f"again in {wait:.1f} s"
            print(f"\n[{words(error)}; {again}]", file=sys.stderr)
            time.sleep(wait)


def converse(messages: list[MessageParam], shown: list[str]) -> Json:
    """Ask, run the tools that Claude calls, and ask again until it has answered."""
    for turn in range(1, TURNS + 1):
        message = ask_again(messages, shown)
        calls = [block for block in message["content"] if block["type"] == "tool_use"]
        reason = message.get("stop_reason")
        if reason == "tool_use" and not calls:
            raise ValueError("it stopped for a tool call that is not there")
        if reason != "tool_use":
            if calls and reason in COMPLETE:
                raise ValueError(f"a tool call waits, but it stopped with {reason}")
            return message
        names = ", ".join(call["name"] for call in calls)
        print(f"\n[turn {turn}: {names}]", file=sys.stderr)
        messages = [
            *messages,
            {"role": "assistant", "content": message["content"]},
            {"role": "user", "content": [run(call) for call in calls]},
        ]
    raise OSError(f"no answer after {TURNS} turns")


def main() -> int:
    shown: list[str] = []
    try:
        message = converse([{"role": "user", "content": PROMPT}], shown)
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
