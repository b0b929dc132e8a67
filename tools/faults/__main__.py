"""`make outcomes` and `make survival`: measure on every fault, and write the results.

`python -m tools.faults clients` runs the SDKs and curl. Runs of other runtimes stay in the file
as long as their client's version is the same.

`python -m tools.faults programs` runs every distinct program of the generator; of some languages
only, if it is followed by their names. `--fault drop` looks at one fault only and writes nothing.
An interrupted run continues where it stopped: a program's results are kept until its text changes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version

from streamguide.content import Content, load_content
from streamguide.files import CONTENT
from streamguide.generator import fault_matrix
from streamguide.generator.fault_matrix import BAD, FaultMatrix
from streamguide.generator.options import Options
from streamguide.generator.render import render
from streamguide.simulator import outcomes
from streamguide.simulator.outcomes import CLIENTS, Outcomes
from tools import commands, nodejs
from tools.faults import clients, curl
from tools.faults.cases import SCENARIO, Case, client_cases, program_cases
from tools.faults.programs import FOLDER, Judged, distinct, measuring, untouched
from tools.process import ROOT, run
from tools.server import running

OUTCOMES = CONTENT / "outcomes.json"
SURVIVAL = CONTENT / "survival.json"
_KEPT = FOLDER / "letters.txt"
_NODE_PACKAGES = ("@anthropic-ai/sdk", "undici", "express", "@hono/node-server", "hono")


def main() -> int:
    """Measure, and write the file again. 1 if a program is unclear or wrong on a fault."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("clients")
    programs = kinds.add_parser("programs")
    programs.add_argument("languages", nargs="*")
    programs.add_argument("--fault", action="append", default=[])
    asked = parser.parse_args()
    nodejs.ensure()
    commands.ensure()
    if asked.kind == "clients":
        return _measure_clients()
    return _measure_programs(asked.languages, asked.fault)


class Progress:
    """A bar on stderr, with the time that is left; drawn after every so many steps."""

    def __init__(self, count: int, every: int = 20) -> None:
        self._count = count
        self._every = every
        self._done = 0
        self._started = time.monotonic()

    def step(self) -> None:
        """One more is done."""
        self._done += 1
        if self._done % self._every and self._done < self._count:
            return
        filled = 30 * self._done // self._count
        left = (time.monotonic() - self._started) / self._done * (self._count - self._done)
        bar = "#" * filled + "." * (30 - filled)
        line = f"\r[{bar}] {self._done} of {self._count}, {left / 60:.0f} min left "
        print(line, end="" if self._done < self._count else "\n", file=sys.stderr, flush=True)


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _measure_clients() -> int:
    started = time.monotonic()
    progress = Progress(len(CLIENTS) * len(client_cases()))
    with running() as server:
        measured = clients.measure(server.url, _today(), progress.step)
    before = outcomes.load(OUTCOMES) if OUTCOMES.exists() else outcomes.NOTHING
    runs = (*measured, *clients.kept(before.runs, measured))
    found = Outcomes(_today(), SCENARIO, len(clients.whole_text()), runs)
    OUTCOMES.write_text(outcomes.dumps(found), encoding="utf-8")
    count = sum(len(run.outcomes) for run in measured)
    print(f"Wrote {count} outcomes to {OUTCOMES.name} in {time.monotonic() - started:.0f} s")
    return 0


def _measure_programs(languages: list[str], faults: list[str]) -> int:
    library = load_content()
    programs = {
        key: options
        for key, options in distinct(library.models).items()
        if not languages or options.language in languages
    }
    wanted = [case for case in program_cases() if not faults or case.name in faults]
    letters, bad = _letters(library, programs, wanted, known={} if faults else _known())
    if not faults:
        _write(library, letters, _silences(library, languages))
    print("\n".join(bad), file=sys.stderr)
    print(Counter("".join(letters.values())), f"{len(bad)} bad")
    return 1 if bad else 0


def _letters(
    library: Content, programs: Mapping[str, Options], wanted: list[Case], known: dict[str, str]
) -> tuple[dict[str, str], list[str]]:
    """The letters of each program, and the bad ones in words."""
    marks = {key: _mark(options, library) for key, options in programs.items()}
    pairs = [
        (key, case)
        for key in programs
        for case in wanted
        if f"{marks[key]} {case.fault}" not in known
    ]
    bad = []
    progress = Progress(len(pairs))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        running() as server,
        measuring(library, server.url) as measure,
        _KEPT.open("a", encoding="utf-8") as kept,
    ):
        for one in measure.all(programs, pairs):
            if one.letter in BAD:
                bad.append(_words(one))
            else:
                known[f"{marks[one.program]} {one.fault}"] = one.letter
                kept.write(f"{marks[one.program]} {one.fault} {one.letter}\n")
                kept.flush()
            progress.step()
    return {
        key: "".join(known.get(f"{marks[key]} {case.fault}", BAD[0]) for case in wanted)
        for key in programs
    }, bad


def _silences(library: Content, languages: list[str]) -> dict[str, float]:
    """When programs give up on silence by default; measured each time, in two minutes."""
    asked = untouched(library.models)
    with running() as server, measuring(library, server.url) as measure:
        return measure.silences({key: asked[key] for key in languages or asked})


def _mark(options: Options, library: Content) -> str:
    """Changes with the program's text."""
    text = render(options, library.models, library.table).text
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _words(one: Judged) -> str:
    told = one.ran.err.strip().splitlines()[-1:] or [""]
    return f"{one.program} | {one.fault} | {one.letter}: {one.why} | {told[0][:150]}"


def _known() -> dict[str, str]:
    """The letters of earlier runs, by a program's mark and a fault."""
    lines = _KEPT.read_text(encoding="utf-8").splitlines() if _KEPT.exists() else []
    return dict(line.rsplit(" ", 1) for line in lines)


def _write(library: Content, letters: Mapping[str, str], silences: Mapping[str, float]) -> None:
    before = fault_matrix.load(SURVIVAL)
    faults = tuple(case.fault for case in program_cases())
    kept = before.programs if before.faults == faults else {}
    merged = {key: {**kept, **letters}.get(key) for key in distinct(library.models)}
    found = FaultMatrix(
        _today(),
        versions(),
        faults,
        {key: text for key, text in merged.items() if text},
        {**before.silences, **silences},
    )
    SURVIVAL.write_text(fault_matrix.dumps(found), encoding="utf-8")


def versions() -> dict[str, str]:
    """The versions of the programs' runtimes and libraries, by the name that a page shows."""
    packages = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    shell = curl.versions()
    node = run((nodejs.find() or "node", "--version"), seconds=20)
    return {
        "Python": platform.python_version(),
        "anthropic": version("anthropic"),
        "Node.js": node.output.strip().removeprefix("v"),
        **{name: packages[name] for name in _NODE_PACKAGES},
        **{name: version(name) for name in ("flask", "fastapi", "uvicorn")},
        "curl": shell["curl"],
        "jq": shell["jq"].removeprefix("jq-"),
    }


if __name__ == "__main__":
    sys.exit(main())
