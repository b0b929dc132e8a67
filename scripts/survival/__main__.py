"""`make survival`: run every distinct program on every fault, and write down what became of it.

`python -m scripts.survival python curl` measures these languages only and keeps the others;
`--fault drop` looks at one fault only and writes nothing. An interrupted run goes on where it
stopped: what a program did is kept as long as its text is the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from scripts import commands, nodejs
from scripts.survival.cases import Case, cases
from scripts.survival.measure import FOLDER, Judged, measuring
from scripts.survival.programs import distinct, untouched
from scripts.survival.versions import versions
from streamguide.content import CONTENT, Content, load_content
from streamguide.generator.fault_matrix import BAD, FaultMatrix, dumps, load
from streamguide.generator.options import Options
from streamguide.generator.render import render
from tests.server import running

FILE = CONTENT / "survival.json"
_KEPT = FOLDER / "letters.json"


def main() -> int:
    """Measure, and write the file again. 1 if a program is unclear or wrong on a fault."""
    parser = argparse.ArgumentParser(prog="python -m scripts.survival")
    parser.add_argument("languages", nargs="*")
    parser.add_argument("--fault", action="append")
    asked = parser.parse_args()
    nodejs.ensure()
    commands.ensure()
    library = load_content()
    programs = {
        key: options
        for key, options in distinct(library.models).items()
        if not asked.languages or options.language in asked.languages
    }
    wanted = [case for case in cases() if not asked.fault or case.name in asked.fault]
    letters, bad = _measured(library, programs, wanted, known={} if asked.fault else _known())
    if not asked.fault:
        _write(library, letters, _silences(library, asked.languages))
    print("\n".join(bad), file=sys.stderr)
    print(Counter("".join(letters.values())), f"{len(bad)} bad")
    return 1 if bad else 0


def _measured(
    library: Content,
    programs: Mapping[str, Options],
    wanted: list[Case],
    known: dict[str, str],
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
    started = time.monotonic()
    with running() as server, measuring(library, server.url) as measure:
        for number, one in enumerate(measure.all(programs, pairs), 1):
            if one.letter in BAD:
                bad.append(_words(one))
            else:
                known[f"{marks[one.program]} {one.fault}"] = one.letter
            if number % 50 == 0 or number == len(pairs):
                _keep(known)
                _progress(number, len(pairs), time.monotonic() - started)
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
    if not _KEPT.exists():
        return {}
    read: dict[str, str] = json.loads(_KEPT.read_text(encoding="utf-8"))
    return read


def _keep(known: Mapping[str, str]) -> None:
    whole = Path(f"{_KEPT}.new")
    whole.write_text(json.dumps(dict(known)), encoding="utf-8")
    whole.replace(_KEPT)


def _progress(done: int, count: int, seconds: float) -> None:
    filled = 30 * done // count
    left = seconds / done * (count - done)
    bar = "#" * filled + "." * (30 - filled)
    print(f"\r[{bar}] {done} of {count}, {left / 60:.0f} min left ", end="", file=sys.stderr)
    if done == count:
        print(file=sys.stderr)


def _write(library: Content, letters: Mapping[str, str], silences: Mapping[str, float]) -> None:
    before = load(FILE)
    faults = tuple(case.fault for case in cases())
    kept = before.programs if before.faults == faults else {}
    merged = {key: {**kept, **letters}.get(key) for key in distinct(library.models)}
    today = datetime.now(UTC).date().isoformat()
    found = FaultMatrix(
        today,
        versions(),
        faults,
        {key: text for key, text in merged.items() if text},
        {**before.silences, **silences},
    )
    FILE.write_text(dumps(found), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
