%% set whole = "Only `message_stop` says that an answer is whole: a stream that ends early is no error to curl." if stream else "Without streaming nothing is shown until the whole answer is there. A connection that is silent for so long may be cut on its way."
%% set silence = " `--speed-time` limits the silence between two bytes and fires some seconds late: curl looks at an average."
%% set saved = " After the last event `cat` reads on, so that `tee` writes every byte, also of an HTTP error." if save else ""
%% set simple = not (retry or count or (all_events and stream))
%% set post = '"${address%/}/v1/messages"' if simple else '"${address%/}$1"'
⟦# The JSON of a request. #⟧
%% macro request()
%% set more = system or display or effort or resume
%% set inside = "  " if more else ""
jq -n --arg model "$model" --argjson max_tokens "$max_tokens" --arg prompt "$prompt"{{ " \\" if more else " '{" }}
%% if system
  --arg system "$system" \
%% endif
%% if display
  --arg display "$display" \
%% endif
%% if effort
  --arg effort "$effort" \
%% endif
%% if resume
  --rawfile text "$work/text" \
%% endif
%% if more
  '{
%% endif
{{ inside }}  model: $model,
{{ inside }}  max_tokens: $max_tokens,
%% if stream
{{ inside }}  stream: true,
%% endif
%% if system
{{ inside }}  system: $system,
%% endif
%% if stop_sequences
{{ inside }}  stop_sequences: $ARGS.positional,
%% endif
%% if display
{{ inside }}  thinking: {type: "adaptive", display: $display},
%% endif
%% if effort
{{ inside }}  output_config: {effort: $effort},
%% endif
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
{{ inside }}  messages: [{role: "user", content: $prompt}]
%% endif
{{ inside }}}'{{ ' --args -- "${stop_sequences[@]}"' if stop_sequences else "" }}
%% endmacro
⟦# A request; what curl has to say goes into a file. #⟧
%% macro curl()
curl -sSN --fail-with-body --connect-timeout {{ connect_timeout }} --speed-limit 1 --speed-time {{ silence_timeout }} \
  -H "authorization: Bearer $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
%% if retry or request_id
  -D "$work/headers" \
%% endif
  --data-binary @- {{ post }} 2>"$work/curl"
%% endmacro
⟦# From the request to the text. #⟧
%% macro asking()
%% if all_events and stream
show_others <"$work/pipe" &
%% endif
%% if simple
{{ request()|trim }} |
{{ curl()|trim|indent(2, first=true) }}{{ " |" if stream else ' >"$work/answer"' }}
%% else
request | post /v1/messages{{ " |" if stream else ' >"$work/answer"' }}
%% endif
%% if stream
%% if save
  tee {{ "-a " if retry else "" }}"$raw" | { events && cat >/dev/null; } |
  tee "$work/answer"{{ ' "$work/pipe"' if all_events else "" }} |
%% else
  events | tee "$work/answer"{{ ' "$work/pipe"' if all_events else "" }} |
%% endif
  jq -j --unbuffered 'select(.delta.type? == "text_delta").delta.text' |
  tee {{ "-a " if resume else "" }}"$work/text"
%% if all_events
local written=${PIPESTATUS[*]: -2}
wait
[[ $written == "0 0" ]] || fail "the text could not be written"
%% else
[[ ${PIPESTATUS[*]: -2} == "0 0" ]] || fail "the text could not be written"
%% endif
%% endif
%% if request_id

id=$(header request-id)
[[ -z $id ]] || printf '\n[request %s]\n' "$id" >&2
%% endif

