#!/usr/bin/env bash
# Shows the response to a streamed request as it comes: the headers, then the events.
set -euo pipefail

curl -sSN --include "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \
  -H "authorization: Bearer $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
  -d '{
    "model": "claude-opus-5-5",
    "max_tokens": 4096,
    "stream": true,
    "messages": [{"role": "user", "content": "Is 2,147,483,647 prime?"}]
  }'
