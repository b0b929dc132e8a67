#!/usr/bin/env bash
# Ask Claude, and print the answer as it comes.
#
# Exit status: 0 complete, 1 failed, 3 partial, 4 refused, 5 cut short.

model='claude-opus-5-5'
max_tokens=1024
prompt='Explain in three sentences why the sky is blue.'
address=${ANTHROPIC_BASE_URL:-https://api.anthropic.com}

work=$(mktemp -d) || exit 1
trap 'kill "$!" 2>/dev/null; rm -rf "$work"' EXIT
: >"$work/text"
mkfifo "$work/stream"

# The request's JSON.
request() {
  jq -n --arg model "$model" --argjson max_tokens "$max_tokens" \
    --arg prompt "$prompt" \
    '{
      model: $model,
      max_tokens: $max_tokens,
      stream: true,
      messages: [{role: "user", content: $prompt}]
    }'
}

# Become curl, which sends stdin to a path of the API.
post() {
  exec curl -sSN --connect-timeout 10 --speed-limit 1 --speed-time 120 \
    --max-time 3600 -D "$work/headers" \
    -H "authorization: Bearer $ANTHROPIC_API_KEY" \
    -H "anthropic-version: 2026-10-21" \
    -H "content-type: application/json" \
    -H "accept-encoding: identity" \
    --data-binary @- "${address%/}$1" 2>"$work/curl"
}

# The events, one JSON value a line. What breaks the answer becomes an error, message_stop has
# the stop reason, and only "more" comes after these two.
events() {
  # A line that never ends must not fill the memory; in kB.
  ulimit -v 1000000 2>/dev/null
  exec jq -Rnc --unbuffered '
    def broken(words): {type: "error", error: {type: "broken", message: words}};
    # LF, CRLF or CR end a line.
    def lines: inputs | ltrimstr("\ufeff") | rtrimstr("\r") + "\r" | split("\r")[:-1][];
    # A blank line ends a frame, and so does the end. Null: no frame ends here.
    def frames: foreach (lines, "") as $line ({};
      if $line == "" then {frame: {name, data}}
      elif $line | startswith("event:") then {data, name: ($line[6:] | ltrimstr(" "))}
      # The body of an HTTP error is JSON alone.
      elif $line | test("^(data:|\\s*[]\"{}])")
      then {name, data: "\(.data // "")\($line | ltrimstr("data:"))\n"}
      else {name, data} end;
      .frame);
    # jq refuses half of a surrogate pair.
    def without_halves: gsub("(?<!\\\\)\\\\ud[89ab]..(?!\\\\ud[c-f])"; "\\ufffd"; "i");
    def event: .data as $data
      | [first(($data, ($data | without_halves)) | fromjson? | objects)][0] as $value
      | if .name == "error" or $value.type == "error" or $value.error
      then {type: "error", error: ($value.error // $value // $data)}
      # jq breaks characters in lines of more than 4 kB.
      elif $value and ($data | utf8bytelength < 4000 or (test("text_delta.*\ufffd") | not))
      then {type: .name} + $value
      elif "\(.name)\($data)" | test("^(message|content_block)_|^null\\s*[{]")
      then broken("unreadable: \($data[:80])")
      else null end;
    foreach (frames | if .data then event else null end) as $event ({};
      ($event.message.id? // "none") as $id | .event = $event
      | .stop_reason = ($event.delta.stop_reason? // $event.message.stop_reason? // .stop_reason)
      | if .stop_reason then .latest = (.latest // now + 10) else . end
      | if .is_over then .event = ($event | objects | select(.type != "ping") | {type: "more"}) // null
      elif $event.type == "message_start" then
        if .id == null then .id = $id elif .id == $id then .event = null
        else .event = broken("another message began before this one was complete") end
      elif $event.type == "message_stop" then
        .event = if .id then {type: "message_stop", stop_reason} else broken("there is no message") end
      elif .latest and now > .latest then .event = broken("message_stop did not come")
      else . end
      | if .event.type | . == "message_stop" or . == "error" then .is_over = true else . end;
      .event // empty)'
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

# Show the text, and end the process with this number at the end.
show() {
  jq -nj --unbuffered '
    inputs | if .type == "message_stop" or .type == "error" then halt else . end
    | (.message.content?[]?, .content_block, .delta) | objects
    | select(.type == "text" or .type == "text_delta").text | strings'
  kill "$1" 2>/dev/null
  cat >/dev/null
}

# Ask and show the answer. Sets `reason` if it is whole, `why` if it is not.
ask() {
  request | post /v1/messages >"$work/stream" &
  events <"$work/stream" | tee "$work/answer" | show "$!" |
    tee -a "$work/text" || fail "the text could not be written"
  wait
  ! grep -q '^{"type":"more"}' "$work/answer" || printf '\n[data after the end is left out]\n' >&2
  reason=$(jq -r 'select(.type == "message_stop").stop_reason' "$work/answer" 2>/dev/null)
  if [[ -z $reason ]]; then
    why=$(
      jq -r '.error // empty | "\(.type? // "error"): \(.message? // .)"[:300]' "$work/answer" 2>/dev/null
      grep -qis '^content-type: text/event-stream' "$work/headers" ||
        grep -isE '^(HTTP|content-type)' "$work/headers" | tr -d '\r'
      cat "$work/curl"
    )
    why=${why:-message_stop did not come}
    why=${why//$'\n'/; }
    return 1
  fi
}

[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
ask || fail "$why"

printf '\n[%s]\n' "$reason" >&2
case $reason in
  end_turn | stop_sequence | tool_use) exit 0 ;;
  refusal) exit 4 ;;
  max_tokens | model_context_window_exceeded)
    [[ -s $work/text ]] || printf 'No text came: thinking used it up.\n' >&2
    exit 5
    ;;
  *) exit 3 ;;
esac
