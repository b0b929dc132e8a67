"""One line of JSON for a stream: what to log, however it ended."""

import json
import sys
import time

import anthropic
import httpx2

client = anthropic.Anthropic()

# region log
entry: dict[str, object] = {"outcome": "broken"}
start = time.monotonic()


def seconds() -> float:
    return round(time.monotonic() - start, 3)


try:
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        messages=[{"role": "user", "content": "Why is the sky blue?"}],
    ) as stream:
        entry["request_id"] = stream.request_id
        entry["limits"] = {
            name.removeprefix("anthropic-ratelimit-"): value
            for name, value in stream.response.headers.items()
            if name.startswith("anthropic-ratelimit-")
        }
        for event in stream:
            entry.setdefault("first_event", seconds())
            if event.type == "text":
                entry.setdefault("first_word", seconds())
                print(event.text, end="", flush=True)
            elif event.type == "message_delta":
                entry["stop_reason"] = event.delta.stop_reason
                entry["usage"] = event.usage.to_dict()
            elif event.type == "message_stop":
                entry["outcome"] = "complete"
        if entry["outcome"] != "complete":
            entry["outcome"] = "ended early"
except anthropic.APIStatusError as error:
    entry["error"] = [error.status_code, error.type, error.error_code]
    entry["request_id"] = error.request_id
except (anthropic.APIError, httpx2.HTTPError) as error:
    entry["error"] = [type(error).__name__]
entry["seconds"] = seconds()
print("\n" + json.dumps(entry), file=sys.stderr)
# endregion
sys.exit(0 if entry["outcome"] == "complete" else 3)