%% if stream
reason=$(jq -sr 'select(.[-1].type == "message_stop")
  | map(.delta.stop_reason? // .message.stop_reason? // empty) | last' "$work/answer")
%% else
reason=$(jq -sr '.[-1] | select(.type == "message") | .stop_reason' "$work/answer" 2>>"$work/curl")
%% endif
if [[ -z $reason ]]; then
  why=$(jq -sr '.[-1].error? | objects | "\(.type): \(.message)"' "$work/answer"{{ "" if stream else " 2>/dev/null" }} |{{ " " if stream else "\n    " }}cat - "$work/curl")
  why=${why:-{{ "the stream ended before message_stop" if stream else "the answer is no message" }}}
%% if simple
  fail "${why//$'\n'/; }"
%% else
  why=${why//$'\n'/; }
  return 1
%% endif
fi
%% if not stream
jq -j '.content[] | select(.type == "text").text' "$work/answer" ||
  fail "the text could not be written"
%% endif
%% endmacro
¶ What it does | The exit status tells a script what it has: a whole answer, a part of one, or none. It needs curl 7.76 or newer, and jq 1.6 or newer.
#!/usr/bin/env bash
# Ask Claude, and print the answer{{ " as it comes" if stream else "" }}.
#
# Exit status: 0 complete, 1 failed{{ ", 3 partial" if stream else "" }}, 4 refused, 5 cut short.

¶ What is asked | All that you chose. `jq` gets it as arguments and writes the JSON, so a quotation mark in a text stays a quotation mark.
%% if ends
# Deprecated: its end of life is {{ ends }}.
%% endif
{{ constant("model", model) }}
max_tokens={{ max_tokens }}
%% if system
{{ constant("system", system) }}
%% endif
{{ constant("prompt", prompt) }}
%% if stop_sequences
{{ constant_list("stop_sequences", stop_sequences) }}
%% endif
%% if display
{{ constant("display", display) }}
%% endif
%% if effort
{{ constant("effort", effort) }}
%% endif
%% if retry
attempts=3
longest_wait=60
%% endif
%% if keep
partial='partial-answer.txt'
%% endif
%% if save
raw='stream.sse'
%% endif
address=${ANTHROPIC_BASE_URL:-https://api.anthropic.com}

¶ What is kept meanwhile | {{ "A pipeline hands on nothing but its output: what is needed after it goes into files, such as the events and the text that was shown." if stream else "The answer, and what curl has to say, until the program has ended." }}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
%% if resume
: >"$work/text"
%% endif
%% if all_events and stream
mkfifo "$work/pipe"
%% endif
%% if save and retry
: >"$raw"
%% endif
%% if stream

¶ Events | An event is one line of JSON after `data:`. What cannot be read ends the stream as an error does: text after a hole would be wrong.
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
%% if all_events

¶ Every other event | A second reader of the same events, since `jq` can write to one place only. What is not known is passed over.
# Show on stderr what is no text.
show_others() {
  jq -j --unbuffered '
    if .type == "ping" then "[ping]\n"
    elif .type == "content_block_start" then "\n[\(.content_block.type)]\n"
    elif .delta.type? == "thinking_delta" then .delta.thinking
    elif .delta.type? == "input_json_delta" then .delta.partial_json
    elif .delta.type? == "citations_delta" then "[cited: \(.delta.citation.cited_text)]\n"
    else empty end' >&2
}
%% endif
%% endif
%% if keep

¶ Keeping a part | What came before the break may be worth something: it is saved, and said to be a part.
# How many characters of the answer have come.
characters() {
  jq -n --rawfile text "$work/text" '$text | length'
}

# Save the text that came.
keep() {
  if [[ -s $work/text ]]; then
    cp "$work/text" "$partial"
    printf 'Kept %s characters in %s\n' "$(characters)" "$partial" >&2
  fi
}
%% endif
%% if stop

¶ Stopping | Ctrl-C reaches every program of the pipeline, so curl has closed the stream when bash comes to this.
trap 'printf "\nStopped.\n" >&2; {{ "keep; " if keep else "" }}exit 130' INT
%% endif

¶ Failing | {{ "A part that was shown must not pass for an answer, so it has a status of its own." if stream else "Nothing goes to stdout then." }}
# Say why there is no whole answer, and end.
fail() {
%% if stream
  if [[ -s $work/text ]]; then
    printf '\nIncomplete: %s\n' "$1" >&2
%% if keep
    keep
%% endif
    exit 3
  fi
%% endif
  printf '\nFailed: %s\n' "$1" >&2
  exit 1
}
%% if retry or request_id

¶ Headers | Their names come in capitals or not, and a proxy may put its own before them: the last one counts.
# The value of a header of the response.
header() {
  grep -i "^$1:" "$work/headers" | tail -n 1 | cut -d : -f 2- | tr -d ' \r'
}
%% endif
%% if not simple

¶ The request | {{ ("Claude 4.5 and earlier go on where the last message, the assistant's, stops." if prefill else "From Claude 4.6 on the last message cannot be the assistant's: the user quotes what has come. Expect a word or two to differ at the join.") if resume else "`--data-binary @-` takes the body from stdin, where it may be longer than an argument." }}
# The request's JSON{{ ", which asks for the rest if a part has come" if resume else "" }}.
request() {
{{ request()|trim|indent(2, first=true) }}
}

# Send stdin to a path of the API.
post() {
{{ curl()|trim|indent(2, first=true) }}
}
%% endif
%% if count

¶ Counting first | Free, with limits of its own, and an estimate. If it fails, the request is made all the same.
# Tell how many tokens the request has.
count() {
  local tokens
  tokens=$(
    request | jq '{model, {{ "system, " if system else "" }}messages}' |
      post /v1/messages/count_tokens | jq -r .input_tokens 2>>"$work/curl"
  )
  if [[ $tokens =~ ^[0-9]+$ ]]; then
    printf '[about %s tokens in]\n' "$tokens" >&2
  else
    printf '[not counted: %s]\n' "$(<"$work/curl")" >&2
  fi
}
%% endif
%% if not simple

¶ One request | {{ whole }}{{ silence }}{{ saved }}
# Ask and show the answer. Sets `reason` if it is whole, `why` if it is not.
ask() {
{{ asking()|trim|indent(2, first=true) }}
}
%% endif
%% if retry

¶ What is temporary | By status and by type, as the API documents them. No retry gets past the monthly usage threshold of your API tier, or the spend limit of your contract. What is no answer of the API at all is a broken connection, or bytes that are no stream.
# Whether another request may do better.
is_temporary() {
  local status type code
  status=$(grep '^HTTP/' "$work/headers" | tail -n 1 | cut -d ' ' -f 2)
  read -r type code <<<"$(
    jq -sr '.[-1].error? | objects | "\(.type) \(.details.error_code?)"' "$work/answer"{{ "" if stream else " 2>/dev/null" }}
  )"
  case $code in
    {{ never_retried|join(" | ") }}) return 1 ;;
  esac
  # An error inside a stream comes with status 200.
  if [[ $status == 200 ]]; then
    case $type in
      "" | unreadable | overloaded_error | api_error | rate_limit_error | timeout_error) return 0 ;;
      *) return 1 ;;
    esac
  fi
  case $(header x-should-retry)/$status in
    false/*) return 1 ;;
    true/* | */408 | */409 | */429 | */5?? | */) return 0 ;;
    *) return 1 ;;
  esac
}

