"""Measuring: all clients beside each other, against a site that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx2

from scripts import nodejs
from scripts.outcomes import curl
from scripts.outcomes.cases import SCENARIO, cases, longest_first
from scripts.process import ROOT
from streamguide.content import load_content
from streamguide.simulator.outcomes import CLIENTS, Outcome, Run

_SECONDS = 120
_CURLS_AT_ONCE = 8
# Without one of each, the message is not whole.
_EVENTS = {
    "message_start",
    "content_block_start",
    "content_block_stop",
    "message_delta",
    "message_stop",
}
_HERE = Path(__file__).parent


def whole_text() -> str:
    """What the scenario says, to its end."""
    blocks = load_content().scenarios[SCENARIO].blocks
    return "".join(block.content["text"] for block in blocks)


def measure(url: str, today: str) -> tuple[Run, ...]:
    """A run for each client, against the site at this address (without a slash at the end)."""
    with ThreadPoolExecutor() as pool:
        told = pool.map(lambda ask: ask(url), (_python, _javascript, _curl))
        runs = [run for one in told for run in _runs(url, one, today)]
    return tuple(sorted(runs, key=lambda run: list(CLIENTS).index(run.client)))


def _python(url: str) -> dict[str, Any]:
    return _asked([sys.executable, "-m", "scripts.outcomes.python_clients"], url)


def _javascript(url: str) -> dict[str, Any]:
    node = nodejs.find()
    if node is None:
        raise RuntimeError(nodejs.WHAT_TO_INSTALL)
    return _asked([node, str(_HERE / "javascript_clients.mjs")], url)


def _curl(url: str) -> dict[str, Any]:
    versions = curl.versions()
    with ThreadPoolExecutor(_CURLS_AT_ONCE) as pool:
        jobs = enumerate(longest_first())
        found = list(pool.map(lambda job: curl.measure(_base(url), *job), jobs))
    return {"version": versions.curl, "runtime": versions.runtime, "found": found}


def _asked(command: list[str], url: str) -> dict[str, Any]:
    asked = {"base": _base(url), "cases": [asdict(case) for case in longest_first()]}
    process = subprocess.run(
        command,
        cwd=ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if process.returncode:
        raise RuntimeError(f"{command[-1]} ended with {process.returncode}:\n{process.stderr}")
    told: dict[str, Any] = json.loads(process.stdout)
    return told


def _base(url: str) -> str:
    return f"{url}/simulator"


def _runs(url: str, told: dict[str, Any], today: str) -> Iterator[Run]:
    order = [case.fault for case in cases()]
    text = whole_text()
    with httpx2.Client(base_url=url) as site:
        for client, count in Counter(found["client"] for found in told["found"]).items():
            assert count == len(order), f"{client} met {count} of {len(order)} cases"
            of_it = [found for found in told["found"] if found["client"] == client]
            of_it.sort(key=lambda found: order.index(found["fault"]))
            run = Run(client, told["version"], told["runtime"], today, ())
            outcomes = tuple(_outcome(run, found, text, _requests(site, found)) for found in of_it)
            yield Run(*run.key, today, outcomes)


def _requests(site: httpx2.Client, found: dict[str, Any]) -> int:
    journal = site.get("/simulator/journal.json", headers={"x-api-key": found["key"]})
    return len(journal.raise_for_status().json()["requests"])


def _outcome(run: Run, found: dict[str, Any], text: str, requests: int) -> Outcome:
    kept = found["text"]
    nothing_missing = kept == text and set(found["seen"]) >= _EVENTS and found["raised"] is None
    return Outcome(
        client=run.client,
        version=run.version,
        runtime=run.runtime,
        fault=found["fault"],
        raised=found["raised"],
        cause=found["cause"],
        status=found["status"],
        type=found["type"],
        requests=requests,
        text_kept=len(kept),
        complete=kept == text,
        noticed=None if nothing_missing else found["raised"] is not None,
        time=found["time"],
    )
