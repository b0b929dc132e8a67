curl -sSN 'http://127.0.0.1:8000/simulator/hello/v1/messages' \
  -H 'x-api-key: any-key' \
  -H 'anthropic-version: 2026-10-21' \
  -H 'content-type: application/json' \
  -d '{"model": "claude-opus-5-5", "max_tokens": 16000, "stream": true,
       "messages": [{"role": "user", "content": "Hello"}]}'
