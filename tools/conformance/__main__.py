"""Run each client on each recording of the corpus, and write `content/conformance.json`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from streamguide.conform import run_all, simulator
from streamguide.content import load_content
from streamguide.files import CONTENT
from streamguide.guide.conformance import Conformance, JudgedClient, dumps, load
from tools.conformance.clients import OTHERS, clients, others

FILE = CONTENT / "conformance.json"
_SECONDS = 20
# What did not end is run again with this limit, so that a busy machine is not measured.
_PATIENT_SECONDS = 60
_JOBS = 6


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.conformance", description=__doc__)
    known = dict(clients())
    order = (*known, *OTHERS)
    help_ = f"all, or some of {', '.join(order)}"
    parser.add_argument("client", nargs="*", help=help_)
    parser.add_argument(
        "--recording", action="append", help="only this one; what is known of others is kept"
    )
    asked = parser.parse_args()
    names = asked.client or order
    if set(names) & set(OTHERS):
        known |= others()
    all_ = load_content().recordings
    recordings = [one for name, one in all_.items() if name in (asked.recording or all_)]
    found = {one.client: one for one in load(FILE).clients}
    with simulator() as base_url:
        for name in names:
            client = known[name]
            verdicts = {
                one.recording.name: one
                for one in run_all(base_url, client.command, recordings, _SECONDS, _JOBS)
            }
            late = [one.recording for one in verdicts.values() if one.ran.code is None]
            again = run_all(base_url, client.command, late, _PATIENT_SECONDS, _JOBS)
            verdicts |= {one.recording.name: one for one in again}
            complaints = {of: verdict.complaints for of, verdict in verdicts.items()}
            for of, told in complaints.items():
                print(f"{name}  {of}: {'; '.join(one.words for one in told) or 'passed'}")
            before = found[name].complaints if asked.recording and name in found else {}
            complaints = {of: {**before, **complaints}[of] for of in all_}
            today = datetime.now(UTC).date().isoformat()
            found[name] = JudgedClient(name, client.version, client.runtime, today, complaints)
    measured = [found[name] for name in order if name in found]
    FILE.write_text(dumps(Conformance(tuple(measured))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
