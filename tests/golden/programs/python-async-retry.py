"""Ask Claude, and print the answer as it comes.

Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.
"""

import asyncio
import codecs
import io
import random
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx2
from anthropic.types import MessageParam

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

client = anthropic.AsyncAnthropic(
    max_retries=0,
    timeout=httpx2.Timeout(600, connect=10, read=120),
    default_headers={"accept-encoding": "identity"},
)


class Watched(httpx2.AsyncByteStream):
    """The bytes of a response, until a deadline."""

    def __init__(self, body: Any) -> None:
        self.body, self.deadline = body, time.monotonic() + LONGEST

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self.body:
            if time.monotonic() > self.deadline:
                raise TimeoutError("message_stop did not come in time")
            yield chunk

    async def aclose(self) -> None:
        await self.body.aclose()


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


async def ask(messages: list[MessageParam], shown: list[str]) -> Json:
    """Print the answer as it comes, and collect its text in `shown`."""
    message: Json = {}
    async with await client.messages.create(
        model=MODEL,
        max_tokens=MAX_TOKENS,
        messages=messages,
        stream=True,
    ) as stream:
        kind = stream.response.headers.get("content-type", "no content-type")
        if not kind.lower().startswith("text/event-stream"):
            raise ConnectionError(f"no event stream, but {kind}")
        stream.response.stream = body = Watched(stream.response.stream)
        async for received in stream:
            event: Json = received.to_dict()
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


async def ask_again(messages: list[MessageParam], shown: list[str]) -> Json:
    """`ask`, tried again after temporary failures while nothing has been shown."""
    before = len(shown)
    tried = 0
    while True:
        try:
            return await ask(messages, shown)
        except Exception as error:
            tried += 1
            wait = pause(error, tried)
            if wait is None or len(shown) > before:
                raise
            again = f"again in {wait:.1f} s"
            print(f"\n[{words(error)}; {again}]", file=sys.stderr)
            await asyncio.sleep(wait)


async def main() -> int:
    shown: list[str] = []
    try:
        message = await ask_again([{"role": "user", "content": PROMPT}], shown)
    except Exception as error:
        how = "Incomplete" if shown else "Failed"
        print(f"\n{how}: {words(error)}", file=sys.stderr)
        return 3 if shown else 1
    reason = str(message.get("stop_reason"))
    if reason == "max_tokens" and not shown:
        print("\nNo text came: thinking used it up.", file=sys.stderr)
    print(f"\n[{reason}]", file=sys.stderr)
    return 0 if reason in COMPLETE else OTHER_ENDS.get(reason, 3)


sys.exit(asyncio.run(main()))
