#!/usr/bin/env bash
# Save a stream as it is, then read from the file what you need.
set -euo pipefail
file=${1:-stream.sse}

curl -sSN --fail-with-body --connect-timeout 10 --speed-limit 1 --speed-time 120 \
  "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \
  -H "authorization: Bearer $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
  -w "%{stderr}request %header{request-id}\n" -o "$file" \
  -d '{"model": "claude-opus-5-5", "max_tokens": 16000, "stream": true,
       "tools": [{"name": "get_forecast", "description": "The weather forecast for a place.",
                  "input_schema": {"type": "object", "required": ["location"], "properties":
                    {"location": {"type": "string"}, "days": {"type": "integer"}}}}],
       "messages": [{"role": "user", "content": "Do I need a raincoat in Bergen tomorrow?"}]}'

# region events
# The events, one JSON value a line.
events() { jq -Rnc 'inputs | select(startswith("data:")) | .[5:] | fromjson' "$file"; }
# endregion

# region end
# Whole? The stop reason, or an error if message_stop did not come.
events | jq -sr 'if any(.type == "message_stop")
  then "stop reason: " + (map(.delta.stop_reason // .message.stop_reason // empty) | last)
  else "the stream ended early\n" | halt_error(1) end' >&2
# endregion

# region tools
# The calls: name and input of each tool_use block.
events | jq -sc 'group_by(.index)[]
  | select(.[0].content_block.type == "tool_use")
  | {name: .[0].content_block.name,
     input: (map(.delta.partial_json // empty) | add // "" | if . == "" then {} else fromjson end)}'
# endregion
