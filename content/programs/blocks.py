"""Show every kind of block of one stream: the answer on stdout, everything else on stderr.

The exit status is 0 if the stream was complete.
"""

import sys

import anthropic
import httpx2
from anthropic.types import ContentBlock, ToolParam
from anthropic.types.citations_delta import Citation

FORECAST: ToolParam = {
    "name": "get_forecast",
    "description": "The weather forecast for a place.",
    "input_schema": {
        "type": "object",
        "properties": {"location": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["location"],
    },
}


def note(text: str) -> None:
    print(f"\n[{text}]", file=sys.stderr, flush=True)


# region blocks
def opened(block: ContentBlock) -> None:
    """Say what is at work. Of a tool call only the name is there yet."""
    match block.type:
        case "text":
            print(block.text, end="", flush=True)  # empty as a rule: the text comes in deltas
        case "thinking" | "redacted_thinking":
            note("thinking")
        case "tool_use" | "server_tool_use":
            note(f"{block.name}: writing the call")


def closed(block: ContentBlock) -> None:
    """Show what is there as a whole. Of a call, only the stop reason tool_use says that it is."""
    match block.type:
        case "tool_use" | "server_tool_use":
            note(f"{block.name}: {block.input}")
        case "container_upload":
            note(f"file {block.file_id}")
        case kind if kind.endswith("_tool_result"):
            # A failure on the server is content of a type of its own, or marked as one.
            content_type = getattr(getattr(block, "content", None), "type", "")
            failed = content_type.endswith("_error") or getattr(block, "is_error", False)
            note(f"{kind}: {'failed' if failed else 'done'}")
        # No `case _`: a type that is not known is passed over.


def source(citation: Citation) -> str:
    match citation.type:
        case "web_search_result_location":
            return citation.url
        case "search_result_location":
            return citation.source
        case _:  # a place in a document
            return citation.document_title or f"document {citation.document_index}"


# endregion


def show(client: anthropic.Anthropic, question: str) -> str | None:
    """The stop reason, or None if the stream ended early."""
    # region stream
    with client.messages.stream(
        model="claude-opus-5-5",
        max_tokens=16_000,
        thinking={"type": "adaptive", "display": "summarized"},
        tools=[FORECAST, {"type": "web_search_20260318", "name": "web_search"}],
        messages=[{"role": "user", "content": question}],
    ) as stream:
        for event in stream:
            match event.type:
                case "message_start":  # finished already, with programmatic tool calling
                    for block in event.message.content:
                        opened(block)
                        closed(block)
                case "content_block_start":
                    opened(event.content_block)
                case "content_block_stop":
                    closed(event.content_block)
                case "text":
                    print(event.text, end="", flush=True)
                case "thinking":
                    print(event.thinking, end="", file=sys.stderr, flush=True)
                case "citation":
                    note(f"source: {source(event.citation)}")
                case "message_stop":
                    return event.message.stop_reason
    # endregion
    return None


def main() -> str | None:
    client = anthropic.Anthropic(timeout=httpx2.Timeout(600, connect=5, read=120))
    try:
        stop_reason = show(client, "Do I need a raincoat in Bergen tomorrow?")
    except (anthropic.APIError, httpx2.HTTPError, ValueError) as error:
        return f"\nfailed: {error!r}"
    if stop_reason is None:
        return "\nthe stream ended early"
    note(stop_reason)
    return None


if __name__ == "__main__":
    sys.exit(main())
