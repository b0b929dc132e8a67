"""`make clients`: the newest releases of other people's clients on the faults that matter most.

They are installed in `build/clients`, beside nothing that the site uses. Each program of
`content/clients/` then runs on each fault, and `content/clients.json` is written again.
`python -m tools.clients litellm curl` measures only these, and prints instead of writing.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from streamguide.files import CONTENT
from streamguide.guide.clients import (
    Client,
    MeasuredClient,
    Measurement,
    Result,
    dumps,
    load_clients,
)
from tools import commands, nodejs
from tools.clients.install import NODE, PYTHON, install_newest
from tools.clients.runs import CASES, Case, Runs
from tools.faults.__main__ import Progress
from tools.faults.cases import SCENARIO
from tools.faults.clients import whole_text
from tools.process import Missing, run
from tools.server import running

FILE = CONTENT / "clients.json"
# Programs mostly wait; more at once would measure a slow machine.
_AT_ONCE = 4


def main(names: list[str]) -> None:
    """Install, measure, and write the file, or print what the clients of these names did."""
    started = time.monotonic()
    clients = load_clients(CONTENT / "clients.toml")
    chosen = [client for client in clients if not names or client.name in names]
    commands.ensure()
    node = nodejs.ensure()
    versions = install_newest(clients, node)
    measured = measure(chosen, versions, node)
    if names:
        for one in measured:
            print(one.client, *(json.dumps(asdict(result)) for result in one.results), sep="\n")
        return
    found = Measurement(
        datetime.now(UTC).date().isoformat(),
        {
            "Python": run((str(PYTHON), "--version"), seconds=20).output.split()[1],
            "Node.js": run((node, "--version"), seconds=20).output.strip().removeprefix("v"),
        },
        SCENARIO,
        len(whole_text()),
        tuple(measured),
    )
    FILE.write_text(dumps(found), encoding="utf-8")
    count = len(clients) * len(CASES)
    print(f"Wrote {count} results to {FILE.name} in {time.monotonic() - started:.0f} s")


def measure(
    clients: Iterable[Client], versions: dict[str, dict[str, str]], node: str
) -> list[MeasuredClient]:
    """What each client does on each case, against a site of its own."""
    clients = list(clients)
    progress = Progress(len(clients) * len(CASES), every=1)
    with (
        running() as server,
        # Node.js looks for packages in the folders above a program.
        TemporaryDirectory(dir=NODE) as folder,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        runs = Runs(server.url, Path(folder), node)
        # The cases that take longest first.
        pairs = [(client, case) for case in reversed(CASES) for client in clients]

        def one(pair: tuple[Client, Case]) -> Result:
            result = runs.one(*pair)
            progress.step()
            return result

        results = dict(zip(pairs, pool.map(one, pairs), strict=True))
    return [
        MeasuredClient(
            client.name, versions[client.name], tuple(results[client, case] for case in CASES)
        )
        for client in clients
    ]


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Missing as error:
        sys.exit(f"Missing: {error}.")
