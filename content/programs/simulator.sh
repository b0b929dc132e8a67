#!/usr/bin/env bash
# region environment
export ANTHROPIC_BASE_URL="${SIMULATOR:-http://127.0.0.1:8000/simulator}/hello/drop;at=9"
export ANTHROPIC_API_KEY=any
python answer.py
# endregion

# region journal
curl -sS "${SIMULATOR:-http://127.0.0.1:8000/simulator}/journal.json" \
  -H "x-api-key: $ANTHROPIC_API_KEY" |
  jq -c '.requests[] | {status, gap_ms, event, ended, after_ms}'
# endregion
