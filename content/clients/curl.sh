set -o pipefail
curl -sSN --fail-with-body --speed-limit 1 --speed-time 300 \
  "http://127.0.0.1:8000/simulator/hello/v1/messages" \
  -H "authorization: Bearer any" \
  -H "anthropic-version: 2026-10-21" \
  -H "content-type: application/json" \
  -d '{"model":"claude-opus-5-5","max_tokens":1024,"stream":true,
       "messages":[{"role":"user","content":"Hello"}]}' |
  jq -Rnj --unbuffered 'inputs
    | (ltrimstr("data:") | fromjson?) as $e
    | if   $e.type == "error" then "\($e.error.type): \($e.error.message)\n" | halt_error(1)
      elif $e.delta.type == "text_delta" then $e.delta.text
      else empty end'
