¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none. It needs curl, and jq 1.6 or newer.
#!/usr/bin/env bash
# Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
#
# Exit status: 0 complete, 1 failed{{ ", 3 partial" if stream else "" }}, 4 refused, 5 cut short.

¶ What is asked | All that you chose. `jq` gets it as arguments and writes the JSON, so a quotation mark in a text stays a quotation mark.
%% set config = [effort and "effort: $effort", schema and 'format: {type: "json_schema", schema: $schema}']|select|list
%% set fields = [stream and "stream: true", system and "system: $system", stop_sequences and "stop_sequences: $ARGS.positional", display and 'thinking: {type: "adaptive", display: $display}', config and "output_config: {" ~ config|join(", ") ~ "}"]
%% set given = {"prompt": prompt, "system": system, "display": display, "effort": effort}
%% if ends
# Deprecated: its end of life is {{ ends }}.
%% endif
{{ constant("model", model) }}
max_tokens={{ max_tokens }}
%% for name, value in given.items() if value
{{ constant(name, value) }}
%% endfor
%% if schema
{{ value("schema=", schema) }}
%% endif
%% if stop_sequences
{{ constant_list("stop_sequences", stop_sequences) }}
%% endif
address=${ANTHROPIC_BASE_URL:-https://api.anthropic.com}

¶ What is kept meanwhile | {{ "A pipeline hands on nothing but its output: what is needed after it goes into files, such as the events and the text that was shown. The bytes come through a named pipe, so that curl can be ended." if stream else "The answer, and what curl has to say, until the program has ended." }}
work=$(mktemp -d) || exit 1
trap '{{ 'kill "$!" 2>/dev/null; ' if stream else "" }}rm -rf "$work"' EXIT
: >"$work/text"
%% if stream
mkfifo "$work/stream"{{ ' "$work/others"' if all_events else "" }}
%% endif
%% if save
raw='stream.sse'
: >"$raw"
%% endif

¶ The request | {{ ("Claude 4.5 and earlier go on where the last message, the assistant's, stops. " if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes the received text. Expect a word or two to differ at the join. ") if resume else "" }}`--speed-time` limits the silence between two bytes and fires some seconds late: curl looks at an average. `--max-time` ends what goes on for ever.{{ " A compressed stream may be held back until its end, so none is asked for." if stream else "" }}
# The request's JSON{{ ", which asks for the rest after a received part" if resume else "" }}.
request() {
  jq -n --arg model "$model" --argjson max_tokens "$max_tokens" \
%% for name, value in given.items() if value
    --arg {{ name }} "${{ name }}" \
%% endfor
%% if schema
    --argjson schema "$schema" \
%% endif
%% if resume
    --rawfile text "$work/text" \
%% endif
    '{
      model: $model,
      max_tokens: $max_tokens,
%% for field in fields if field
      {{ field }},
%% endfor
%% if resume
      messages: [
        {role: "user", content: $prompt},
%% if prefill
        (select($text != "") | {role: "assistant", content: ($text | sub("\\s+\\z"; ""))})
%% else
        (select($text != "") | {role: "user", content: (
          "Your answer was interrupted. This much arrived:\n\n"
          + "<partial_answer>\n\($text)\n</partial_answer>\n\n"
          + "Continue exactly where it stops. Repeat nothing."
        )})
%% endif
      ]
%% else
      messages: [{role: "user", content: $prompt}]
%% endif
    }'{{ ' --args -- "${stop_sequences[@]}"' if stop_sequences else "" }}
}

# Become curl, which sends stdin to a path of the API.
post() {
  exec curl -sSN --connect-timeout {{ connect_timeout }} --speed-limit 1 --speed-time {{ silence_timeout }} \
    --max-time 3600 -D "$work/headers" \
    -H "authorization: Bearer $ANTHROPIC_API_KEY" \
    -H "anthropic-version: 2026-10-21" \
    -H "content-type: application/json" \
%% if stream
    -H "accept-encoding: identity" \
%% endif
    --data-binary @- "${address%/}$1" 2>"$work/curl"
}
%% if count

¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
# Tell how many tokens the request has.
count() {
  request | jq '{model, {{ "system, " if system else "" }}messages}' | post /v1/messages/count_tokens |
    jq -er '.input_tokens | numbers | "[about \(.) tokens in]"' >&2 2>/dev/null ||
    printf '[not counted: %s]\n' "$(grep -s '^HTTP' "$work/headers" | cat - "$work/curl")" >&2
}
%% endif
%% if stream

¶ Events | Lines make frames, and frames events. What cannot be read ends the answer as an error does: text after a hole would be wrong. Comments, and names that nobody knows, are passed over. Pings may go on for ever, so the end is waited for with a limit.
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
%% if all_events

¶ Every other event | A second reader of the same events, since `jq` can write to one place only. What is not known is passed over.
# Show on stderr what is no text.
show_others() {
  jq -j --unbuffered '
    if .type == "ping" then "[ping]\n"
    elif .type == "content_block_start" then "\n[\(.content_block.type?)]\n"
    else .delta | objects | (.thinking, .partial_json | strings),
      (.citation | objects | "[cited: \(.cited_text)]\n") end' >&2
}
%% endif
%% endif
%% if keep

¶ Keeping a part | What came before the break may be worth something: it is saved, and said to be a part.
partial='partial-answer.txt'

# Save the text that came.
keep() {
  if [[ -s $work/text ]]; then
    cp "$work/text" "$partial"
    printf 'Kept %s characters in %s\n' "$(jq -Rs length "$work/text")" "$partial" >&2
  fi
}
%% endif
%% if stop

¶ Stopping | Ctrl-C reaches every program of the pipeline. curl runs beside it, and is ended with the script.
trap 'printf "\nStopped.\n" >&2; {{ "keep; " if keep else "" }}exit 130' INT
%% endif

¶ Failing | A part that was shown must not pass for an answer, so it has a status of its own.
# Say why there is no whole answer, and end.
fail() {
  if [[ -s $work/text ]]; then
    printf '\nIncomplete: %s\n' "$1" >&2
%% if keep
    keep
%% endif
    exit 3
  fi
  printf '\nFailed: %s\n' "$1" >&2
  exit 1
}
%% if request_id or retry

¶ Headers | Their names come in capitals or not, and a proxy may put its own before them: the last one counts.
# The value of a header of the response.
header() {
  grep -i "^$1:" "$work/headers" | tail -n 1 | cut -d : -f 2- | tr -d ' \r'
}
%% endif

¶ One request | {{ "Only `message_stop` says that an answer is whole: a stream that ends early is no error to curl. What follows it is no part of the answer, and the connection may stay open: curl is ended." if stream else "Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way." }}
%% if stream
# Show the text, and end the process with this number at the end.
show() {
  jq -nj --unbuffered '
    inputs | if .type == "message_stop" or .type == "error" then halt else . end
    | (.message.content?[]?, .content_block, .delta) | objects
    | select(.type == "text" or .type == "text_delta").text | strings'
  kill "$1" 2>/dev/null
  cat >/dev/null
}

%% endif
# Ask and show the answer. Sets `reason` if it is whole, `why` if it is not.
ask() {
%% if stream
%% if all_events
  show_others <"$work/others" &
%% endif
  request | post /v1/messages >"$work/stream" &
  {{ 'tee -a "$raw"' if save else "events" }} <"$work/stream" |{{ " events |" if save else "" }} tee "$work/answer"{{ ' "$work/others"' if all_events else "" }} | show "$!" |
    tee -a "$work/text" || fail "the text could not be written"
  wait
  ! grep -q '^{"type":"more"}' "$work/answer" || printf '\n[data after the end is left out]\n' >&2
%% else
  request | post /v1/messages >"$work/answer"
%% endif
%% if request_id
  id=$(header request-id)
  [[ -z $id ]] || printf '\n[request %s]\n' "$id" >&2
%% endif
  reason=$(jq -r 'select(.type == "{{ "message_stop" if stream else "message" }}").stop_reason' "$work/answer" 2>/dev/null)
  if [[ -z $reason ]]; then
    why=$(
      jq -r '.error // empty | "\(.type? // "error"): \(.message? // .)"[:300]' "$work/answer" 2>/dev/null
      grep -qis '^content-type: {{ "text/event-stream" if stream else "application/json" }}' "$work/headers" ||
        grep -isE '^(HTTP|content-type)' "$work/headers" | tr -d '\r'
      cat "$work/curl"
    )
    why=${why:-{{ "message_stop did not come" if stream else "the answer is no message" }}}
    why=${why//$'\n'/; }
    return 1
  fi
%% if not stream
  jq -j '.content[] | select(.type == "text").text' "$work/answer" | tee -a "$work/text" ||
    fail "the text could not be written"
%% endif
}
%% if retry

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
# Whether another request may do better.
is_temporary() {
  local status type code
  status=$(grep '^HTTP/' "$work/headers" | tail -n 1 | cut -d ' ' -f 2)
  read -r type code <<<"$(jq -r '.error? | objects | "\(.type) \(.details.error_code? // "")"' "$work/answer" 2>/dev/null)"
  case $code in
    {{ never_retried|join(" | ") }}) return 1 ;;
  esac
  case $(header x-should-retry)/$status/$type in
    # An error inside a stream comes with status 200.
    */200/ | */200/null | */200/broken) return 0 ;;
    */200/overloaded_error | */200/api_error | */200/rate_limit_error | */200/timeout_error) return 0 ;;
    */200/* | false/*) return 1 ;;
    true/* | */408/* | */409/* | */429/* | */5??/* | *//*) return 0 ;;
    *) return 1 ;;
  esac
}

¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
attempts=3
longest_wait=60

# Seconds until the next try; fails if there should be none.
pause() {
  local milliseconds told
  if ((tried == attempts)) ||{{ "" if resume else " [[ -s $work/text ]] ||" }} ! is_temporary; then
    return 1
  fi
  # bash has no fractions.
  milliseconds=$((500 * 2 ** (tried - 1) * (750 + RANDOM % 251) / 1000))
  told=$(header retry-after)
  # A date would need a parser, and hours are no wait for a program.
  if ! [[ ${told:=0} =~ ^[0-9]{1,9}$ ]] || ((10#$told > longest_wait)); then
    return 1
  fi
  ((milliseconds > 10#$told * 1000)) || milliseconds=$((10#$told * 1000))
  printf '%d.%03d' $((milliseconds / 1000)) $((milliseconds % 1000))
}
%% endif
%% if usage

¶ Usage and cost | `message_delta` has the final numbers, and what it leaves out stands in `message_start`. Thinking is part of the output; what comes from a cache is not part of `input_tokens`. Prices change, so look them up before you rely on them.
# Tokens and cost, without surcharges for speed or region.
report() {
  # US dollars for a million tokens, as of {{ prices_of }}: a token costs so many millionths.
  jq -sr '
    {input: {{ price.input }}, output: {{ price.output }}, write_5m: {{ price.write_5m }}, write_1h: {{ price.write_1h }}, read: {{ price.read }}} as $price
    # Counts do not shrink, except where a compaction begins to count anew.
    | reduce (.[] | .message.usage? // .usage? | objects) as $new ({};
      . as $old | . + ($new | with_entries(select(.value != null and (
        $new.iterations or (.value | type) != "number" or .value >= ($old[.key] // 0))))))
    | (.input_tokens // 0) as $in | (.output_tokens // 0) as $out
    | (.cache_creation_input_tokens // 0) as $written
    | (.cache_creation.ephemeral_1h_input_tokens // 0) as $written_1h
    | (.cache_read_input_tokens // 0) as $read
    | ($in * $price.input + $out * $price.output + $read * $price.read
        + ($written - $written_1h) * $price.write_5m + $written_1h * $price.write_1h
        | round) as $millionths
    | "\n[\($in + $written + $read) tokens in, \($out) out, "
      + "\(.output_tokens_details.thinking_tokens // 0) of them thinking: "
      + "$\($millionths / 1000000 | floor).\("00000\($millionths % 1000000)"[-6:])]"
  ' "$work/answer" >&2
}
%% endif

¶ {{ "Trying again | curl's `--retry` starts a half-shown answer anew, and does not know 529: hence this loop. " ~ ("What has been shown stays, and the next request asks for the rest." if resume else "Once text has been shown, a new answer would only repeat it.") if retry else "From start to end | Without another try, the first failure is the last." }}
[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
%% if count
count
%% endif
%% if retry
tried=1
until ask; do
  seconds=$(pause) || fail "$why"
  printf '\n[%s; {{ "going on" if resume else "again" }} in %s s]\n' "$why" "$seconds" >&2
  sleep "$seconds"
  ((tried++))
done
%% else
ask || fail "$why"
%% endif

¶ The end | A stop reason that is not listed, such as one that does not exist yet, counts as partial.
%% if usage
report
%% endif
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
