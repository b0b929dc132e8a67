"""`make outcomes`: measure what each client does on each fault, and write it down.

Runs of other runtimes stay in the file as long as their client's version is the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from scripts import commands, nodejs
from scripts.outcomes.cases import SCENARIO
from scripts.outcomes.measure import measure, whole_text
from streamguide.content import CONTENT
from streamguide.simulator.outcomes import NOTHING, Outcomes, Run, dumps, load
from tests.server import running

FILE = CONTENT / "outcomes.json"


def main() -> None:
    """Measure, and write the file again."""
    nodejs.ensure()
    commands.ensure()
    started = time.monotonic()
    today = datetime.now(UTC).date().isoformat()
    with running() as server:
        measured = measure(server.url, today)
    before = load(FILE) if FILE.exists() else NOTHING
    runs = (*measured, *kept(before.runs, measured))
    FILE.write_text(dumps(Outcomes(today, SCENARIO, len(whole_text()), runs)), encoding="utf-8")
    count = sum(len(run.outcomes) for run in measured)
    print(f"Wrote {count} outcomes to {FILE.name} in {time.monotonic() - started:.0f} s")


def kept(before: Iterable[Run], measured: Iterable[Run]) -> list[Run]:
    """Runs of the same clients that were measured on other runtimes."""
    new = {run.key for run in measured}
    versions = {(run.client, run.version) for run in measured}
    return [r for r in before if r.key not in new and (r.client, r.version) in versions]


if __name__ == "__main__":
    main()
