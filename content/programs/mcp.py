"""Let Claude use the tools of an MCP server, and show which. Arguments: its URL, and its token."""

import sys

import anthropic

url, token = sys.argv[1:]
client = anthropic.Anthropic()

# region ask
with client.beta.messages.stream(
    model="claude-opus-5-5",
    max_tokens=16_000,
    betas=["mcp-client-2025-11-20"],
    mcp_servers=[{"type": "url", "name": "tracker", "url": url, "authorization_token": token}],
    tools=[{"type": "mcp_toolset", "mcp_server_name": "tracker"}],
    messages=[{"role": "user", "content": "Which issues have been waiting for me the longest?"}],
) as stream:
    for event in stream:
        match event.type:
            case "text":
                print(event.text, end="", flush=True)
            case "content_block_stop" if event.content_block.type == "mcp_tool_use":
                print(f"\n[{event.content_block.name}: {event.content_block.input}]")
            case "content_block_start" if event.content_block.type == "mcp_tool_result":
                print("[failed]" if event.content_block.is_error else "[done]")
# endregion
