#!/usr/bin/env bash
# Record what a program gets, and inspect it.
set -euo pipefail

# region record
mkdir -p recordings
streamguide record --port 0 --recordings recordings --to "${API:-https://api.anthropic.com}" \
  > address.json &
recorder=$!
until [ -s address.json ]; do sleep 0.1; done
ANTHROPIC_BASE_URL=$(jq -r .base_url address.json) python answer.py || echo "It failed: $?"
kill "$recorder"
# endregion

# region inspect
streamguide inspect recordings/*.sse || echo "It breaks rules."
# endregion
