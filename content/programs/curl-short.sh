#!/usr/bin/env bash
curl -sSN "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \
  -H "authorization: Bearer $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
  -d '{"model":"claude-opus-5-5","max_tokens":1024,"stream":true,
       "messages":[{"role":"user","content":"Hello"}]}' |
  jq -Rrj --unbuffered 'select(startswith("data:"))
    | .[5:] | fromjson | select(.delta.type == "text_delta").delta.text'