¶ The pause | Twice as long each time, with chance in it, so that many clients do not come back at the same moment. What the server says counts more.
# Seconds until the next try; fails if there should be none.
pause() {
  local milliseconds told
%% if resume or not stream
  if ((tried == attempts)) || ! is_temporary; then
%% else
  if ((tried == attempts)) || [[ -s $work/text ]] || ! is_temporary; then
%% endif
    return 1
  fi
  # bash has no fractions.
  milliseconds=$((500 * 2 ** (tried - 1) * (750 + RANDOM % 251) / 1000))
  told=$(header retry-after)
  # A date would need a parser, and hours are no wait for a program.
  if ! [[ ${told:=0} =~ ^[0-9]{1,9}$ ]] || ((10#$told > longest_wait)); then
    return 1
  fi
  if ((milliseconds < 10#$told * 1000)); then
    milliseconds=$((10#$told * 1000))
  fi
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
    | reduce (.[] | .message.usage? // .usage? // empty | with_entries(select(.value != null)))
        as $new ({}; . + $new)
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

%% if simple
¶ The answer | {{ whole }}{{ silence }}{{ saved }}
[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
{{ asking()|trim }}
%% elif retry
%% if resume
¶ Trying again | curl's `--retry` starts a half-shown answer anew, and does not know 529: hence this loop. What has been shown stays, and the next request asks for the rest.
%% else
¶ Trying again | curl's `--retry` starts a half-shown answer anew, and does not know 529: hence this loop. Once text has been shown, a new answer would only repeat it.
%% endif
[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
%% if count
count
%% endif
tried=1
until ask; do
  seconds=$(pause) || fail "$why"
%% if resume
  printf '\n[%s; %s characters came, going on in %s s]\n' "$why" "$(characters)" "$seconds" >&2
%% else
  printf '[%s; again in %s s]\n' "$why" "$seconds" >&2
%% endif
  sleep "$seconds"
  ((tried++))
done
%% else
¶ From start to end | Without another try, the first failure is the last.
[[ -n ${ANTHROPIC_API_KEY-} ]] || fail "ANTHROPIC_API_KEY is not set"
%% if count
count
%% endif
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
  max_tokens | model_context_window_exceeded) exit 5 ;;
  *) exit 3 ;;
esac
