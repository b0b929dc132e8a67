%% set async_ = "async " if asynchronous else ""
%% set await_ = "await " if asynchronous else ""
%% set Message, Tool, Result = "MessageParam", "ToolParam", "ToolResultBlockParam"
%% set Refused, response_headers = "anthropic.APIStatusError", "error.response.headers"
%% set in_log = false
%% set sdk_loop = "The SDK retries nothing after the response has begun, and a spend limit like any other limit: hence this loop, and `max_retries=0`. "
%% set sdk, opening = True, "python/opening.py"
%% set whole = "What the SDK reads from the wire, as dictionaries: pings stay inside it, and what is unknown is passed over. Only `message_stop` says that an answer is whole: a stream that ends early may raise nothing at all. `messages.stream()` would add the events up, but joins two answers into one, and breaks off where a count is missing."
%% set sleep = "await asyncio.sleep" if asynchronous else "time.sleep"
%% set sdk_retries = "" if retry else " Before an answer begins, the SDK tries a failed request twice more, also on a spend limit: three requests in all."
%% set breaker_limit, breaker_note = 2, ""
%% include "_python/what_it_does.py"

¶ Imports | `httpx2` is the SDK's HTTP library, and comes with it. What breaks after the response has begun is raised as its errors, not as the SDK's.
%% if asynchronous
import asyncio
%% endif
import codecs
import io
%% if tool
import json
%% endif
%% if retry
import random
%% endif
import sys
%% if stream or breaker or (retry and not asynchronous)
import time
%% endif
%% if stream
from collections.abc import {{ "AsyncIterator" if asynchronous else "Iterator" }}
%% endif
%% if breaker
from dataclasses import dataclass
%% endif
%% if save or keep
from pathlib import Path
%% endif
from typing import Any

import anthropic
import httpx2
%% if tool
from anthropic.types import MessageParam, ToolParam, ToolResultBlockParam
%% else
from anthropic.types import MessageParam
%% endif

¶ What is asked | All that you chose. A stop reason that is not listed, such as one that does not exist yet, counts as partial.
Json = dict[str, Any]
%% include "_python/settings.py"
COMPLETE = ("end_turn", "stop_sequence", "tool_use")
OTHER_ENDS = {"refusal": 4, "max_tokens": 5, "model_context_window_exceeded": 5}
%% include "_python/limits.py"
%% include "_python/retrying.py"

¶ The client | `read` limits the silence between two bytes, not the whole answer: pings count, so hidden thinking may take its time. On its way a compressed stream may be held back to its end, so none is asked for.{{ sdk_retries }}
client = anthropic.{{ "AsyncAnthropic" if asynchronous else "Anthropic" }}(
%% if retry
    max_retries=0,
%% endif
    timeout=httpx2.Timeout(600, connect={{ connect_timeout }}, read={{ silence_timeout }}),
    default_headers={"accept-encoding": "identity"},
)
%% if tool
%% include "_python/tool.py"
%% endif
%% if breaker


%% include "_python/breaker.py"
%% endif


%% if stream
%% include "_python/watched.py"
%% endif


¶ What went wrong | What is no JSON was sent by something in between, such as a proxy: of its page the status is enough.
def words(error: Exception) -> str:
    """An error in one line."""
    told = " ".join(str(error).split())[:300]
    if isinstance(error, anthropic.APIStatusError) and told.startswith("<"):
        told = f"HTTP {error.status_code} with a page"
    return f"{type(error).__name__}: {told}"
%% if temporary


%% include "_python/temporary.py"
%% endif


%% include "_python/program.py"
