"""The SDKs and curl on faults: all beside each other, against a site that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Timer
from typing import Any

import httpx2

from streamguide.content import load_content
from streamguide.simulator.outcomes import CLIENTS, Outcome, Run
from tools import nodejs
from tools.faults import curl
from tools.faults.cases import SCENARIO, Case, client_cases
from tools.process import ROOT

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

Found = dict[str, Any]


@cache
def whole_text(scenario: str = SCENARIO) -> str:
    """The whole text of a scenario."""
    blocks = load_content().scenarios[scenario].blocks
    return "".join(block.content.get("text", "") for block in blocks)


def measure(url: str, today: str, step: Callable[[], object] = lambda: None) -> tuple[Run, ...]:
    """A run for each client, against the site at this address (without a slash at the end).

    `step` is called after each case of each client.
    """
    # Slow cases first.
    cases = sorted(client_cases(), key=lambda case: (case.limit, "slow;factor=0" in case.path))
    told = meet(url, cases, step)
    runs = [run for versions, *found in told for run in _runs(url, versions, found, today)]
    return tuple(sorted(runs, key=lambda run: list(CLIENTS).index(run.client)))


def meet(
    url: str, cases: list[Case], step: Callable[[], object] = lambda: None
) -> list[list[Found]]:
    """Of the SDKs and of curl: their versions, then what came of each case."""
    commands = (
        [sys.executable, "-m", f"{__package__}.python_clients"],
        [nodejs.find() or "node", str(_HERE / "javascript_clients.mjs")],
    )
    with ThreadPoolExecutor() as pool:
        return [
            *pool.map(lambda command: list(_sdk(command, url, cases, step)), commands),
            list(_curl(url, cases, step)),
        ]


def kept(before: Iterable[Run], measured: Iterable[Run]) -> list[Run]:
    """Runs of the same clients that were measured on other runtimes."""
    new = {run.key for run in measured}
    versions = {(run.client, run.version) for run in measured}
    return [r for r in before if r.key not in new and (r.client, r.version) in versions]


def _sdk(
    command: list[str], url: str, cases: list[Case], step: Callable[[], object]
) -> Iterator[Found]:
    """The output of a process of an SDK's clients: its versions, then its result for each case."""
    asked = [
        {"fault": one.fault, "url": one.base(url), "limit": one.limit, "guard": one.guard}
        for one in cases
    ]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        limit = Timer(_SECONDS, process.kill)
        limit.start()
        process.stdin.write(json.dumps(asked))
        process.stdin.close()
        for line in process.stdout:
            yield json.loads(line)
            step()
        limit.cancel()
    if process.returncode:
        raise RuntimeError(f"{command[-1]} ended with {process.returncode}")


def _curl(url: str, cases: list[Case], step: Callable[[], object]) -> Iterator[Found]:
    """The same of curl and jq."""
    versions = curl.versions()
    # Only a runtime of the same major version is compared.
    runtime = f"curl{versions['curl'].partition('.')[0]} {versions['jq']}"
    yield {"version": versions["curl"], "runtime": runtime}

    def one(job: tuple[int, Case]) -> Found:
        number, case = job
        found = curl.measure(case.base(url), f"curl-{number}", case)
        step()
        return found

    with ThreadPoolExecutor(_CURLS_AT_ONCE) as pool:
        yield from pool.map(one, enumerate(cases))


def _runs(url: str, versions: Found, told: list[Found], today: str) -> Iterator[Run]:
    texts = {case.fault: whole_text(case.scenario) for case in client_cases()}
    order = list(texts)
    with httpx2.Client(base_url=url) as site:
        for client in dict.fromkeys(found["client"] for found in told):
            of_it = [found for found in told if found["client"] == client]
            of_it.sort(key=lambda found: order.index(found["fault"]))
            assert [found["fault"] for found in of_it] == order, client
            key = (client, versions["version"], versions["runtime"])
            outcomes = tuple(
                _outcome(key, one, texts[one["fault"]], len(requests_of(site, one["key"])))
                for one in of_it
            )
            yield Run(*key, today, outcomes)


def requests_of(site: httpx2.Client, key: str) -> list[Found]:
    """The journal's entries of a key."""
    journal = site.get("/simulator/journal.json", headers={"x-api-key": key})
    requests: list[Found] = journal.raise_for_status().json()["requests"]
    return requests


def _outcome(key: tuple[str, str, str], found: Found, text: str, requests: int) -> Outcome:
    got = found["text"]
    nothing_missing = got == text and set(found["seen"]) >= _EVENTS and found["raised"] is None
    return Outcome(
        *key,
        fault=found["fault"],
        raised=found["raised"],
        cause=found["cause"],
        status=found["status"],
        type=found["type"],
        requests=requests,
        text_kept=len(got),
        complete=got == text,
        noticed=None if nothing_missing else found["raised"] is not None,
        time=found["time"],
    )
