#!/usr/bin/env bash
# Ask Claude, and print the answer as it comes.
#
# Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

model='claude-opus-5-5'
max_tokens=1024
prompt='Explain in three sentences why the sky is blue.'
address=${ANTHROPIC_BASE_URL:-https://api.anthropic.com}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The events, one JSON value a line, up to the last one: message_stop or an error.
events() {
  jq -Rnc --unbuffered '
    inputs | split("\r")[] | ltrimstr("\ufeff")
    # The body of an HTTP error is JSON alone.
    | select(startswith("data:") or startswith("{"))
    | ltrimstr("data:") | ltrimstr(" ") as $data
    | try ($data
        # jq breaks characters in lines of more than 4 kB.
        | if utf8bytelength > 4000 and test("text_delta.*\ufffd") then error else fromjson end
        | select(has("type")))
      catch {type: "error", error: {type: "unreadable", message: $data[:80]}}
    | ., (select(.type == "message_stop" or .type == "error") | halt)'
}

# Say why there is no whole answer, and end.
fail() {
  if [[ -s $work/text ]]; then
    printf '\nIncomplete: %s\n' "$1" >&2
    exit 3
  fi
  printf '\nFailed: %s\n' "$1" >&2
  exit 1
}

[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
jq -n --arg model "$model" --argjson max_tokens "$max_tokens" --arg prompt "$prompt" '{
  model: $model,
  max_tokens: $max_tokens,
  stream: true,
  messages: [{role: "user", content: $prompt}]
}' |
  curl -sSN --fail-with-body --connect-timeout 10 --speed-limit 1 --speed-time 120 \
    -H "authorization: Bearer $ANTHROPIC_API_KEY" \
    -H "anthropic-version: 2026-10-21" \
    -H "content-type: application/json" \
    --data-binary @- "${address%/}/v1/messages" 2>"$work/curl" |
  events | tee "$work/answer" |
  jq -j --unbuffered 'select(.delta.type? == "text_delta").delta.text' |
  tee "$work/text"
[[ ${PIPESTATUS[*]: -2} == "0 0" ]] || fail "the text could not be written"

reason=$(jq -sr 'select(.[-1].type == "message_stop")
  | map(.delta.stop_reason? // .message.stop_reason? // empty) | last' "$work/answer")
if [[ -z $reason ]]; then
  why=$(jq -sr '.[-1].error? | objects | "\(.type): \(.message)"' "$work/answer" | cat - "$work/curl")
  why=${why:-the stream ended before message_stop}
  fail "${why//$'\n'/; }"
fi

printf '\n[%s]\n' "$reason" >&2
case $reason in
  end_turn | stop_sequence | tool_use) exit 0 ;;
  refusal) exit 4 ;;
  max_tokens | model_context_window_exceeded) exit 5 ;;
  *) exit 3 ;;
esac
