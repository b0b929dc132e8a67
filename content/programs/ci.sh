#!/usr/bin/env bash
# Let a program meet faults, and write what the simulator thinks of it as JUnit XML: ci.sh COMMAND…
set -euo pipefail
pip install --quiet "${PACKAGE:-streamguide}"

# region run
export ANTHROPIC_API_KEY="ci-$RANDOM$RANDOM"
streamguide simulator --port 0 > address.json &
trap 'kill $!' EXIT
until [ -s address.json ]; do sleep 0.1; done
simulator=$(jq -r .base_url address.json)

for fault in none drop end-early error-event status-then-ok; do
  export ANTHROPIC_BASE_URL="$simulator/hello/slow;factor=0+$fault"
  if "$@"; then complete=true; else complete=false; fi
  curl -sS "$simulator/outcome" -H "x-api-key: $ANTHROPIC_API_KEY" \
    -d "{\"complete\": $complete}" > outcome.json
done

curl -sS "$simulator/verdicts.json" -H "x-api-key: $ANTHROPIC_API_KEY" > verdicts.json
jq -r '"<testsuite name=\"streamguide\">",
  (.verdicts[] | @html "<testcase classname=\"streamguide\" name=\"\(.rule)\">",
    (select(.result == "failed") | @html "<failure message=\"\(.words)\"/>"),
    (select(.result == "not met") | "<skipped/>"),
    "</testcase>"),
  "</testsuite>"' verdicts.json > verdicts.xml
jq -e 'all(.verdicts[]; .result != "failed")' verdicts.json
# endregion
