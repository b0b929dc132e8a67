#!/usr/bin/env bash
# Ask Claude, and print the answer while it arrives.
# The exit status is 0 only if the answer is whole.
set -o pipefail

body=$(jq -n --arg question "${1:-Hello}" '{
  model: "claude-opus-5-5",
  max_tokens: 16000,
  stream: true,
  messages: [{role: "user", content: $question}]
}')

curl -sSN --fail-with-body --connect-timeout 10 --speed-limit 1 --speed-time 120 \
  "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \
  -H "authorization: Bearer $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
  -w "%{stderr}request %header{request-id}\n" \
  -d "$body" |
  jq -Rnj --unbuffered '
    def fail: "\n\(.)\n" | halt_error(1);

    # Lines to events. A line that is not SSE is the body of an HTTP error.
    def events: inputs
      | if startswith("data:") then .[5:] | fromjson
        elif . == "" or startswith("event:") or startswith(":") then empty
        else fail end;

    # The null after the last event stands for the end of the stream.
    foreach (events, null) as $event ({};
      if $event.type == "error" then "\($event.error.type): \($event.error.message)" | fail
      elif $event.type == "message_delta" then .reason = $event.delta.stop_reason
      elif $event.type == "message_stop" then .finished = true
      elif $event == null and (.finished | not) then "the stream ended early" | fail
      elif $event == null and .reason != "end_turn" then "stop reason: \(.reason)" | fail
      else . end;
      if $event == null then "\n"
      else $event | select(.delta.type == "text_delta").delta.text end)'
