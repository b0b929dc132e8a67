"""Read a recorded stream as if it came from the API. Argument: the file. No server is needed."""

import sys
from pathlib import Path

import anthropic
import httpx2


# region client
def replaying(recording: Path) -> anthropic.Anthropic:
    """A client whose every request is answered with the recording."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "text/event-stream; charset=utf-8"}
        return httpx2.Response(200, headers=headers, content=recording.read_bytes())

    transport = httpx2.MockTransport(answer)
    return anthropic.Anthropic(api_key="any", http_client=httpx2.Client(transport=transport))


# endregion

with replaying(Path(sys.argv[1])).messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    messages=[{"role": "user", "content": "Hello"}],
) as stream:
    for text in stream.text_stream:
        print(text, end="", flush=True)
    print(f"\n{stream.get_final_message().stop_reason}", file=sys.stderr)
